# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tones of the bench are found again where they are, and only there."""

from pathlib import Path

import pytest

from measure.tones import beats_of, carried_khz, levels_of, write_beat, write_tones


def test_what_was_played_is_found_and_what_is_missing_is_missed(tmp_path: Path) -> None:
    file = tmp_path / "tones.wav"
    write_tones(file, (1000, 2000, 4000), 0.3)
    levels = levels_of(file, (1000, 2000, 3000, 4000))
    assert [round(levels[hz]) for hz in (1000, 2000, 4000)] == [0, 0, 0]
    assert levels[3000] < -20
    assert carried_khz(levels) == 2.0


def test_a_beat_is_found_at_each_second(tmp_path: Path) -> None:
    file = tmp_path / "beat.wav"
    write_beat(file, 4)
    # The first has no silence before it.
    assert beats_of(file) == pytest.approx([1, 2, 3], abs=0.006)

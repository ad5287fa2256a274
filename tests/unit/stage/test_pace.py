# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deadlines are stretched by how slow the machine is, and never without an end."""

import pytest

from stage import pace


@pytest.mark.parametrize(
    ("slow", "patience"), [(0.5, 3.0), (1.0, 3.0), (2.0, 6.0), (2.5, 7.5), (40.0, 12.0)]
)
def test_a_slower_machine_is_waited_for_longer(slow: float, patience: float) -> None:
    assert pace.patience(slow) == patience


def test_one_round_that_was_disturbed_says_nothing_of_the_machine(monkeypatch) -> None:
    slow = 2 * pace.USUAL_SECONDS
    rounds = iter((slow, slow, 9.0, slow, slow))
    monkeypatch.setattr(pace, "_round", lambda: next(rounds))
    assert pace.slowness() == pytest.approx(2.0)


def test_what_is_printed_is_a_number_that_the_stage_reads(capsys) -> None:
    pace.main()
    assert 3.0 <= float(capsys.readouterr().out) <= 12.0

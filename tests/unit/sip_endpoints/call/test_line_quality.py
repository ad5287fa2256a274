# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is told of a call's line: nothing where all is well, and no more often than it matters."""

import pytest

from sip_endpoints.call.line_quality import (
    LineQuality,
    ToldQuality,
    quality_received,
    quality_sent,
)
from sip_endpoints.call.line_words import RECEIVED, SENT, LineTeller

GOOD, COARSE = LineQuality.GOOD, LineQuality.COARSE


def told(course: list[LineQuality]) -> list[LineQuality]:
    """Give what is told at the end of each second."""
    quality = ToldQuality()
    found = []
    for second, seen in enumerate(course):
        quality.look(second, seen)
        found.append(quality.told)
    return found


@pytest.mark.parametrize(
    ("loss", "rung", "expected"),
    [
        (0.0, 0, "good"),
        (0.05, 2, "good"),
        (0.1, 0, "coarse"),
        (0.0, 4, "coarse"),
        (0.0, 5, "no_picture"),
        (0.2, 0, "broken"),
        (0.2, 5, "broken"),
    ],
)
def test_what_is_sent_is_judged_by_its_loss_and_its_rung(
    loss: float, rung: int, expected: str
) -> None:
    assert quality_sent(loss, rung, 5) == expected


@pytest.mark.parametrize(
    ("loss", "pictures", "had_pictures", "expected"),
    [
        (0.0, 20, True, "good"),
        (0.0, 0, False, "good"),
        (0.0, 0, True, "no_picture"),
        (0.0, 5, True, "coarse"),
        (0.1, 20, True, "coarse"),
        (0.2, 20, True, "broken"),
    ],
)
def test_what_comes_is_judged_and_no_camera_is_no_fault(
    loss: float, pictures: float, had_pictures: bool, expected: str
) -> None:
    found = quality_received(loss, pictures, had_pictures=had_pictures)
    assert found == expected


def test_a_bad_moment_is_told_to_nobody() -> None:
    assert set(told([GOOD] * 5 + [COARSE] * 5 + [GOOD] * 5)) == {GOOD}


def test_what_stays_bad_is_told_once_and_what_is_good_only_once_it_lasts() -> None:
    course = [COARSE] * 20 + [GOOD, COARSE] * 10 + [GOOD] * 20
    found = told(course)
    changes = [
        second for second in range(1, 60) if found[second] is not found[second - 1]
    ]
    assert len(changes) == 2
    assert found[19:41] == [COARSE] * 22
    assert found[-1] is GOOD


def test_a_counsellor_reads_each_change_with_advice() -> None:
    assert set(SENT) == set(RECEIVED) == set(LineQuality)
    teller = LineTeller()
    assert teller.news((GOOD, GOOD)) == []
    assert teller.news((GOOD, COARSE)) == [RECEIVED[COARSE]]
    assert teller.news((GOOD, COARSE)) == []
    assert teller.news(None) == []
    assert teller.news((GOOD, GOOD)) == []

# SPDX-License-Identifier: AGPL-3.0-or-later
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provisioning.server.repository.rings import TRIED_FOR, PilotNow, Trial, hindrances

PUBLISHED = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
NEXT_NIGHT = PUBLISHED + TRIED_FOR
TRIAL = Trial("0.3.0", PUBLISHED)
GREEN = PilotNow(
    "kiosk-wassigny",
    "0.3.0",
    tested_at=PUBLISHED + timedelta(hours=12),
    is_ok=True,
    is_silent=False,
)


def _why(pilot: PilotNow | None, now: datetime = NEXT_NIGHT) -> list[str]:
    heard = {GREEN.kiosk: pilot} if pilot else {}
    return hindrances(TRIAL, [GREEN.kiosk], heard, now)


def test_what_green_pilots_have_is_for_all() -> None:
    assert _why(GREEN) == []


@pytest.mark.parametrize(
    ("pilot", "said"),
    [
        (None, "kiosk-wassigny was never heard of"),
        (replace(GREEN, version="0.2.0"), "kiosk-wassigny has 0.2.0"),
        (replace(GREEN, version=""), "kiosk-wassigny has no version"),
        (
            replace(GREEN, tested_at=None),
            "kiosk-wassigny has not tested itself with it",
        ),
        (
            replace(GREEN, tested_at=PUBLISHED),
            "kiosk-wassigny has not tested itself with it",
        ),
        (replace(GREEN, is_ok=False), "the self-test of kiosk-wassigny is red"),
        (replace(GREEN, is_silent=True), "kiosk-wassigny is silent"),
    ],
)
def test_a_pilot_holds_a_version_back(pilot: PilotNow | None, said: str) -> None:
    assert _why(pilot) == [said]


def test_a_version_is_tried_for_a_day() -> None:
    assert _why(GREEN, PUBLISHED + timedelta(hours=13)) == [
        "it is tried for 7 more hours"
    ]


def test_without_pilots_nothing_goes_to_all_by_itself() -> None:
    [said] = hindrances(TRIAL, [], {}, NEXT_NIGHT)
    assert "no kiosk is a pilot" in said
    assert "--now" in said


def test_one_pilot_of_two_is_not_enough() -> None:
    heard = {GREEN.kiosk: GREEN}
    assert hindrances(TRIAL, [GREEN.kiosk, "kiosk-guise"], heard, NEXT_NIGHT) == [
        "kiosk-guise was never heard of"
    ]


def test_a_trial_is_read_as_it_was_written() -> None:
    assert Trial.from_json(TRIAL.as_json()) == TRIAL

# SPDX-License-Identifier: AGPL-3.0-or-later
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provisioning.server.repository.rings import (
    PilotNow,
    Rings,
    Trial,
    TriedUpdate,
    hindrances,
)

TRIED_FOR = timedelta(hours=20)
PUBLISHED = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
UPDATED = PUBLISHED + timedelta(hours=12)
NEXT_NIGHT = PUBLISHED + TRIED_FOR
TRIAL = Trial("0.3.0", PUBLISHED)
DONE = TriedUpdate("done", "0.3.0", UPDATED, "")
GREEN = PilotNow(
    "kiosk-wassigny",
    "0.3.0",
    tested_at=UPDATED - timedelta(seconds=1),
    begun_at=UPDATED - timedelta(seconds=1),
    is_ok=True,
    is_silent=False,
    update=DONE,
)
MORNING = replace(GREEN, tested_at=UPDATED + timedelta(hours=5))


def _why(pilot: PilotNow | None, now: datetime = NEXT_NIGHT) -> list[str]:
    heard = {GREEN.kiosk: pilot} if pilot else {}
    return hindrances(TRIAL, TRIED_FOR, [GREEN.kiosk], heard, now)


@pytest.mark.parametrize(
    "pilot",
    [
        GREEN,
        MORNING,
        # So long ago that its first self-test with it is not kept any more.
        replace(MORNING, begun_at=None),
        # By hand, with apt.
        replace(MORNING, update=None),
        # It took the version before back, once.
        replace(MORNING, update=TriedUpdate("rolled_back", "0.2.9", PUBLISHED, "x")),
    ],
)
def test_what_green_pilots_have_is_for_all(pilot: PilotNow) -> None:
    assert _why(pilot) == []


@pytest.mark.parametrize(
    ("pilot", "said"),
    [
        (None, "kiosk-wassigny was never heard of"),
        (replace(GREEN, version="0.2.0"), "kiosk-wassigny has 0.2.0"),
        (replace(GREEN, version=""), "kiosk-wassigny has no version"),
        (
            replace(GREEN, begun_at=None, tested_at=None),
            "kiosk-wassigny has not tested itself with it",
        ),
        (
            replace(GREEN, begun_at=PUBLISHED),
            "kiosk-wassigny has not tested itself with it",
        ),
        # It is being judged: the last self-test was asked for, with the version before.
        (
            replace(GREEN, begun_at=PUBLISHED - timedelta(days=30), update=None),
            "kiosk-wassigny has not tested itself with it",
        ),
        # So it is, and the version before was itself taken after this one's publication.
        (
            replace(GREEN, update=replace(DONE, version="0.2.9")),
            "kiosk-wassigny has not tested itself with it",
        ),
        (replace(GREEN, is_ok=False), "the self-test of kiosk-wassigny is red"),
        (replace(GREEN, is_silent=True), "kiosk-wassigny is silent"),
        (
            replace(GREEN, update=replace(DONE, state="rolled_back", cause="no_tone")),
            "kiosk-wassigny took back 0.3.0: no_tone",
        ),
        (
            replace(GREEN, update=replace(DONE, state="failed", cause="")),
            "kiosk-wassigny could not install 0.3.0",
        ),
    ],
)
def test_a_pilot_holds_a_version_back(pilot: PilotNow | None, said: str) -> None:
    assert _why(pilot) == [said]


def test_a_version_is_tried_for_a_day() -> None:
    assert _why(GREEN, PUBLISHED + timedelta(hours=13)) == [
        "it is tried for 7 more hours"
    ]


def test_without_pilots_nothing_goes_to_all_by_itself() -> None:
    [said] = hindrances(TRIAL, TRIED_FOR, [], {}, NEXT_NIGHT)
    assert "no kiosk is a pilot" in said
    assert "--now" in said


def test_one_pilot_of_two_is_not_enough() -> None:
    wanted = [GREEN.kiosk, "kiosk-guise"]
    assert hindrances(TRIAL, TRIED_FOR, wanted, {GREEN.kiosk: GREEN}, NEXT_NIGHT) == [
        "kiosk-guise was never heard of"
    ]


def test_rings_are_read_as_they_were_written() -> None:
    for rings in (Rings("0.3.0", "0.2.0", TRIAL), Rings()):
        assert Rings.from_json(rings.as_json()) == rings

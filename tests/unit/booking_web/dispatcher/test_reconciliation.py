# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of rules by which an appointment is put where Asterisk says it is."""

from datetime import UTC, datetime, timedelta

import pytest

from booking_web.dispatcher.call_id import CallId, parse_call
from booking_web.dispatcher.following.reconciliation import Findings, LiveCall, compare
from booking_web.dispatcher.manager.ami import Channel
from booking_web.tables.states import AppointmentState as S

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=5)
A_DAY_AGO = NOW - timedelta(days=1)
QUEUE_CALL, DIRECT_CALL = "gv-7-1", "gv-7-direct-1795.1"


def name(text: str) -> CallId:
    call = parse_call(text)
    assert call is not None
    return call


def live(state: S, text: str = QUEUE_CALL, since: datetime = LONG_AGO) -> LiveCall:
    return LiveCall(name(text), "kiosk-guise", state, since)


def channel(
    uniqueid: str,
    linkedid: str = QUEUE_CALL,
    endpoint: str = "kiosk-guise",
    *,
    is_up: bool = True,
    bridge: str = "",
    call: str = QUEUE_CALL,
) -> Channel:
    return Channel(
        uniqueid=uniqueid,
        linkedid=linkedid,
        name=f"PJSIP/{endpoint}-0000001f",
        is_up=is_up,
        application="Queue",
        bridge=bridge,
        variables={"GUICHET_CALL": call},
    )


RINGING = [channel(QUEUE_CALL, is_up=False)]
WAITING = [channel(QUEUE_CALL), channel("1.2", endpoint="counsellor-b", is_up=False)]
TALKING = [
    channel(QUEUE_CALL, bridge="b"),
    channel("1.2", endpoint="counsellor-b", bridge="b"),
]


def told(found: Findings) -> list[tuple[str, str, str]]:
    return [(fact.state, fact.reason, fact.counsellor) for fact in found.facts]


def compared(
    known: list[LiveCall],
    channels: list[Channel],
    outcome: str = "",
    started_at: datetime = A_DAY_AGO,
) -> Findings:
    remembered = {"kiosk-guise": outcome} if outcome else {}
    return compare(known, channels, remembered, started_at, NOW)


@pytest.mark.parametrize("state", [S.CALLING, S.QUEUED, S.IN_CALL])
@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (RINGING, ("calling", "", "")),
        (WAITING, ("queued", "", "")),
        (TALKING, ("in_call", "", "counsellor-b")),
    ],
)
def test_a_call_that_stands_is_where_its_channels_are(
    state: S, channels: list[Channel], expected: tuple[str, str, str]
) -> None:
    found = compared([live(state)], channels)
    assert told(found) == [expected]
    assert [progress.stage for progress in found.going_on] == [expected[0]]
    assert found.orphans == []


@pytest.mark.parametrize("state", [S.CALLING, S.QUEUED, S.IN_CALL])
@pytest.mark.parametrize(
    ("outcome", "started_at", "expected"),
    [
        ("gv-7-1|done", A_DAY_AGO, ("done", "", "")),
        ("gv-7-1|abandoned", A_DAY_AGO, ("abandoned", "queue_timeout", "")),
        ("gv-7-1|left", A_DAY_AGO, ("interrupted", "resident_left", "")),
        ("gv-7-1|broken", A_DAY_AGO, ("interrupted", "call_broken", "")),
        # It went on when Asterisk last wrote, and is gone: Asterisk died with it.
        ("gv-7-1|queued", A_DAY_AGO, ("interrupted", "asterisk_lost", "")),
        ("gv-7-1|in_call", NOW, ("interrupted", "asterisk_lost", "")),
        # Ended well before Asterisk was restarted.
        ("gv-7-1|done", NOW, ("done", "", "")),
        # Another call's outcome says nothing of this one.
        ("gv-6-1|done", A_DAY_AGO, ("interrupted", "dispatcher_lost", "")),
        ("gv-7-11|done", A_DAY_AGO, ("interrupted", "dispatcher_lost", "")),
        ("nonsense", A_DAY_AGO, ("interrupted", "dispatcher_lost", "")),
        ("", A_DAY_AGO, ("interrupted", "dispatcher_lost", "")),
        ("", NOW, ("interrupted", "asterisk_lost", "")),
    ],
)
def test_a_call_that_is_gone_ended_as_asterisk_remembers(
    state: S, outcome: str, started_at: datetime, expected: tuple[str, str, str]
) -> None:
    found = compared([live(state)], [], outcome, started_at)
    assert told(found) == [expected]
    assert not found.is_to_look_again


def test_an_intent_so_young_that_it_may_be_on_its_way_is_left_alone() -> None:
    found = compared([live(S.CALLING, since=NOW - timedelta(seconds=1))], [])
    assert found.facts == []
    assert found.is_to_look_again


def test_a_call_of_ours_without_appointment_on_the_line_is_an_orphan() -> None:
    found = compared([], TALKING)
    assert [call.text for call in found.orphans] == [QUEUE_CALL]


def test_a_call_that_is_not_ours_is_no_orphan() -> None:
    found = compared([], [channel("1.1", linkedid="1.1", call="")])
    assert (found.orphans, found.adopted, found.going_on) == ([], [], [])


def test_a_direct_call_that_began_unheard_is_adopted() -> None:
    channels = [
        channel("1795.1", "1795.1", "counsellor-b", bridge="b", call=DIRECT_CALL),
        channel("1795.2", "1795.1", bridge="b", call=DIRECT_CALL),
    ]
    found = compared([], channels)
    assert found.orphans == []
    assert [(f.call.text, f.state, f.counsellor) for f in found.adopted] == [
        (DIRECT_CALL, "in_call", "counsellor-b")
    ]


def test_a_counsellor_who_answered_is_not_taken_for_one_who_rings() -> None:
    channels = [
        channel(QUEUE_CALL, bridge="b"),
        channel("1.1", endpoint="counsellor-a", is_up=False),
        channel("1.2", endpoint="counsellor-b", bridge="b"),
    ]
    assert told(compared([live(S.QUEUED)], channels)) == [
        ("in_call", "", "counsellor-b")
    ]


def test_only_the_second_legs_left_over_are_not_a_call() -> None:
    # The kiosk's own channel is gone: what is left ends by itself.
    left_over = [channel("1.2", endpoint="counsellor-b")]
    found = compared([live(S.IN_CALL)], left_over, "gv-7-1|done")
    assert told(found) == [("done", "", "")]

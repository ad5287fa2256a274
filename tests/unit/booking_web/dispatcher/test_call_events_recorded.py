# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events recorded from a real Asterisk 22.10.1, and what each call means."""

from pathlib import Path

import pytest

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import (
    CallFact,
    Meaning,
    OutcomeUnknown,
)
from booking_web.dispatcher.following.call_tracker import CallTracker
from booking_web.dispatcher.manager.ami import AmiEvent
from booking_web.tables.states import AppointmentState as S

TRACES = Path(__file__).parents[3] / "fixtures" / "ami"


def recorded(name: str) -> list[AmiEvent]:
    events = []
    for block in (TRACES / f"{name}.txt").read_text().split("\n\n"):
        pairs = (line.partition(": ") for line in block.splitlines())
        fields = {key: value for key, _, value in pairs if key != "ChanVariable"}
        events.append(AmiEvent(fields["Event"], fields))
    return events


def heard(events: list[AmiEvent]) -> list[Meaning]:
    tracker = CallTracker()
    meanings = (tracker.hear(event) for event in events)
    return [meaning for meaning in meanings if meaning is not None]


def told(meaning: Meaning) -> tuple[str, ...]:
    if isinstance(meaning, OutcomeUnknown):
        return ("outcome unknown", meaning.kiosk)
    return tuple(
        part for part in (meaning.state, meaning.reason, meaning.counsellor) if part
    )


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ("kiosk_not_registered", [("unreachable", "kiosk_offline")]),
        ("kiosk_dead", [("unreachable", "kiosk_silent")]),
        ("kiosk_rings_unanswered", [("unreachable", "kiosk_silent")]),
        ("kiosk_busy", [("unreachable", "kiosk_busy")]),
        ("kiosk_declines", [("unreachable", "kiosk_refused")]),
        ("no_counsellor_in_time", [("queued",), ("outcome unknown", "kiosk-2")]),
        ("kiosk_leaves_queue", [("queued",), ("outcome unknown", "kiosk-106")]),
        ("hung_up_while_queued", [("queued",), ("outcome unknown", "kiosk-3")]),
        ("kiosk_leaves_call", [("queued",), ("in_call", "counsellor-1"), ("done",)]),
        (
            "counsellor_hangs_up",
            [("queued",), ("in_call", "counsellor-msa-1"), ("done",)],
        ),
        (
            "direct_call",
            [
                ("calling", "counsellor-msa-1"),
                ("in_call", "counsellor-msa-1"),
                ("done",),
            ],
        ),
        (
            "direct_call_kiosk_off",
            [("calling", "counsellor-msa-1"), ("unreachable", "kiosk_offline")],
        ),
        ("hung_up_in_call", [("queued",), ("in_call", "counsellor-1"), ("done",)]),
        (
            "media_lost",
            [
                ("queued",),
                ("in_call", "counsellor-1"),
                ("interrupted", "call_broken"),
            ],
        ),
        (
            "handed_to_colleague",
            [
                ("queued",),
                ("in_call", "counsellor-msa-1"),
                ("queued",),
                ("in_call", "counsellor-msa-2"),
                ("done",),
            ],
        ),
        (
            "handed_over_comes_back",
            [
                ("queued",),
                ("in_call", "counsellor-msa-1"),
                ("queued",),
                ("in_call", "counsellor-msa-1"),
                ("done",),
            ],
        ),
        (
            "handed_to_other_queue",
            [
                ("queued",),
                ("in_call", "counsellor-msa-1"),
                ("queued",),
                ("in_call", "counsellor-mission-locale-thierache-1"),
                ("done",),
            ],
        ),
    ],
)
def test_a_recorded_call_means(trace: str, expected: list[tuple[str, ...]]) -> None:
    assert [told(meaning) for meaning in heard(recorded(trace))] == expected


@pytest.mark.parametrize("trace", sorted(path.stem for path in TRACES.glob("*.txt")))
def test_the_events_of_a_call_told_once_more_mean_nothing(trace: str) -> None:
    events = recorded(trace)
    assert heard(events + events) == heard(events)


def test_two_calls_whose_events_are_mixed_keep_apart() -> None:
    first, second = recorded("kiosk_leaves_call"), recorded("kiosk_busy")
    mixed = [event for pair in zip(second, first) for event in pair]
    rest = first[len(second) :]
    by_call: dict[str, list[tuple[str, ...]]] = {}
    for meaning in heard(mixed + rest):
        by_call.setdefault(meaning.call.text, []).append(told(meaning))
    assert by_call == {
        "gv-9-1": [("queued",), ("in_call", "counsellor-1"), ("done",)],
        "gv-5-1": [("unreachable", "kiosk_busy")],
    }


def test_calls_that_are_not_ours_mean_nothing() -> None:
    strange = [
        AmiEvent(e.name, {k: v.replace("gv-", "xx-") for k, v in e.fields.items()})
        for e in recorded("kiosk_leaves_call")
    ]
    assert heard(strange) == []


def direct(name: str, **fields: str) -> AmiEvent:
    return AmiEvent(name, {"Linkedid": "1795.7", **fields})


DIRECT_CALL = parse_call("gv-12-direct-1795.7")
BEGINNING = direct(
    "UserEvent",
    UserEvent="GuichetDirectCall",
    Uniqueid="1795.7",
    Appointment="12",
    Kiosk="kiosk-guise",
    Counsellor="counsellor-msa-1",
    Call="gv-12-direct-1795.7",
)
OVER = direct(
    "Hangup", Uniqueid="1795.7", Channel="PJSIP/counsellor-msa-1-7", Cause="16"
)


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("BUSY", S.UNREACHABLE, "kiosk_busy"),
        ("NOANSWER", S.UNREACHABLE, "kiosk_silent"),
        ("CANCEL", S.UNREACHABLE, "kiosk_silent"),
        ("CONGESTION", S.UNREACHABLE, "kiosk_refused"),
        ("CHANUNAVAIL", S.UNREACHABLE, "kiosk_offline"),
    ],
)
def test_a_direct_call_that_the_kiosk_does_not_take_says_why(
    status: str, state: S, reason: str
) -> None:
    assert DIRECT_CALL is not None
    assert heard([BEGINNING, direct("DialEnd", DialStatus=status), OVER]) == [
        CallFact(DIRECT_CALL, S.CALLING, counsellor="counsellor-msa-1"),
        CallFact(DIRECT_CALL, state, reason),
    ]


def test_a_direct_call_to_a_kiosk_without_contact_is_offline() -> None:
    assert told(heard([BEGINNING, OVER])[-1]) == ("unreachable", "kiosk_offline")


def test_a_direct_call_whose_kiosk_goes_silent_is_broken() -> None:
    events = [
        BEGINNING,
        direct("DialEnd", DialStatus="ANSWER"),
        direct("Hangup", Uniqueid="1795.8", Channel="PJSIP/kiosk-guise-8", Cause="44"),
        OVER,
    ]
    assert [told(meaning) for meaning in heard(events)] == [
        ("calling", "counsellor-msa-1"),
        ("in_call", "counsellor-msa-1"),
        ("interrupted", "call_broken"),
    ]


def test_a_member_who_does_not_answer_breaks_nothing() -> None:
    events = recorded("kiosk_leaves_call")
    joined = next(n for n, e in enumerate(events) if e.name == "QueueCallerJoin")
    deaf = AmiEvent(
        "Hangup",
        {
            "Linkedid": "gv-9-1",
            "Uniqueid": "1795.9",
            "Channel": "PJSIP/counsellor-2-00000009",
            "Cause": "38",
        },
    )
    events.insert(joined + 1, deaf)
    assert told(heard(events)[-1]) == ("done",)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is called now, and who is not."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.placing.claims import BATCH, Claim, look_ahead, take_claims
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.tables.appointment import Appointment, JournalEntry, LiveEvent, Period
from booking_web.tables.states import AppointmentState as S
from booking_web.words.appointments import REASONS
from provisioning.database.engine import Database
from stage.appointments import put_appointment

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AT_THE_HOUR = Keeping(calls_at_the_hour=True)


def claim(
    database: Database, now: datetime = NOW, keeping: Keeping = Keeping()
) -> list[Claim]:
    with database.write() as session:
        return take_claims(session, now, keeping)


def called(
    database: Database, now: datetime = NOW, keeping: Keeping = Keeping()
) -> list[int]:
    return [claimed.appointment_id for claimed in claim(database, now, keeping)]


def put(database: Database, kiosk: str = "kiosk-1", **values: object) -> int:
    values.setdefault("starts_at", NOW)
    with database.write() as session:
        return put_appointment(session, kiosk, "msa", **values)  # type: ignore[arg-type]


def test_nobody_is_called_who_is_not_marked_as_arrived(database: Database) -> None:
    put(database, state=S.BOOKED)
    here = put(database, "kiosk-2")
    assert called(database) == [here]
    with database.read() as session:
        assert look_ahead(session, NOW - MINUTE).next_due_at is None


def test_a_site_that_calls_at_the_hour_goes_from_booked_to_calling_and_tells_each_step(
    database: Database,
) -> None:
    appointment = put(database, state=S.BOOKED)
    with database.read() as session:
        before = look_ahead(session, NOW - MINUTE, AT_THE_HOUR)
    assert before.next_due_at == NOW
    (claimed,) = claim(database, NOW, AT_THE_HOUR)
    assert (claimed.call, claimed.kiosk, claimed.organisation) == (
        f"gv-{appointment}-1",
        "kiosk-1",
        "msa",
    )
    assert (claimed.relay_name, claimed.queue_seconds) == ("Relais de Guise", 300)
    with database.read() as session:
        found = session.get_one(Appointment, appointment)
        assert (found.state, found.call, found.attempt) == (
            S.CALLING,
            f"gv-{appointment}-1",
            1,
        )
        journal = session.scalars(select(JournalEntry.detail)).all()
        assert journal == [
            "booked -> arrived presumed_at_the_hour",
            "arrived -> calling",
        ]
        assert len(session.scalars(select(LiveEvent)).all()) == 2
        periods = session.scalars(select(Period).order_by(Period.id)).all()
        assert [(p.kind, p.started_at, p.ended_at) for p in periods] == [
            ("waiting", NOW, NOW),
            ("ringing", NOW, None),
        ]


@pytest.mark.parametrize(
    ("now", "is_called"),
    [
        (NOW - timedelta(microseconds=1), False),
        (NOW, True),
        (NOW + 29 * MINUTE, True),
        (NOW + 30 * MINUTE, False),
    ],
)
@pytest.mark.parametrize("state", [S.BOOKED, S.ARRIVED])
def test_an_appointment_is_called_within_its_hours(
    database: Database, state: S, now: datetime, is_called: bool
) -> None:
    appointment = put(database, state=state)
    assert called(database, now, AT_THE_HOUR) == ([appointment] if is_called else [])


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_requested_call_is_made_whatever_the_hour(
    database: Database, hours: int
) -> None:
    start = NOW + timedelta(hours=hours)
    appointment = put(
        database, starts_at=start, state=S.ARRIVED, call_is_requested=True
    )
    assert called(database) == [appointment]
    with database.read() as session:
        assert session.get_one(Appointment, appointment).call_requested_at is None


@pytest.mark.parametrize(
    "state",
    [
        S.CALLING,
        S.QUEUED,
        S.IN_CALL,
        S.DONE,
        S.CANCELLED,
        S.NO_SHOW,
        S.UNREACHABLE,
        S.ABANDONED,
        S.INTERRUPTED,
    ],
)
def test_only_who_waits_is_called(database: Database, state: S) -> None:
    put(database, state=state)
    assert called(database) == []


@pytest.mark.parametrize("state", [S.CALLING, S.QUEUED, S.IN_CALL])
def test_nobody_is_called_at_a_kiosk_that_is_on_the_line(
    database: Database, state: S
) -> None:
    put(database, state=state, starts_at=NOW - 30 * MINUTE)
    put(database)
    elsewhere = put(database, "kiosk-2")
    assert called(database) == [elsewhere]


def test_of_two_due_at_one_kiosk_the_second_waits_for_the_end_of_the_first(
    database: Database,
) -> None:
    second = put(database, starts_at=NOW)
    first = put(database, starts_at=NOW - 5 * MINUTE)
    assert called(database) == [first]
    assert called(database) == []
    with database.write() as session:
        session.get_one(Appointment, first).state = S.UNREACHABLE
    assert called(database) == [second]


def test_who_waits_longest_is_called_first(database: Database) -> None:
    kiosks = ["kiosk-1", "kiosk-2", "kiosk-3"]
    late = [
        put(database, kiosk, starts_at=NOW - ago * MINUTE)
        for kiosk, ago in zip(kiosks, (1, 3, 2))
    ]
    assert called(database) == [late[1], late[2], late[0]]


def test_each_attempt_is_a_call_of_its_own(database: Database) -> None:
    appointment = put(database)
    claim(database)
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        found.state, found.call_requested_at = S.ARRIVED, NOW
        found.hangup_requested_at = NOW
    (claimed,) = claim(database)
    assert claimed.call == f"gv-{appointment}-2"
    with database.read() as session:
        assert session.get_one(Appointment, appointment).hangup_requested_at is None


def test_a_crowd_at_one_kiosk_does_not_hide_the_others(database: Database) -> None:
    for _ in range(BATCH + 5):
        put(database, starts_at=NOW - MINUTE)
    elsewhere = put(database, "kiosk-2")
    first, second = called(database), called(database)
    assert len(first) == 1
    assert second == [elsewhere]


def test_the_outlook_names_the_next_hour_and_the_calls_to_end(
    database: Database,
) -> None:
    put(database, "kiosk-1", starts_at=NOW + 20 * MINUTE)
    put(database, "kiosk-2", starts_at=NOW + 10 * MINUTE, state=S.ARRIVED)
    put(database, "kiosk-3", starts_at=NOW + 5 * MINUTE, state=S.CANCELLED)
    due = put(database, "kiosk-3")
    claim(database)
    with database.write() as session:
        session.get_one(Appointment, due).hangup_requested_at = NOW
    with database.read() as session:
        outlook = look_ahead(session, NOW)
    assert outlook.hangups == [f"gv-{due}-1"]
    assert outlook.next_due_at == NOW + 10 * MINUTE


def test_nothing_to_do_is_an_empty_outlook(database: Database) -> None:
    assert called(database) == []
    with database.read() as session:
        outlook = look_ahead(session, NOW)
    assert (outlook.hangups, outlook.next_due_at) == ([], None)


def test_beyond_what_the_server_carries_nobody_is_sent_to_a_kiosk(
    database: Database,
) -> None:
    going_on = put(database, "kiosk-1", state=S.IN_CALL)
    second, third = put(database, "kiosk-2"), put(database, "kiosk-3")
    with database.write() as session:
        claims = take_claims(session, NOW, calls_at_once=2)
    assert [claimed.appointment_id for claimed in claims] == [second]
    with database.read() as session:
        told = {
            number: session.get_one(Appointment, number)
            for number in (going_on, second, third)
        }
        assert [(a.state, a.state_reason) for a in told.values()] == [
            (S.IN_CALL, ""),
            (S.CALLING, ""),
            (S.INTERRUPTED, "server_full"),
        ]
    # It is not called again by itself, and a click calls it once there is a place.
    with database.write() as session:
        assert take_claims(session, NOW, calls_at_once=2) == []
        session.get_one(Appointment, going_on).state = S.DONE
        waiting = session.get_one(Appointment, third)
        waiting.state, waiting.call_requested_at = S.ARRIVED, NOW
    with database.write() as session:
        (claimed,) = take_claims(session, NOW, calls_at_once=2)
        assert claimed.appointment_id == third


def test_the_sentence_of_a_full_server_clears_the_kiosk() -> None:
    sentence = str(REASONS["server_full"])
    assert "Le serveur" in sentence and "La borne n'y est pour rien" in sentence

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each change is told once, to those whom it concerns, and to nobody after the end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.domain.journal.live_events import (
    Change,
    Cursor,
    changes_of,
    changes_since,
    last_event_id,
)
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.domain.kiosks.screen_row import row_of_call
from booking_web.domain.rights.hearing import Hearing
from booking_web.live_server.clock import Clock
from booking_web.live_server.hub import (
    STREAMS_PER_READER,
    WAITING_AT_MOST,
    Hub,
    TooManyStreams,
    written,
)
from booking_web.live_server.readers import Reader
from booking_web.tables.appointment import Appointment
from booking_web.tables.live_kind import Kind
from booking_web.tables.states import AppointmentState
from tests.factories.orders import an_order

SECRETARY = Reader("user:1", Hearing(frozenset({1}), relay_id=1))
ADMINISTRATOR = Reader("user:2", Hearing())
COUNSELLOR = Reader("user:3", Hearing(organisation_id=7))
KIOSK = Reader("kiosk:1", Hearing(frozenset({1})))


@pytest.fixture
def appointments(database, now) -> list[int]:
    """Book one appointment at each of the two kiosks."""
    with database.write() as session:
        requests = [
            an_order(token=relay, relay=relay, starts_at=now.replace(hour=12))
            for relay in ("wassigny", "guise")
        ]
        return [book(session, each, now).appointment.id for each in requests]


def change(database, appointment_id, now):
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        tell_pages(session, News.LINE_WENT_ON, appointment, now)


OF_NO_APPOINTMENT = {"kiosk_id": None, "appointment_id": None}


def news(**values) -> Change:
    """Give a change at kiosk 5 of organisation 8, booked by the town hall 6."""
    usual = {
        "id": 1,
        "kiosk_id": 5,
        "appointment_id": 9,
        "state": AppointmentState.ARRIVED,
        "at": datetime.now(UTC),
        "organisation_id": 8,
        "booked_at": 6,
    }
    return Change(**usual | values)


@pytest.mark.parametrize(
    ("values", "readers"),
    [
        ({}, []),
        ({"kiosk_id": 1}, [SECRETARY, KIOSK]),
        ({"booked_at": 1}, [SECRETARY]),
        ({"organisation_id": 7}, [COUNSELLOR]),
        (
            OF_NO_APPOINTMENT | {"organisation_id": None, "kind": Kind.READINESS},
            [ADMINISTRATOR, SECRETARY, COUNSELLOR],
        ),
        # Whether a counsellor is available: their own organisation's pages, and the desks.
        (
            OF_NO_APPOINTMENT | {"organisation_id": 7, "kind": Kind.DUTY},
            [SECRETARY, COUNSELLOR],
        ),
        (
            OF_NO_APPOINTMENT | {"organisation_id": 8, "kind": Kind.DUTY},
            [SECRETARY],
        ),
    ],
)
def test_a_change_is_told_to_those_whom_it_concerns(values, readers) -> None:
    heard = [
        reader
        for reader in (ADMINISTRATOR, SECRETARY, COUNSELLOR, KIOSK)
        if reader.hears(news(**values))
    ]
    assert sorted(each.name for each in heard) == sorted(each.name for each in readers)


def test_each_change_is_read_once(database, appointments, now) -> None:
    cursor = Cursor(database)
    cursor.start()
    assert cursor.advance() == []
    for appointment_id in appointments * 2:
        change(database, appointment_id, now)
    seen = cursor.advance()
    assert [each.appointment_id for each in seen] == appointments * 2
    assert {each.booked_at for each in seen} == {1}
    assert cursor.advance() == []


def test_a_page_that_was_away_is_told_what_it_missed(
    database, appointments, now
) -> None:
    with database.read() as session:
        before = last_event_id(session)
    change(database, appointments[1], now)
    with database.read() as session:
        missed = changes_since(session, before)
        assert [each.appointment_id for each in missed] == [appointments[1]]
        assert changes_of(session, [missed[0].id, 10**6]) == missed
        assert changes_since(session, last_event_id(session)) == []


def test_a_change_is_one_number_and_four_words_on_the_wire() -> None:
    assert written(news(id=12)) == b"id: 12\ndata: appointment 9 5 arrived\n\n"
    of_all = news(kiosk_id=None, appointment_id=None, state=None, kind=Kind.READINESS)
    assert written(of_all) == b"id: 1\ndata: readiness - - -\n\n"


def test_what_the_clock_alone_changes_is_told_once(database, appointments, now) -> None:
    clock = Clock(database, Keeping())
    assert clock.advance(now) == []
    noon = now.replace(hour=12)
    assert clock.advance(noon - timedelta(seconds=1)) == []
    begun = clock.advance(noon)
    assert [(each.kind, each.id) for each in begun] == [(Kind.CLOCK, 0)] * 2
    assert [each.appointment_id for each in begun] == appointments
    assert written(begun[0]) == b"data: clock 1 1 booked\n\n"
    assert clock.advance(noon + timedelta(minutes=1)) == []
    let_go = clock.advance(noon + Keeping().for_arrival + timedelta(seconds=1))
    assert [each.appointment_id for each in let_go] == appointments


def test_a_second_screen_that_falls_silent_is_told_of_once(
    database, appointments, now
) -> None:
    clock = Clock(database, Keeping())
    called = appointments[0]
    with database.write() as session:
        appointment = session.get_one(Appointment, called)
        appointment.state = AppointmentState.IN_CALL
        appointment.state_since = now
    assert clock.advance(now) == []

    def told(seconds: float) -> list[int | None]:
        at = now + timedelta(seconds=seconds)
        return [each.appointment_id for each in clock.advance(at)]

    def say(seconds: float, is_seen: bool) -> None:
        at = now + timedelta(seconds=seconds)
        with database.write() as session:
            appointment = session.get_one(Appointment, called)
            line = row_of_call(session, appointment)
            line.told_at, line.seen_at = at, at if is_seen else line.seen_at

    # It has never said anything; then it does, and people see what is shown.
    assert told(3) == [] and told(5) == [called] and told(6) == []
    say(6, is_seen=True)
    assert told(6.1) == [called] and told(9) == []
    # It goes on saying that it is seen, but shows the sheet no more.
    say(9, is_seen=False)
    assert told(10) == [called] and told(12) == []
    assert told(13) == [called] and told(60) == []


def test_a_stream_brings_what_concerns_its_reader_and_ends() -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        stream = hub.open(SECRETARY, lambda: SECRETARY)
        hub.tell([news(), news(id=2, kiosk_id=1)])
        brought = [await stream.take()]
        hub.tell([news(id=3, kiosk_id=1)])
        hub.end_all()
        brought += [await stream.take(), await stream.take()]
        hub.close(stream)
        hub.close(stream)
        assert hub.streams == set()
        return brought

    assert asyncio.run(story()) == [
        b"id: 2\ndata: appointment 9 1 arrived\n\n",
        b"id: 3\ndata: appointment 9 1 arrived\n\n",
        b"",
    ]


def test_a_browser_that_takes_nothing_is_put_out() -> None:
    async def story() -> bool:
        hub = Hub()
        stream = hub.open(SECRETARY, lambda: SECRETARY)
        hub.tell([news(kiosk_id=1)] * (WAITING_AT_MOST + 1))
        return stream.is_over

    assert asyncio.run(story())


def test_one_reader_has_only_so_many_streams() -> None:
    async def story() -> None:
        hub = Hub()
        opened = [
            hub.open(SECRETARY, lambda: SECRETARY) for _ in range(STREAMS_PER_READER)
        ]
        with pytest.raises(TooManyStreams):
            hub.open(SECRETARY, lambda: SECRETARY)
        hub.open(ADMINISTRATOR, lambda: ADMINISTRATOR)
        hub.close(opened.pop())
        hub.open(SECRETARY, lambda: SECRETARY)

    asyncio.run(story())

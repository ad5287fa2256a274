# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line and a moved appointment, on SQLite and on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.line.estimate import place_in_line
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.kiosks.help import answer_help, ask_for_help
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import Presence
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk
from tests.factories.orders import an_order

NOW = datetime(2026, 11, 24, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def request(name: str, starts_at: datetime | None = None) -> BookingOrder:
    return an_order(token=name, resident_name=name, starts_at=starts_at)


def test_who_waits_is_called_once_the_booked_one_is_moved_away(either_ground) -> None:
    database = Database(either_ground.url)
    try:
        with database.write() as session:
            booked = book(session, request("M. Un", NOW), NOW).appointment.id
            for name in ("Mme Deux", "M. Trois"):
                order = request(name)
                join_line(session, order, asked_for(session, order), NOW)
        with database.write() as session:
            assert call_from_lines(session, "dispatcher", NOW) == 0
            acts.reschedule(
                session,
                session.get_one(Appointment, booked, with_for_update=True),
                starts_at=NOW + 3 * HOUR,
                actor="user:1",
                now=NOW,
                hours=Hours.AGREED,
            )
        with database.write() as session:
            assert call_from_lines(session, "dispatcher", NOW) == 1
        with database.read() as session:
            waiting = session.scalars(select(Appointment).where(Appointment.in_line))
            assert [each.resident_name for each in waiting] == ["M. Trois"]
            assert place_in_line(session, 1, NOW).wait is None
    finally:
        database.dispose()


def test_presence_and_help_are_kept(either_ground) -> None:
    database = Database(either_ground.url)
    try:
        with database.write() as session:
            write_presence(
                session, {"kiosk-wassigny": Presence.READY}, {}, NOW, is_all=True
            )
            kiosk_id = session.scalars(select(Kiosk.id)).first()
            assert kiosk_id is not None
            asked = ask_for_help(session, kiosk_id, NOW)
            assert asked is not None
            assert ask_for_help(session, kiosk_id, NOW) is asked
            assert answer_help(session, asked, 1, NOW)
            assert ask_for_help(session, kiosk_id, NOW) is None
    finally:
        database.dispose()

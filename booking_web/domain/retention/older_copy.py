# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done to an older copy of the database before anybody meets it again.

Between the copy and now things happened that the copy does not know: numbers were given, people
signed in, residents came and went. Nothing that was told then may come to mean something else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.journal.entries import write_down
from booking_web.tables.appointment import Appointment, LiveEvent, Resident
from booking_web.tables.documents import ScanUpload
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import Message, ReminderCall
from booking_web.tables.password_links import PasswordLink
from booking_web.tables.second_factors import HalfSignIn
from booking_web.tables.states import OVER, AppointmentState
from booking_web.tables.web_sessions import WebSession
from provisioning.database.access import KioskEnrolment
from provisioning.database.models import SoftphoneLink

ACTOR = "restore"
# Numbers go on with the seconds since then: also where the same copy comes back twice, and a
# site gives fewer than one a second. A column of 32 bits has room until 2093.
NUMBERS_COUNT_FROM = datetime(2025, 1, 1, tzinfo=UTC)
# More than anybody moves an appointment.
CHANGES_LEFT_OUT = 1000


@dataclass(frozen=True)
class Settled:
    """What was done."""

    next_appointment: int
    sign_ins_ended: int
    no_longer_arrived: int


def settle_older_copy(session: Session, copied_at: datetime, now: datetime) -> Settled:
    """Make a copy of `copied_at` fit to go on from; once is enough, twice does no harm."""
    next_appointment = _leave_numbers_out(session, Appointment, now)
    _leave_numbers_out(session, LiveEvent, now)
    # An erasure that the copy does not know is done again by its number.
    _leave_numbers_out(session, Resident, now)
    _leave_changes_out(session)
    # Who was signed out, moved or closed since must not be in again.
    signed_in = session.execute(delete(WebSession))
    # They may have been used since.
    for once in (PasswordLink, HalfSignIn, KioskEnrolment, SoftphoneLink):
        session.execute(delete(once))
    # The kiosks have the whole of them.
    session.execute(delete(ScanUpload).where(ScanUpload.document_id.is_(None)))
    session.execute(
        update(Appointment)
        .where(
            or_(
                Appointment.call_requested_at.is_not(None),
                Appointment.hangup_requested_at.is_not(None),
            )
        )
        .values(call_requested_at=None, hangup_requested_at=None)
    )
    arrived = _expect_nobody(session, now)
    write_down(
        session,
        Act.COPY_PUT_BACK,
        actor=ACTOR,
        at=now,
        detail=f"of {copied_at.isoformat(timespec='seconds')}",
    )
    return Settled(
        next_appointment,
        signed_in.rowcount,  # type: ignore[attr-defined]
        arrived,
    )


def _leave_numbers_out(
    session: Session,
    table: type[Appointment] | type[LiveEvent] | type[Resident],
    now: datetime,
) -> int:
    """Have the next row get a number that no row ever had; give that number."""
    name = table.__tablename__
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    last = session.scalar(select(func.max(table.id))) or 0
    question = (
        "SELECT seq FROM sqlite_sequence WHERE name = :name"
        if is_sqlite
        else "SELECT last_value FROM pg_sequences"
        " WHERE format('%I.%I', schemaname, sequencename)::regclass"
        " = pg_get_serial_sequence(:name, 'id')::regclass"
    )
    last = max(last, session.scalar(text(question), {"name": name}) or 0)
    seconds = int((now - NUMBERS_COUNT_FROM).total_seconds())
    following = max(last + 1, seconds)
    values = {"name": name, "number": following - 1}
    if is_sqlite:
        session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        session.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"),
            values,
        )
    else:
        session.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)"), values
        )
    return following


def _leave_changes_out(session: Session) -> None:
    """Have calendars take what is told from now on for newer than all they were told."""
    to_come = select(Appointment.id).where(Appointment.state.not_in(OVER))
    for told in (Message, ReminderCall):
        session.execute(
            update(told)
            .where(told.appointment_id.in_(to_come))
            .values(sequence=told.sequence + CHANGES_LEFT_OUT)
        )
    session.execute(
        update(Appointment)
        .where(Appointment.state.not_in(OVER))
        .values(sequence=Appointment.sequence + CHANGES_LEFT_OUT)
    )


def _expect_nobody(session: Session, now: datetime) -> int:
    """Have nobody called before a secretary says again who is there."""
    arrived = session.scalars(
        select(Appointment).where(Appointment.state == AppointmentState.ARRIVED)
    ).all()
    for appointment in arrived:
        move(session, appointment, AppointmentState.BOOKED, actor=ACTOR, at=now)
    return len(arrived)

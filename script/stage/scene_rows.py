# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands in a stage's database for a scene: appointments, hours, a page to be signed."""

import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.forms import Draft
from booking_web.tables.hours import Opening
from booking_web.tables.printed_forms import PrintedForm
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counter

SLOT = timedelta(minutes=5)
ACTOR = "user:1"
RESIDENT = "Mme Zoé Lefèvre"


def close_until_tomorrow(session: Session, now: datetime) -> None:
    """Publish hours of every counter that begin tomorrow at nine."""
    for counter_id in session.scalars(select(Counter.id)).all():
        session.add(
            Opening(
                counter_id=counter_id,
                first_day=now.date() + timedelta(days=1),
                weekdays=127,
                opens_minute=540,
                closes_minute=720,
            )
        )


def book_at(session: Session, about: datetime, now: datetime) -> int:
    """Book an appointment with the MSA at Wassigny at the next slot after this hour."""
    past = timedelta(minutes=about.minute % 5, seconds=about.second)
    starts_at = about.replace(microsecond=0) - past + SLOT
    return _book(session, starts_at, now)


def book_now(session: Session, now: datetime) -> int:
    """Book one at once: its resident is there, its call is asked for."""
    return _book(session, None, now)


def _book(session: Session, starts_at: datetime | None, now: datetime) -> int:
    order = BookingOrder(
        token=secrets.token_hex(16),
        user_id=1,
        relay="wassigny",
        organisation="msa",
        resident_name=RESIDENT,
        starts_at=starts_at,
        hours=Hours.AGREED,
    )
    return book(session, order, now).appointment.id


def cancel(session: Session, appointment_id: int, now: datetime) -> None:
    """Cancel it: its place is free again."""
    appointment = session.get_one(Appointment, appointment_id)
    acts.cancel(session, appointment, ACTOR, now)


def move_to(session: Session, appointment_id: int, state: State, now: datetime) -> None:
    """Bring it to how a call stands or ended, as the dispatcher does."""
    appointment = session.get_one(Appointment, appointment_id)
    appointment.call_requested_at = None
    between = State.QUEUED if state is State.ABANDONED else State.IN_CALL
    path = [State.CALLING, between]
    if state is not between:
        path.append(state)
    if appointment.state in path:
        path = path[path.index(State(appointment.state)) + 1 :]
    for each in path:
        move(session, appointment, each, actor="dispatcher", at=now)
        session.flush()


def keep_call(session: Session, appointment_id: int, now: datetime) -> None:
    """Have its call be kept for a counsellor whose page is gone, as the dispatcher does."""
    appointment = session.get_one(Appointment, appointment_id)
    appointment.kept_since = now
    tell_pages(session, News.CALL_KEPT, appointment, now)


def add_signing(
    session: Session, appointment_id: int, number: int, now: datetime
) -> None:
    """Have a document be a printed form that is to be signed, just out of the printer."""
    draft = session.scalars(select(Draft)).one()
    its = Document.appointment_id == appointment_id
    document = session.scalars(select(Document).where(its, Document.number == number))
    session.add(
        PrintedForm(
            appointment_id=appointment_id,
            draft_id=draft.id,
            edition_id=draft.edition_id,
            revision=draft.revision,
            document_id=document.one().id,
            pages=1,
            sha256=secrets.token_hex(32),
            codes=[None],
            printed_at=now,
            printed_by=ACTOR,
        )
    )
    session.add(
        DeviceJob(
            appointment_id=appointment_id,
            uuid=str(uuid.uuid4()),
            operation=Operation.PRINT,
            document=number,
            state=JobState.COMPLETED,
            created_at=now,
            created_by=ACTOR,
            changed_at=now,
        )
    )

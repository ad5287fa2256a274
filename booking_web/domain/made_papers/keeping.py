# SPDX-License-Identifier: AGPL-3.0-or-later
"""A paper becomes a document of its appointment, once, and is printed where there is a call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.desks import colleague_in_call
from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState

# A second press within so long is the same press.
SAME_PRESS = timedelta(seconds=15)


@dataclass(frozen=True)
class Printing:
    """Who has a paper made, whether it is printed, and how."""

    actor: str
    now: datetime
    is_wanted: bool
    colour: bool = False
    copies: int = 1


@dataclass(frozen=True)
class Kept:
    """The paper among the documents, and whether the kiosk prints it."""

    document_id: int
    number: int
    is_printing: bool


class MadeBefore(Exception):
    """The appointment has a document that is the same."""


def keep_made(
    session: Session, document: Document, act: Act, printing: Printing
) -> Kept:
    """Write down that a new document was made, and have it printed.

    In the transaction that adds the document, its appointment locked. Raises MadeBefore,
    or OrderRefused where it cannot be printed.
    """
    appointment = session.get_one(Appointment, document.appointment_id)
    same = _same(session, appointment.id, document.sha256)
    if same is not None and same.id != document.id:
        raise MadeBefore
    detail = f"document {document.number}"
    actor, now = printing.actor, printing.now
    tell(session, act, appointment, actor=actor, at=now, detail=detail)
    return Kept(
        document.id, document.number, _print(session, appointment, document, printing)
    )


def print_again(
    session: Session, appointment: Appointment, sha256: str, printing: Printing
) -> Kept | None:
    """Print the document that is the same; None where there is none any more.

    Nothing more is printed where that was asked for a moment ago. Raises OrderRefused.
    """
    document = _same(session, appointment.id, sha256)
    if document is None:
        return None
    is_printing = (
        printing.is_wanted and _was_just_asked(session, document, printing.now)
    ) or _print(session, appointment, document, printing)
    return Kept(document.id, document.number, is_printing)


def _same(session: Session, appointment_id: int, sha256: str) -> Document | None:
    return session.scalar(
        select(Document)
        .where(
            Document.appointment_id == appointment_id,
            Document.source == str(Source.MADE),
            Document.sha256 == sha256,
            Document.removed_at.is_(None),
        )
        .order_by(Document.number)
        .limit(1)
    )


def _was_just_asked(session: Session, document: Document, now: datetime) -> bool:
    query = select(DeviceJob.id).where(
        DeviceJob.appointment_id == document.appointment_id,
        DeviceJob.document == document.number,
        DeviceJob.created_at > now - SAME_PRESS,
    )
    return session.scalars(query).first() is not None


def _print(
    session: Session,
    appointment: Appointment,
    document: Document,
    printing: Printing,
) -> bool:
    is_in_call = appointment.state == AppointmentState.IN_CALL and appointment.call
    if not printing.is_wanted or not is_in_call:
        return False
    if colleague_in_call(session, appointment, printing.actor) is not None:
        return False
    order = JobOrder(
        operation=Operation.PRINT,
        document=document.number,
        colour=printing.colour,
        copies=printing.copies,
    )
    prepare_job(session, appointment, order, printing.actor, printing.now)
    return True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A receipt becomes a document of its appointment, once, and is printed where there is a call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.receipts import Receipt
from booking_web.tables.states import AppointmentState

# A second press within so long is the same press.
SAME_PRESS = timedelta(seconds=15)


@dataclass(frozen=True)
class Kept:
    """The receipt's number among the documents, and whether the kiosk prints it."""

    number: int
    is_printing: bool


class MadeBefore(Exception):
    """The appointment has a receipt that says the same."""


def receipt_number(session: Session, appointment_id: int) -> int | None:
    """Give the number of the appointment's newest receipt."""
    query = (
        select(func.max(Document.number))
        .join(Receipt, Receipt.document_id == Document.id)
        .where(Receipt.appointment_id == appointment_id, Document.removed_at.is_(None))
    )
    return session.scalar(query)


def keep_receipt(
    session: Session, document: Document, actor: str, now: datetime, *, prints: bool
) -> Kept:
    """Note that a new document is a receipt, and have it printed.

    In the transaction that adds the document, its appointment locked. Raises MadeBefore,
    or OrderRefused where it cannot be printed.
    """
    appointment = session.get_one(Appointment, document.appointment_id)
    if _same(session, appointment.id, document.sha256) is not None:
        raise MadeBefore
    session.add(
        Receipt(
            document_id=document.id,
            appointment_id=appointment.id,
            sha256=document.sha256,
            made_at=now,
        )
    )
    detail = f"document {document.number}"
    tell(session, Act.RECEIPT_MADE, appointment, actor=actor, at=now, detail=detail)
    is_printing = prints and _print(session, appointment, document.number, actor, now)
    return Kept(document.number, is_printing)


def print_again(
    session: Session,
    appointment: Appointment,
    sha256: str,
    actor: str,
    now: datetime,
    *,
    prints: bool,
) -> Kept | None:
    """Print the receipt that says the same; None where there is none any more.

    Nothing more is printed where that was asked for a moment ago. Raises OrderRefused.
    """
    document = _same(session, appointment.id, sha256)
    if document is None:
        return None
    is_printing = prints and (
        _was_just_asked(session, document, now)
        or _print(session, appointment, document.number, actor, now)
    )
    return Kept(document.number, is_printing)


def _same(session: Session, appointment_id: int, sha256: str) -> Document | None:
    return session.scalar(
        select(Document)
        .join(Receipt, Receipt.document_id == Document.id)
        .where(
            Receipt.appointment_id == appointment_id,
            Receipt.sha256 == sha256,
            Document.removed_at.is_(None),
        )
        .order_by(Document.number.desc())
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
    number: int,
    actor: str,
    now: datetime,
) -> bool:
    if appointment.state != AppointmentState.IN_CALL or not appointment.call:
        return False
    order = JobOrder(operation=Operation.PRINT, document=number, colour=False)
    prepare_job(session, appointment, order, actor, now)
    return True

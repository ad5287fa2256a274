# SPDX-License-Identifier: AGPL-3.0-or-later
"""A still of the kiosk's picture in a call: who may keep one, and that the resident is told.

Only a telephone that is a page has the picture, and only who has the call sees it.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking_web.domain.kiosks.orders import NotInCall, OthersCall
from booking_web.domain.rights.browser_telephones import (
    NoBrowserTelephone,
    TelephoneRevoked,
    own_browser_telephone,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor

# How long the second screen says so: long enough to be read twice.
TOLD_FOR = timedelta(seconds=30)
# One may be taken back without a reason as long as nobody can have used it: what the page
# offers, and a slow line.
UNDONE_WITHIN = timedelta(minutes=1)
# Why such a one was removed; nobody is asked.
UNDONE = "undone"


class TooLateToUndo(Exception):
    """The still is a document like any other by now."""


def check_has_call(session: Session, appointment: Appointment, user_id: int) -> None:
    """Raise NotInCall unless this account's telephone, a page, has the appointment's call."""
    if appointment.state != AppointmentState.IN_CALL:
        raise NotInCall
    try:
        own = own_browser_telephone(session, user_id)
    except (NoBrowserTelephone, TelephoneRevoked) as error:
        raise NotInCall from error
    if appointment.counsellor_id == own.id:
        return
    colleague = session.get(Counsellor, appointment.counsellor_id or 0)
    if colleague is None:
        raise NotInCall
    raise OthersCall(colleague.name)


def still_to_undo(
    session: Session, appointment: Appointment, number: int, actor: str, now: datetime
) -> Document | None:
    """Give a still that this actor kept a moment ago; None where there is none.

    Raises TooLateToUndo.
    """
    still = session.scalar(
        select(Document).where(
            Document.appointment_id == appointment.id,
            Document.number == number,
            Document.source == Source.STILL,
            Document.created_by == actor,
            Document.removed_at.is_(None),
        )
    )
    if still is not None and now - still.created_at > UNDONE_WITHIN:
        raise TooLateToUndo
    return still


def is_still_told(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Tell whether the resident is to read now that a still of the call was kept."""
    kept = exists().where(
        Document.appointment_id == appointment.id,
        Document.source == Source.STILL,
        Document.created_at > now - TOLD_FOR,
        Document.removed_at.is_(None),
    )
    is_up = appointment.state == AppointmentState.IN_CALL
    return is_up and bool(session.scalar(select(kept)))

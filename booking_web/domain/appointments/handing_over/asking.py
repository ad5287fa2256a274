# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor asks to hand the resident over; the call stays theirs until the kiosk is sent.

In the caller's writing transaction; lock the appointment's row before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.handing_over.offers import (
    colleagues_there,
    other_organisations,
)
from booking_web.domain.consents.barring import check_agrees
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import NOTE_LENGTH
from booking_web.tables.documents import Document
from booking_web.tables.handovers import (
    GOING_ON,
    Handover,
    HandoverDocument,
    HandoverState,
)
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor

# Part of the name of a call that a counsellor dialled by hand: Asterisk has it as their own,
# and it ends with them.
_BY_HAND = "-direct-"


class HandoverRefused(Exception):
    """Nothing is handed over; the classes below say why."""


class NotTheirCall(HandoverRefused):
    """Nobody is in call there, or somebody else has the call."""


class DialledByHand(HandoverRefused):
    """The counsellor dialled the kiosk: the call ends with them."""


class AskedAlready(HandoverRefused):
    """It is being handed over already."""


class NobodyThere(HandoverRefused):
    """Whom it is for is not there any more, or speaks with somebody."""


class ResidentNotAsked(HandoverRefused):
    """Another organisation learns nothing of a resident who was not asked."""


@dataclass(frozen=True)
class Wanted:
    """To whom and how: a colleague's slug or an organisation's, never both."""

    colleague: str = ""
    organisation: str = ""
    note: str = ""
    # Numbers of the documents that the other organisation may read.
    documents: Collection[int] = ()
    resident_agrees: bool = False


def can_hand_over(
    session: Session, appointment: Appointment, counsellor: Counsellor | None
) -> bool:
    """Tell whether this counsellor has a call there that can be handed over."""
    try:
        _check_theirs(appointment, counsellor)
    except HandoverRefused:
        return False
    return going_on(session, appointment.id) is None


def going_on(session: Session, appointment_id: int) -> Handover | None:
    """Give the hand-over of an appointment that is not over."""
    return session.scalar(
        select(Handover).where(
            Handover.appointment_id == appointment_id, Handover.state.in_(GOING_ON)
        )
    )


def ask_to_hand_over(
    session: Session,
    appointment: Appointment,
    counsellor: Counsellor | None,
    wanted: Wanted,
    *,
    actor: str,
    now: datetime,
) -> Handover:
    """Have the call handed over; raises HandoverRefused, ValueError for a long note.

    To another organisation also ResidentDisagrees.
    """
    if len(wanted.note) > NOTE_LENGTH:
        raise ValueError(f"the note is longer than {NOTE_LENGTH} characters")
    own = _check_theirs(appointment, counsellor)
    if going_on(session, appointment.id) is not None:
        raise AskedAlready
    to_organisation_id, to_counsellor_id = _target(session, own, wanted)
    is_elsewhere = to_organisation_id != own.organisation_id
    if is_elsewhere and not wanted.resident_agrees:
        raise ResidentNotAsked
    if is_elsewhere:
        check_agrees(session, appointment.id)
    row = Handover(
        appointment_id=appointment.id,
        call=appointment.call,
        from_organisation_id=own.organisation_id,
        from_counsellor_id=own.id,
        from_counter_id=appointment.counter_id,
        to_organisation_id=to_organisation_id,
        to_counsellor_id=to_counsellor_id,
        note=wanted.note,
        state=HandoverState.ASKED,
        asked_at=now,
        asked_by=actor,
    )
    session.add(row)
    session.flush()
    if is_elsewhere:
        _let_read(session, row, own.organisation_id, wanted.documents)
    detail = f"handover {row.id}"
    tell(
        session,
        Act.HANDOVER_REQUESTED,
        appointment,
        actor=actor,
        at=now,
        detail=detail,
    )
    return row


def _check_theirs(
    appointment: Appointment, counsellor: Counsellor | None
) -> Counsellor:
    is_up = appointment.state == AppointmentState.IN_CALL and appointment.call
    if not is_up or counsellor is None or appointment.counsellor_id != counsellor.id:
        raise NotTheirCall
    if _BY_HAND in (appointment.call or ""):
        raise DialledByHand
    return counsellor


def _target(
    session: Session, own: Counsellor, wanted: Wanted
) -> tuple[int, int | None]:
    if wanted.colleague:
        for each in colleagues_there(session, own):
            if each.slug == wanted.colleague and not each.is_in_call:
                return own.organisation_id, each.id
        raise NobodyThere
    for other in other_organisations(session, own.organisation_id):
        if other.slug == wanted.organisation:
            return other.id, None
    raise NobodyThere


def _let_read(
    session: Session, row: Handover, own_id: int, numbers: Collection[int]
) -> None:
    """Note which of one's own documents the other organisation may read."""
    found = session.scalars(
        select(Document.id).where(
            Document.appointment_id == row.appointment_id,
            Document.number.in_(numbers),
            Document.removed_at.is_(None),
            (Document.kept_by_id.is_(None)) | (Document.kept_by_id == own_id),
        )
    )
    for document_id in found.all():
        session.add(HandoverDocument(handover_id=row.id, document_id=document_id))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the console shows of hand-overs: whom a call came from and why, and the way on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.appointments.handing_over.asking import can_hand_over
from booking_web.domain.appointments.handing_over.reading import handovers_told
from booking_web.domain.kiosks.pictures import own_counsellor
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.appointment import Appointment
from booking_web.tables.handovers import GOING_ON, Handover, HandoverState
from booking_web.words.handovers import standing_words
from provisioning.database.models import User


@dataclass(frozen=True)
class HandoverLine:
    """One hand-over, as a reader of the page is told of it."""

    id: int
    # Who handed over, with their organisation where it is another one.
    by: str
    at: datetime
    note: str
    # How it stands, for those who handed over; empty for those to whom it came.
    standing: str
    is_going_on: bool


@dataclass(frozen=True)
class HandoverSection:
    """The hand-overs of an appointment."""

    lines: tuple[HandoverLine, ...] = ()
    can_hand_over: bool = False


def handover_section(
    session: Session, viewer: Person, appointment: Appointment
) -> HandoverSection:
    """Read it for who looks at the console; what is handed over is the counsellors' alone."""
    if not viewer.may(Right.RECEIVING):
        return HandoverSection()
    counsellor = own_counsellor(session, session.get_one(User, viewer.user_id))
    own = viewer.own_organisation_id
    found = handovers_told(session, viewer, appointment.id)
    return HandoverSection(
        tuple(handover_line(each, own) for each in found),
        can_hand_over(session, appointment, counsellor),
    )


def handover_line(row: Handover, own_id: int) -> HandoverLine:
    """Say it for somebody of this organisation."""
    first = row.from_counsellor
    name = first.name if first else row.from_organisation.name
    is_ours = row.from_organisation_id == own_id
    by = name if is_ours else f"{name} ({row.from_organisation.short_name})"
    return HandoverLine(
        id=row.id,
        by=by,
        at=row.asked_at,
        note=row.note,
        standing=standing_of(row) if is_ours else "",
        is_going_on=row.state in GOING_ON,
    )


def standing_of(row: Handover) -> str:
    """Say how it stands to who handed over."""
    to = row.to_counsellor.name if row.to_counsellor else row.to_organisation.name
    taken_by = row.taken_by.name if row.taken_by else ""
    return standing_words(HandoverState(row.state), to, taken_by)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A third person leaves as soon as the resident does not agree, or not any more.

An interpreter whom the town hall booked stays: without one nobody would understand the other.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import (
    last_call_of_guest,
    open_guest,
    take_back,
)
from booking_web.domain.consents.answers import last_answer
from booking_web.domain.consents.barring import is_barred
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest, GuestEnding

# How long the second screen says that somebody has left: long enough to be read twice.
TOLD_FOR = timedelta(seconds=30)


def have_guest_leave_where_barred(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """End an invitation, and the call that goes on, to which the resident does not agree.

    After an answer was noted, with its moment; the appointment's row is locked.
    """
    guest = open_guest(session, appointment.id)
    if guest is not None and is_barred(session, appointment.id):
        take_back(session, appointment, guest, actor, now)


def left_for_disagreeing(session: Session, guest: Guest) -> bool:
    """Tell whether the resident's answer sent the guest away, and is still their answer."""
    if guest.ending != GuestEnding.SENT_AWAY:
        return False
    last = last_answer(session, guest.appointment_id)
    return last is not None and last.noted_at == guest.ended_at


def who_just_left(session: Session, appointment_id: int, now: datetime) -> Guest | None:
    """Give the guest who was in the call until a moment ago, and is not any more."""
    guest = session.scalar(
        select(Guest)
        .where(Guest.appointment_id == appointment_id, Guest.ended_at > now - TOLD_FOR)
        .order_by(Guest.id.desc())
        .limit(1)
    )
    if guest is None:
        return None
    call = last_call_of_guest(session, guest)
    return guest if call is not None and call.here_at is not None else None

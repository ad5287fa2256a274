# SPDX-License-Identifier: AGPL-3.0-or-later
"""A third person who is telephoned to, by the site's own line: asked for, and over.

Their call is a second call of the kiosk, as a guest's by a link. The number is in the database
from the button to Asterisk, a second or so, and never in the journal. Each function works in
the caller's writing transaction, the appointment's row locked.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import (
    SecondCallTaken,
    SomebodyInvited,
    end_guest,
    open_guest,
)
from booking_web.domain.appointments.guests.numbers import Trunk, number_to_call
from booking_web.domain.appointments.interpreters.calls import call_going_on
from booking_web.domain.consents.barring import check_agrees
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.domain.kiosks.orders import check_in_call
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import NONCE_LENGTH, Guest, GuestEnding
from booking_web.tables.interpreters import InterpreterCall, InterpreterState
from booking_web.tables.journal_acts import Act
from provisioning.database.models import Organisation
from provisioning.directory.digests import digest_of

AN_HOUR = timedelta(hours=1)


class Relation(StrEnum):
    """What who is called is to the resident; the journal tells it."""

    INTERPRETER = "interpreter"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    OTHER = "other"


class TooManyCalls(Exception):
    """The organisation has had as many numbers called within an hour as the site allows."""


def telephone(
    session: Session,
    appointment: Appointment,
    typed: str,
    relation: Relation,
    name: str,
    trunk: Trunk,
    actor: str,
    now: datetime,
) -> Guest:
    """Have a number called into the appointment's call.

    Raises NumberRefused, SomebodyInvited, SecondCallTaken, TooManyCalls, ResidentDisagrees,
    and what `check_in_call` raises.
    """
    number = number_to_call(typed, trunk.prefixes)
    check_in_call(session, appointment, actor)
    check_agrees(session, appointment.id)
    going_on = call_going_on(session, appointment.id)
    if going_on is not None:
        raise SecondCallTaken if going_on.guest_id is None else SomebodyInvited
    present = open_guest(session, appointment.id)
    if present is not None:
        if present.expires_at > now:
            raise SomebodyInvited
        end_guest(session, present, GuestEnding.EXPIRED, now)
        session.flush()
    _check_not_too_many(session, appointment, trunk, now)
    guest = Guest(
        appointment_id=appointment.id,
        name=name,
        # They have no link: nobody is ever given what these are made of.
        nonce=secrets.token_hex(NONCE_LENGTH // 2),
        token_digest=digest_of(secrets.token_urlsafe(32)),
        invited_at=now,
        expires_at=now,
        telephone=number,
        last_digits=number[-2:],
    )
    session.add(guest)
    session.flush()
    session.add(
        InterpreterCall(
            appointment_id=appointment.id,
            organisation_id=appointment.organisation_id,
            guest_id=guest.id,
            state=InterpreterState.ASKED,
            asked_at=now,
        )
    )
    detail = f"guest {guest.id} {relation} ..{guest.last_digits}"
    tell(session, Act.GUEST_TELEPHONED, appointment, actor=actor, at=now, detail=detail)
    return guest


def take_number(guest: Guest) -> str:
    """Give the number for Asterisk, and keep it no longer."""
    number, guest.telephone = guest.telephone, ""
    return number


def telephone_rings(session: Session, guest: Guest, at: datetime) -> None:
    """Note that the telephone outside rings."""
    guest.rings_at = at
    tell_pages(session, News.GUEST_WENT_ON, guest.appointment, at)


def end_telephoned(session: Session, guest: Guest, at: datetime) -> None:
    """Note that the call of who was telephoned to is over, if they were."""
    if guest.is_telephoned and not guest.ending:
        end_guest(session, guest, GuestEnding.CALL_OVER, at)


def _check_not_too_many(
    session: Session, appointment: Appointment, trunk: Trunk, now: datetime
) -> None:
    # One at a time counts: two who press together are counted one after the other.
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == appointment.organisation_id)
        .with_for_update(key_share=True)
    )
    # Whose call it was stands in the call: the appointment may be another's since.
    called = session.scalar(
        select(func.count(InterpreterCall.id))
        .join(InterpreterCall.guest)
        .where(
            InterpreterCall.organisation_id == appointment.organisation_id,
            InterpreterCall.asked_at > now - AN_HOUR,
            Guest.last_digits != "",
        )
    )
    if (called or 0) >= trunk.calls_an_hour:
        raise TooManyCalls

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor does about a guest: invites one, lets them in, has them leave.

A guest's call is a second call of the kiosk, as an interpreter's is: there is one at a time.
Each function works in the caller's writing transaction, the appointment's row locked.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.interpreters.calls import call_going_on
from booking_web.domain.consents.barring import check_agrees
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.domain.kiosks.orders import check_in_call
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import NONCE_LENGTH, Guest, GuestEnding
from booking_web.tables.interpreters import InterpreterCall, InterpreterState
from booking_web.tables.journal_acts import Act
from provisioning.asterisk.realtime_rows import guest_telephone
from provisioning.database.realtime import PjsipAor, PjsipAuth, PjsipEndpoint
from provisioning.directory.digests import digest_of

VALID_FOR = timedelta(minutes=30)
# A page is heard of every two seconds or so: one that was silent for longer is gone.
HEARD_WITHIN = timedelta(seconds=20)


class GuestRefused(Exception):
    """Nothing was done; the classes below say why."""


class SomebodyInvited(GuestRefused):
    """One person at a time: another one has a link, or is there."""


class NobodyWaits(GuestRefused):
    """The guest does not wait at the door, or not any more."""


class NobodyInvited(GuestRefused):
    """There is no guest to send away."""


class SecondCallTaken(GuestRefused):
    """The kiosk has its second call already: an interpreter's."""


def token_of(guest: Guest, site_secret: str) -> str:
    """Give the token of a guest's link: 256 bits, of which the database holds a digest.

    It is made anew of the row's nonce and the site's own secret whenever it is shown: neither
    of them alone opens anything.
    """
    return _token(guest.nonce, site_secret)


def _token(nonce: str, site_secret: str) -> str:
    made = hmac.digest(site_secret.encode(), f"guest:{nonce}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def invite(
    session: Session,
    appointment: Appointment,
    name: str,
    site_secret: str,
    actor: str,
    now: datetime,
) -> Guest:
    """Make a link for one person.

    Raises SomebodyInvited, ResidentDisagrees, and what `check_in_call` raises.
    """
    check_in_call(session, appointment, actor)
    check_agrees(session, appointment.id)
    present = open_guest(session, appointment.id)
    if present is not None:
        if present.expires_at > now or guests_call(session, present) is not None:
            raise SomebodyInvited
        end_guest(session, present, GuestEnding.EXPIRED, now)
        session.flush()
    nonce = secrets.token_hex(NONCE_LENGTH // 2)
    guest = Guest(
        appointment_id=appointment.id,
        name=name,
        nonce=nonce,
        token_digest=digest_of(_token(nonce, site_secret)),
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    session.add(guest)
    session.flush()
    _tell(session, Act.GUEST_INVITED, appointment, guest, actor, now)
    return guest


def let_in(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the kiosk called a second time, and the guest's page with it.

    Raises NobodyWaits, SecondCallTaken, ResidentDisagrees, and what `check_in_call` raises.
    """
    check_in_call(session, appointment, actor)
    check_agrees(session, appointment.id)
    guest = open_guest(session, appointment.id)
    if guest is None or not is_waiting(guest, now):
        raise NobodyWaits
    if call_going_on(session, appointment.id) is not None:
        raise SecondCallTaken
    guest.knocked_at = None
    session.add(
        InterpreterCall(
            appointment_id=appointment.id,
            organisation_id=appointment.organisation_id,
            guest_id=guest.id,
            state=InterpreterState.ASKED,
            asked_at=now,
        )
    )
    _tell(session, Act.GUEST_LET_IN, appointment, guest, actor, now)


def send_guest_away(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """End the invitation, and the guest's call; raises NobodyInvited, and as `invite` does."""
    check_in_call(session, appointment, actor)
    guest = open_guest(session, appointment.id)
    if guest is None:
        raise NobodyInvited
    take_back(session, appointment, guest, actor, now)


def take_back(
    session: Session,
    appointment: Appointment,
    guest: Guest,
    actor: str,
    now: datetime,
) -> None:
    """End this invitation, and the guest's call, whoever has the appointment's call."""
    end_guest(session, guest, GuestEnding.SENT_AWAY, now)
    _tell(session, Act.GUEST_SENT_AWAY, appointment, guest, actor, now)


def end_guest_with_call(
    session: Session, appointment: Appointment, at: datetime
) -> None:
    """End the invitation into a call that is over."""
    # Pages alone write these rows, and never together with the end of a call.
    with session.no_autoflush:
        guest = open_guest(session, appointment.id)
        if guest is not None:
            end_guest(session, guest, GuestEnding.CALL_OVER, at)


def have_guest_wait(session: Session, appointment: Appointment, at: datetime) -> None:
    """Have the guest leave a call that is handed over: whoever takes it lets them in again."""
    with session.no_autoflush:
        guest = open_guest(session, appointment.id)
        if guest is not None:
            have_leave(session, guest, at)


def have_leave(session: Session, guest: Guest, at: datetime) -> None:
    """Have the guest's call end: they wait, to be let in again; a telephone is hung up for good."""
    if guest.is_telephoned:
        end_guest(session, guest, GuestEnding.CALL_OVER, at)
    else:
        end_guests_call(session, guest, at)


def end_guest(
    session: Session, guest: Guest, ending: GuestEnding, at: datetime
) -> None:
    """End an invitation: its link, its page's telephone, and the call that goes on."""
    guest.ending, guest.ended_at, guest.knocked_at = ending, at, None
    guest.telephone = ""
    end_guests_call(session, guest, at)
    name = guest_telephone(guest.id)
    for table in (PjsipEndpoint, PjsipAor, PjsipAuth):
        session.execute(delete(table).where(table.id == name))


def end_guests_call(session: Session, guest: Guest, at: datetime) -> None:
    """Have the guest's call end, where one goes on."""
    call = guests_call(session, guest)
    if call is None or call.end_requested_at is not None:
        return
    if call.placed_at is None:
        # Asterisk has not heard of it.
        call.state, call.ended_at = InterpreterState.LEFT, at
    else:
        call.end_requested_at = at
    tell_pages(session, News.GUEST_WENT_ON, guest.appointment, at)


def is_waiting(guest: Guest, now: datetime) -> bool:
    """Tell whether the guest stands at the door, their page open."""
    return (
        guest.ended_at is None
        and guest.expires_at > now
        and guest.knocked_at is not None
        and guest.seen_at is not None
        and now - guest.seen_at < HEARD_WITHIN
    )


def open_guest(session: Session, appointment_id: int) -> Guest | None:
    """Give the guest whose invitation is not over."""
    return session.scalar(_OPEN_OF, {"of": appointment_id})


def last_guest(session: Session, appointment_id: int, since: datetime) -> Guest | None:
    """Give who was invited last since then, also where that is over."""
    return session.scalar(_LAST_OF, {"of": appointment_id, "since": since})


def last_call_of_guest(session: Session, guest: Guest) -> InterpreterCall | None:
    """Give the latest call of this guest, also one that is over."""
    return session.scalar(_LAST_CALL_OF, {"of": guest.id})


def guests_call(session: Session, guest: Guest) -> InterpreterCall | None:
    """Give the call of this guest that goes on."""
    call = call_going_on(session, guest.appointment_id)
    return call if call is not None and call.guest_id == guest.id else None


def _tell(
    session: Session,
    act: Act,
    appointment: Appointment,
    guest: Guest,
    actor: str,
    at: datetime,
) -> None:
    detail = f"guest {guest.id}"
    tell(session, act, appointment, actor=actor, at=at, detail=detail)


_OPEN_OF = select(Guest).where(
    Guest.appointment_id == bindparam("of"), Guest.ended_at.is_(None)
)
_LAST_OF = (
    select(Guest)
    .where(
        Guest.appointment_id == bindparam("of"), Guest.invited_at >= bindparam("since")
    )
    .order_by(Guest.id.desc())
    .limit(1)
)
_LAST_CALL_OF = (
    select(InterpreterCall)
    .where(InterpreterCall.guest_id == bindparam("of"))
    .order_by(InterpreterCall.id.desc())
    .limit(1)
)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a guest's browser does: opens the link, once; waits at the door; telephones; leaves.

It is known by a cookie of its own. Each function works in the caller's transaction.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import (
    HEARD_WITHIN,
    end_guest,
    end_guests_call,
    guests_call,
    have_leave,
)
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest, GuestEnding
from booking_web.tables.interpreters import (
    GOING_ON,
    InterpreterCall,
    InterpreterState,
)
from provisioning.asterisk.realtime_rows import REALM, guest_rows, guest_telephone
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.digests import digest_of

# A counsellor's page that is reloaded is back by then; whom it left waits at the door again, for
# nobody is alone with a resident.
ALONE_FOR = timedelta(seconds=3)
HA1_BYTES, COOKIE_BYTES = 16, 32
# What is heard of a page is written down no more often than this.
SEEN_EVERY_SECONDS = 4


class Link(StrEnum):
    """How a link stands that somebody brings."""

    GOOD = "good"
    UNKNOWN = "unknown"
    # Another browser has opened it.
    USED = "used"
    OVER = "over"


class Visit(StrEnum):
    """How it stands with a guest, for their page."""

    OUTSIDE = "outside"
    WAITING = "waiting"
    ENTERING = "entering"
    HERE = "here"
    SENT_AWAY = "sent_away"
    CALL_OVER = "call_over"
    EXPIRED = "expired"


@dataclass(frozen=True)
class GuestSecret:
    """What a guest's page telephones with, for its one answer."""

    telephone: str
    realm: str
    ha1: str = field(repr=False)


def link_of(session: Session, token: str, now: datetime) -> Link:
    """Tell how a link stands; to look at it uses nothing up."""
    guest = _by_token(session, token)
    return Link.UNKNOWN if guest is None else _standing(guest, now)


def open_link(session: Session, token: str, now: datetime) -> str | Link:
    """Give the cookie of the browser that opens the link first; else how the link stands.

    That it was brought again is written down, for the counsellor.
    """
    guest = _by_token(session, token, to_change=True)
    if guest is None:
        return Link.UNKNOWN
    found = _standing(guest, now)
    if found is Link.USED:
        guest.tried_again_at = now
    if found is not Link.GOOD:
        tell_pages(session, News.GUEST_WENT_ON, guest.appointment, now)
        return found
    cookie = secrets.token_urlsafe(COOKIE_BYTES)
    guest.cookie_digest, guest.opened_at = digest_of(cookie), now
    tell_pages(session, News.GUEST_WENT_ON, guest.appointment, now)
    return cookie


def guest_of(session: Session, cookie: str, *, to_change: bool = False) -> Guest | None:
    """Give the guest whose browser this is, also where the invitation is over."""
    query = select(Guest).where(Guest.cookie_digest == digest_of(cookie))
    return session.scalar(query.with_for_update() if to_change else query)


def visit_of(session: Session, guest: Guest, now: datetime) -> Visit:
    """Tell how it stands with the guest."""
    if guest.ending:
        return Visit(guest.ending)
    call = guests_call(session, guest)
    if call is not None and call.end_requested_at is None:
        is_here = call.state == InterpreterState.HERE
        return Visit.HERE if is_here else Visit.ENTERING
    if guest.expires_at <= now:
        return Visit.EXPIRED
    return Visit.OUTSIDE if guest.knocked_at is None else Visit.WAITING


def may_telephone(session: Session, guest: Guest, now: datetime) -> bool:
    """Tell whether the guest's page has a telephone: as long as the invitation lasts."""
    over = (Visit.SENT_AWAY, Visit.CALL_OVER, Visit.EXPIRED)
    return visit_of(session, guest, now) not in over


def give_guests_telephone(
    session: Session, guest: Guest, now: datetime
) -> GuestSecret | None:
    """Give a page of the guest its telephone; the page before has none any more.

    It waits at the door again, whatever was before. None: the invitation is over.
    """
    if not may_telephone(session, guest, now):
        return None
    end_guests_call(session, guest, now)
    guest.knocked_at, guest.seen_at = None, now
    ha1 = secrets.token_hex(HA1_BYTES)
    for row in guest_rows(guest.id):
        columns = {**row.key, **row.columns, **row.initial}
        if row.table is PjsipAuth:
            columns["password_digest"] = f"MD5:{ha1}"
        session.merge(row.table(**columns))
    session.flush()
    return GuestSecret(guest_telephone(guest.id), REALM, ha1)


def hear_of_page(
    session: Session, guest: Guest, now: datetime, *, knocks: bool
) -> Visit:
    """Note that the guest's page is there, and whether it asks to be let in."""
    visit = visit_of(session, guest, now)
    if visit not in (Visit.OUTSIDE, Visit.WAITING):
        _note_seen(guest, now)
        return visit
    was_gone = guest.seen_at is None or now - guest.seen_at >= HEARD_WITHIN
    _note_seen(guest, now)
    if knocks and (guest.knocked_at is None or was_gone):
        guest.knocked_at = now
        tell_pages(session, News.GUEST_WENT_ON, guest.appointment, now)
    return visit_of(session, guest, now)


def leave(session: Session, guest: Guest, now: datetime) -> None:
    """Have the guest go, of their own: with the same browser they may come back."""
    if guest.ending:
        return
    end_guests_call(session, guest, now)
    if guest.knocked_at is not None:
        guest.knocked_at = None
        tell_pages(session, News.GUEST_WENT_ON, guest.appointment, now)


def is_any_to_end(session: Session, now: datetime) -> bool:
    """Tell whether `end_what_is_over` would do anything."""
    return any(each.is_to_end(now) for each in _open(session))


def end_what_is_over(session: Session, now: datetime) -> None:
    """End the invitations that have run out, and visits: of pages that are gone, or to a resident
    whose counsellor's page is gone.
    """
    for each in _open(session):
        guest = each.guest
        session.refresh(guest, with_for_update=True)
        if guest.ending:
            continue
        if each.is_too_old(now):
            end_guest(session, guest, GuestEnding.EXPIRED, now)
            tell_pages(session, News.GUEST_WENT_ON, guest.appointment, now)
        elif each.is_gone(now):
            leave(session, guest, now)
        elif each.is_alone(now):
            have_leave(session, guest, now)


def _note_seen(guest: Guest, now: datetime) -> None:
    if (
        guest.seen_at is None
        or (now - guest.seen_at).total_seconds() >= SEEN_EVERY_SECONDS
    ):
        guest.seen_at = now


@dataclass(frozen=True)
class _Open:
    """An invitation that is not over, its call where one goes on, and the resident's call."""

    guest: Guest
    call: InterpreterCall | None
    # Since when the counsellor's page is gone; None: it is there.
    kept_since: datetime | None

    def is_to_end(self, now: datetime) -> bool:
        """Tell whether the invitation, or the visit, is to end."""
        return self.is_too_old(now) or self.is_gone(now) or self.is_alone(now)

    def is_too_old(self, now: datetime) -> bool:
        """Tell whether it has run out, and nobody came by it."""
        is_by_link = not self.guest.is_telephoned
        return is_by_link and self.call is None and self.guest.expires_at <= now

    def is_gone(self, now: datetime) -> bool:
        """Tell whether a page that waits or telephones was not heard of for too long."""
        guest = self.guest
        if guest.is_telephoned:
            return False
        is_expected = guest.knocked_at is not None or self._goes_on
        is_heard = guest.seen_at is not None and now - guest.seen_at < HEARD_WITHIN
        return is_expected and not is_heard

    def is_alone(self, now: datetime) -> bool:
        """Tell whether they speak with a resident whose counsellor's page is gone."""
        is_away = self.kept_since is not None and now - self.kept_since >= ALONE_FOR
        return self._goes_on and is_away

    @property
    def _goes_on(self) -> bool:
        return self.call is not None and self.call.end_requested_at is None


def _open(session: Session) -> list[_Open]:
    return [_Open(*row) for row in session.execute(_OPEN)]


def _standing(guest: Guest, now: datetime) -> Link:
    if guest.ending or guest.expires_at <= now:
        return Link.OVER
    return Link.GOOD if guest.opened_at is None else Link.USED


def _by_token(session: Session, token: str, *, to_change: bool = False) -> Guest | None:
    query = select(Guest).where(Guest.token_digest == digest_of(token))
    return session.scalar(query.with_for_update() if to_change else query)


_OPEN = (
    select(Guest, InterpreterCall, Appointment.kept_since)
    .join(Guest.appointment)
    .outerjoin(
        InterpreterCall,
        (InterpreterCall.guest_id == Guest.id) & InterpreterCall.state.in_(GOING_ON),
    )
    .where(Guest.ended_at.is_(None))
    # In one order, so that two dispatchers never wait for each other.
    .order_by(Guest.id)
)

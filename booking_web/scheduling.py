# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books appointments: a kiosk and a counter held for the same stretch of time.

Each function works in the caller's writing transaction (see `transactions`), so that it can
be run again after a conflict. What may be done to an appointment later is in `acts`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, true
from sqlalchemy.orm import Session

from booking_web.availability.proposal import next_start
from booking_web.held_slots import held_by_counters, held_by_kiosks, hold
from booking_web.lifecycle import announce, move, record
from booking_web.messages.models import MessageKind
from booking_web.messages.outbox import queue_messages
from booking_web.models import Appointment, Resident
from booking_web.slots import (
    FreePlace,
    free_among,
    free_place,
    slot_of,
    slots_touched,
)
from booking_web.states import AppointmentSource, AppointmentState
from booking_web.webhooks.models import EventKind
from booking_web.webhooks.outbox import queue_event
from provisioning.models import Kiosk, Organisation, Relay

HORIZON_DAYS = 366


class BookingError(Exception):
    """The appointment cannot be booked as asked; nothing was written."""


class UnknownOrganisation(BookingError):
    """No organisation has this slug."""


class UnknownRelay(BookingError):
    """No relay has this slug."""


class NothingToBook(BookingError):
    """The relay has no kiosk or the organisation no counter."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"no {missing}")
        # "kiosk" or "counter".
        self.missing = missing


class TooEarly(BookingError):
    """The hour is past."""


class TooLate(BookingError):
    """The hour is more than HORIZON_DAYS away."""


class PlaceTaken(BookingError):
    """Kiosk or counter are held by others at that hour."""

    def __init__(self, taken: str, next_start: datetime | None) -> None:
        super().__init__(f"{taken} taken")
        # "kiosk", "counter", or "both" where each is free but never at the same time.
        self.taken = taken
        # When both are free for the whole length, if within PROPOSAL_DAYS.
        self.next_start = next_start


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """What the form asks for; texts are already made regular."""

    # The form's token: one per page shown, random.
    token: str
    user_id: int
    relay: str
    organisation: str
    resident_name: str
    reason: str
    # None: now.
    starts_at: datetime | None
    # None: no more is known than the name.
    resident_id: int | None = None
    visit_reason_id: int | None = None
    # None: as long as the organisation's appointments are.
    minutes: int | None = None
    source: AppointmentSource = AppointmentSource.DESK
    # Counters whose published hours hold the start: one of them is taken where it is free.
    preferred_counter_ids: Sequence[int] = ()

    @property
    def actor(self) -> str:
        """Name in the journal who books."""
        return f"user:{self.user_id}"

    @property
    def submission(self) -> str:
        """Name this very submission.

        The content takes part, so that a form corrected after "back" and sent with the same
        token is a new appointment, while the identical one is found again.
        """
        parts = (
            self.token,
            str(self.user_id),
            self.relay,
            self.organisation,
            self.resident_name,
            self.reason,
            self.starts_at.isoformat() if self.starts_at else "now",
            # Not the resident: a double click must find what created them.
            str(self.visit_reason_id or ""),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Booking:
    """The appointment that answers a request."""

    appointment: Appointment
    # True where an earlier, identical submission had made it.
    was_there: bool


def book(session: Session, request: BookingRequest, now: datetime) -> Booking:
    """Book the appointment, or give the one that this submission made before.

    Raises a BookingError. One asked for now is arrived and requests its call at once.
    """
    if (made := made_before(session, request)) is not None:
        return Booking(made, was_there=True)
    return book_first(session, request, asked_for(session, request), now)


def book_first(
    session: Session,
    request: BookingRequest,
    asked: tuple[Relay, Organisation],
    now: datetime,
) -> Booking:
    """Book as `book` does, for who has asked `made_before` and `asked_for` already."""
    # Nothing that is read here depends on what waits to be written.
    with session.no_autoflush:
        return _book_first(session, request, asked, now)


def _book_first(
    session: Session,
    request: BookingRequest,
    asked: tuple[Relay, Organisation],
    now: datetime,
) -> Booking:
    relay, organisation = asked
    length = timedelta(minutes=request.minutes or organisation.appointment_minutes)
    starts_at = request.starts_at or now
    if starts_at < slot_of(now):
        raise TooEarly
    if starts_at > now + timedelta(days=HORIZON_DAYS):
        raise TooLate
    is_now = request.starts_at is None
    # A walk-in ends with its last slot, so that it never spills into one more.
    ends_at = slot_of(now) + length if is_now else starts_at + length
    try:
        place = _find_place(
            session, request, relay, organisation, starts_at, ends_at, now
        )
    except PlaceTaken:
        # On PostgreSQL the twin of a double click may have committed since the look above.
        if (made := made_before(session, request)) is not None:
            return Booking(made, was_there=True)
        raise
    appointment = Appointment(
        submission=request.submission,
        kiosk_id=place.kiosk_id,
        counter_id=place.counter_id,
        organisation_id=organisation.id,
        resident_id=request.resident_id,
        resident_name=request.resident_name,
        visit_reason_id=request.visit_reason_id,
        source=request.source,
        reason=request.reason,
        starts_at=starts_at,
        ends_at=ends_at,
        state=AppointmentState.BOOKED,
        state_since=now,
        created_by_id=request.user_id,
        created_at=now,
    )
    session.add(appointment)
    session.flush()
    if request.resident_id is not None:
        resident = session.get_one(Resident, request.resident_id)
        resident.seen_at = max(resident.seen_at, starts_at)
    hold(session, appointment, slots_touched(starts_at, ends_at))
    actor = request.actor
    record(session, appointment, actor, "booked", now)
    announce(session, appointment, now)
    queue_event(session, appointment, EventKind.BOOKED, now)
    queue_messages(session, appointment, MessageKind.BOOKED, now)
    if is_now:
        session.flush()
        appointment.call_requested_at = now
        move(session, appointment, AppointmentState.ARRIVED, actor=actor, at=now)
    session.flush()
    return Booking(appointment, was_there=False)


def made_before(session: Session, request: BookingRequest) -> Appointment | None:
    """Give the appointment that an identical submission made, if there is one."""
    return session.scalar(_MADE_BEFORE, {"submission": request.submission})


def asked_for(session: Session, request: BookingRequest) -> tuple[Relay, Organisation]:
    """Give relay and organisation; raises UnknownRelay or UnknownOrganisation."""
    slugs = {"relay": request.relay, "organisation": request.organisation}
    found = session.execute(_ASKED_FOR, slugs).one_or_none()
    if found is not None:
        return found[0], found[1]
    if session.scalar(select(Relay.id).where(Relay.slug == request.relay)) is None:
        raise UnknownRelay
    raise UnknownOrganisation


def _find_place(
    session: Session,
    request: BookingRequest,
    relay: Relay,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> FreePlace:
    # Bookings of one relay follow each other on PostgreSQL (SQLite has one writer anyhow), so
    # that the loser reads what the winner wrote and is told the true cause and free hour.
    kiosk_ids = session.scalars(_KIOSKS_TO_CHOOSE, {"of": relay.id}).all()
    kiosks = held_by_kiosks(session, kiosk_ids, starts_at, now, until=ends_at)
    counters = held_by_counters(
        session, organisation.id, starts_at, until=ends_at, to_choose=True
    )
    if not kiosks:
        raise NothingToBook("kiosk")
    if not counters:
        raise NothingToBook("counter")
    # Their turn comes first where they are the organisation's at all.
    first = [each for each in request.preferred_counter_ids if each in counters]
    counters = {each: counters[each] for each in first} | counters
    place = free_place(starts_at, ends_at - starts_at, kiosks, counters)
    if place is not None:
        return place
    slots = slots_touched(starts_at, ends_at)
    taken = "kiosk" if free_among(kiosks, slots) is None else "counter"
    length = timedelta(minutes=request.minutes or organisation.appointment_minutes)
    following = next_start(
        session,
        organisation_id=organisation.id,
        relay_id=relay.id,
        zone=ZoneInfo(relay.time_zone),
        length=length,
        after=starts_at,
        now=now,
    )
    raise PlaceTaken(taken, following)


# Built once: to build a statement costs about as much as to run it.
_MADE_BEFORE = select(Appointment).where(
    Appointment.submission == bindparam("submission")
)
_ASKED_FOR = (
    select(Relay, Organisation)
    .join(Organisation, true())
    .where(
        Relay.slug == bindparam("relay"), Organisation.slug == bindparam("organisation")
    )
)
_KIOSKS_TO_CHOOSE = (
    select(Kiosk.id)
    .where(Kiosk.relay_id == bindparam("of"))
    .order_by(Kiosk.id)
    .with_for_update(key_share=True)
)

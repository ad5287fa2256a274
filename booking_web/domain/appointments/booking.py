# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books appointments: a kiosk and a counter held for the same stretch of time.

Each function works in the caller's writing transaction (see `transactions`), so that it can
be run again after a conflict. What may be done to an appointment later is in `acts`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, true
from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_kept
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.choosing import Place, Side, Taken
from booking_web.domain.places.find_place import find_place
from booking_web.domain.places.held_slots import hold
from booking_web.domain.places.search import publishes_hours
from booking_web.domain.places.slots import slot_of, slots_touched
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentSource, AppointmentState
from provisioning.database.models import Organisation, Relay, User

HORIZON_DAYS = 366


class BookingError(Exception):
    """The appointment cannot be booked as asked; nothing was written."""


class UnknownOrganisation(BookingError):
    """No organisation has this slug."""


class UnknownRelay(BookingError):
    """No relay has this slug."""


class NothingToBook(BookingError):
    """The relay has no kiosk or the organisation no counter."""

    def __init__(self, missing: Side) -> None:
        super().__init__(f"no {missing}")
        self.missing = missing


class TooEarly(BookingError):
    """The hour is past."""


class TooLate(BookingError):
    """The hour is more than HORIZON_DAYS away."""


class PlaceTaken(BookingError):
    """Kiosk or counter are held by others at that hour."""

    def __init__(self, taken: Side) -> None:
        super().__init__(f"{taken} taken")
        self.taken = taken


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
class AskedFor:
    """What there is to know of the relay and the organisation that a request names."""

    relay_id: int
    time_zone: str
    organisation_id: int
    # How long its appointments are where nothing else is said.
    usual_minutes: int
    # Whether it publishes hours at all.
    has_hours: bool
    # The relay whose town hall asks; None: no town hall does.
    town_hall_id: int | None


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
    asked: AskedFor,
    now: datetime,
) -> Booking:
    """Book as `book` does, for who has asked `made_before` and `asked_for` already."""
    # Nothing that is read here depends on what waits to be written.
    with session.no_autoflush:
        return _book_first(session, request, asked, now)


def _book_first(
    session: Session,
    request: BookingRequest,
    asked: AskedFor,
    now: datetime,
) -> Booking:
    length = timedelta(minutes=request.minutes or asked.usual_minutes)
    starts_at = request.starts_at or now
    if starts_at < slot_of(now):
        raise TooEarly
    if starts_at > now + timedelta(days=HORIZON_DAYS):
        raise TooLate
    is_now = request.starts_at is None
    # A walk-in ends with its last slot, so that it never spills into one more.
    ends_at = slot_of(now) + length if is_now else starts_at + length
    try:
        place = place_or_refusal(
            find_place(
                session,
                relay_id=asked.relay_id,
                organisation_id=asked.organisation_id,
                starts_at=starts_at,
                ends_at=ends_at,
                now=now,
                preferred_counter_ids=request.preferred_counter_ids,
            )
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
        organisation_id=asked.organisation_id,
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
        town_hall_id=asked.town_hall_id,
        created_at=now,
    )
    insert_kept(session, appointment)
    if request.resident_id is not None:
        resident = session.get_one(Resident, request.resident_id)
        # Who was written down for this very hour is not written again.
        if resident.seen_at < starts_at:
            resident.seen_at = starts_at
    hold(session, appointment, slots_touched(starts_at, ends_at))
    actor = request.actor
    tell(session, Act.BOOKED, appointment, actor=actor, at=now)
    if is_now:
        session.flush()
        appointment.call_requested_at = now
        move(session, appointment, AppointmentState.ARRIVED, actor=actor, at=now)
    session.flush()
    return Booking(appointment, was_there=False)


def made_before(session: Session, request: BookingRequest) -> Appointment | None:
    """Give the appointment that an identical submission made, if there is one."""
    made = session.scalar(_MADE_BEFORE, {"submission": request.submission})
    return None if made is None else session.get_one(Appointment, made)


def asked_for(session: Session, request: BookingRequest) -> AskedFor:
    """Look both up; raises UnknownRelay or UnknownOrganisation."""
    told = {
        "relay": request.relay,
        "organisation": request.organisation,
        "user_id": request.user_id,
    }
    found = session.execute(_ASKED_FOR, told).one_or_none()
    if found is not None:
        return AskedFor(*found)
    if session.scalar(select(Relay.id).where(Relay.slug == request.relay)) is None:
        raise UnknownRelay
    raise UnknownOrganisation


def place_or_refusal(found: Place | Taken) -> Place:
    """Give the place; raises NothingToBook or PlaceTaken where there is none."""
    if isinstance(found, Place):
        return found
    raise NothingToBook(found.by) if found.is_missing else PlaceTaken(found.by)


# Built once, and of plain tables: to build a statement costs about as much as to run it, and
# to make objects of rows costs more.
_APPOINTMENT = cast(Table, Appointment.__table__)
_RELAY = cast(Table, Relay.__table__)
_ORGANISATION = cast(Table, Organisation.__table__)
_USER = cast(Table, User.__table__)
_MADE_BEFORE = select(_APPOINTMENT.c.id).where(
    _APPOINTMENT.c.submission == bindparam("submission")
)
_ASKED_FOR = (
    select(
        _RELAY.c.id,
        _RELAY.c.time_zone,
        _ORGANISATION.c.id,
        _ORGANISATION.c.appointment_minutes,
        publishes_hours(_ORGANISATION.c.id),
        select(_USER.c.relay_id)
        .where(_USER.c.id == bindparam("user_id"))
        .scalar_subquery(),
    )
    .join_from(_RELAY, _ORGANISATION, true())
    .where(
        _RELAY.c.slug == bindparam("relay"),
        _ORGANISATION.c.slug == bindparam("organisation"),
    )
)

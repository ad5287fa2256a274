# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes down what a valid booking form asks for, in the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import (
    AskedFor,
    Booking,
    BookingRequest,
    UnknownRelay,
    asked_for,
    book_first,
    made_before,
)
from booking_web.domain.places.search import open_counters, open_now
from booking_web.domain.rights.person import Person
from booking_web.pages.rows.neighbourhood import is_offered_at
from booking_web.pages.secretary.booking.forms import BookingForm
from booking_web.pages.secretary.booking.free_slots import slot_at
from booking_web.pages.secretary.booking.subjects import Subject
from booking_web.pages.secretary.booking.walk_in import book_now
from booking_web.pages.secretary.booking.who import person_of
from provisioning.database.models import Relay


@dataclass(frozen=True)
class MadeBooking:
    """A booking, and what there is to know of its place."""

    booking: Booking
    relay_id: int
    zone: ZoneInfo
    # Whether the organisation publishes hours at all.
    has_hours: bool
    # Whether a counter is open at this hour; None: not asked yet.
    is_open: bool | None = None


class SlotGone(Exception):
    """The slot was on the page and is not offered any more: taken, or withdrawn."""


def make_booking(
    session: Session,
    form: BookingForm,
    subject: Subject,
    asking: Person,
    starts_at: datetime | None,
    now: datetime,
) -> MadeBooking:
    """Book, or give what this very submission booked before.

    Raises a BookingError, AskWho or SlotGone.
    """
    request = BookingRequest(
        token=form.submission.data or "",
        user_id=asking.user_id,
        relay=form.slot.relay if form.slot else form.relay.data,
        organisation=subject.organisation,
        resident_name=form.resident_name.data or "",
        reason=form.reason.data or "",
        starts_at=starts_at,
        visit_reason_id=subject.visit_reason_id,
        minutes=int(subject.length.total_seconds() // 60),
    )
    asked = asked_for(session, request)
    is_open = None
    if asked.has_hours and form.slot is None:
        organisation_id, relay_id = asked.organisation_id, asked.relay_id
        if starts_at is None:
            counter_ids = open_now(session, organisation_id, relay_id, now)
        else:
            ends_at = starts_at + subject.length
            counter_ids = open_counters(
                session, organisation_id, relay_id, starts_at, ends_at
            )
        request = replace(request, preferred_counter_ids=counter_ids)
        is_open = bool(counter_ids)
    # Before anything is written: a double click must not create the resident twice.
    if (made := made_before(session, request)) is not None:
        booking = Booking(made, was_there=True)
    else:
        booking = _book(session, form, subject, request, asked, now)
    zone = ZoneInfo(asked.time_zone)
    return MadeBooking(booking, asked.relay_id, zone, asked.has_hours, is_open)


def _book(
    session: Session,
    form: BookingForm,
    subject: Subject,
    request: BookingRequest,
    asked: AskedFor,
    now: datetime,
) -> Booking:
    starts_at = request.starts_at
    is_home = request.relay == form.relay.data
    home_id = asked.relay_id if is_home else home_relay(session, form).id
    person = person_of(session, form, home_id, request.user_id, now, comes_at=starts_at)
    request = replace(request, resident_id=person.resident.id)
    if form.slot is not None and starts_at is not None:
        if not is_home and not is_offered_at(
            session, home_relay(session, form), asked.relay_id
        ):
            raise SlotGone
        counter_id = _counter_of(session, asked.relay_id, subject, starts_at, now)
        request = replace(request, preferred_counter_ids=[counter_id])
    if starts_at is None:
        booking = book_now(session, request, now)
    else:
        booking = book_first(session, request, asked, now)
    if booking.was_there and person.is_new:
        session.delete(person.resident)
    return booking


def _counter_of(
    session: Session,
    relay_id: int,
    subject: Subject,
    starts_at: datetime,
    now: datetime,
) -> int:
    slot = slot_at(session, subject, relay_id, starts_at, now)
    if slot is None:
        raise SlotGone
    return slot.counter_id


def home_relay(session: Session, form: BookingForm) -> Relay:
    """Give the relay whose resident this is; raises UnknownRelay."""
    relay = session.scalar(select(Relay).where(Relay.slug == form.relay.data))
    if relay is None:
        raise UnknownRelay
    return relay

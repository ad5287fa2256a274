# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may be done to an entry of the waiting list; each in the caller's transaction."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import BookingError
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.journal.entries import write_down
from booking_web.domain.waiting.offers import offer_key
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.waiting import WaitingEntry, WaitingState


class NotWaiting(Exception):
    """The entry was booked or withdrawn meanwhile."""


class OfferGone(Exception):
    """The slot was taken, or is not offered any more."""


def add_entry(
    session: Session,
    *,
    relay_id: int,
    organisation_id: int,
    visit_reason_id: int | None,
    resident_id: int,
    language: str,
    interpreter_id: int | None,
    until: date | None,
    user_id: int,
    now: datetime,
    discreet: bool = False,
) -> WaitingEntry:
    """Put a resident on the list; who is there for the same keeps their place."""
    entry = session.scalar(
        select(WaitingEntry).where(
            WaitingEntry.resident_id == resident_id,
            WaitingEntry.organisation_id == organisation_id,
            WaitingEntry.visit_reason_id.is_not_distinct_from(visit_reason_id),
            WaitingEntry.state == WaitingState.WAITING,
        )
    )
    if entry is not None:
        entry.until, entry.language = until, language
        entry.interpreter_id, entry.discreet = interpreter_id, discreet
        return entry
    entry = WaitingEntry(
        relay_id=relay_id,
        organisation_id=organisation_id,
        visit_reason_id=visit_reason_id,
        resident_id=resident_id,
        language=language,
        interpreter_id=interpreter_id,
        discreet=discreet,
        state=WaitingState.WAITING,
        until=until,
        passed=[],
        created_at=now,
        created_by_id=user_id,
    )
    session.add(entry)
    session.flush()
    _record(session, entry, f"user:{user_id}", Act.WAITING_ADDED, now)
    return entry


def take_offer(
    session: Session,
    entry: WaitingEntry,
    starts_at: datetime,
    user_id: int,
    now: datetime,
) -> Appointment:
    """Book the offered slot; raises NotWaiting or OfferGone."""
    if entry.state != WaitingState.WAITING:
        raise NotWaiting
    reason = entry.visit_reason
    order = BookingOrder(
        token=f"waiting-{entry.id}",
        user_id=user_id,
        relay=entry.relay.slug,
        organisation=entry.organisation.slug,
        visit_reason=reason.slug if reason is not None else None,
        resident_name=entry.resident.name,
        resident_id=entry.resident_id,
        language=entry.language,
        discreet=entry.discreet,
        interpreter=entry.interpreter.slug if entry.interpreter is not None else None,
        starts_at=starts_at,
        hours=Hours.OFFERED,
    )
    try:
        appointment = book(session, order, now).appointment
    except BookingError as error:
        raise OfferGone from error
    entry.state = WaitingState.BOOKED
    entry.appointment_id = appointment.id
    _record(session, entry, f"user:{user_id}", Act.WAITING_BOOKED, now, appointment.id)
    return appointment


def pass_offer(
    session: Session,
    entry: WaitingEntry,
    starts_at: datetime,
    actor: str,
    now: datetime,
) -> None:
    """Offer this slot to the next; the entry keeps its place for other slots."""
    if entry.state != WaitingState.WAITING:
        raise NotWaiting
    key = offer_key(entry, starts_at)
    if key in entry.passed:
        return
    # A new list: a change within the stored one would not be seen.
    entry.passed = [*entry.passed, key]
    _record(session, entry, actor, Act.WAITING_PASSED, now)


def withdraw(session: Session, entry: WaitingEntry, actor: str, now: datetime) -> None:
    """Take the resident off the list."""
    if entry.state == WaitingState.BOOKED:
        raise NotWaiting
    entry.state = WaitingState.WITHDRAWN
    _record(session, entry, actor, Act.WAITING_WITHDRAWN, now)


def put_back(session: Session, entry: WaitingEntry, actor: str, now: datetime) -> None:
    """Undo a withdrawal: the resident has their old place again."""
    if entry.state != WaitingState.WITHDRAWN:
        raise NotWaiting
    entry.state = WaitingState.WAITING
    _record(session, entry, actor, Act.WAITING_PUT_BACK, now)


def _record(
    session: Session,
    entry: WaitingEntry,
    actor: str,
    act: Act,
    now: datetime,
    appointment_id: int | None = None,
) -> None:
    write_down(
        session,
        act,
        actor=actor,
        at=now,
        detail=f"waiting {entry.id} resident {entry.resident_id}",
        appointment_id=appointment_id,
        resident_id=entry.resident_id,
    )

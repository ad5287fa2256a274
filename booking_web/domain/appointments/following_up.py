# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books an appointment's continuation: same resident, relay and reason, at the same organisation.

In the caller's writing transaction; lock the first appointment's row before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.search import Slot, SlotSearch, SlotsFound, find_slots
from booking_web.domain.residents.postal import NO_ADDRESS, address_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import FollowUp
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import OVER, AppointmentState
from provisioning.database.models import Organisation

DAYS = 4
SLOTS_A_DAY = 3


@dataclass(frozen=True)
class Following:
    """When and where a continuation takes place."""

    id: int
    starts_at: datetime
    zone: ZoneInfo
    relay: str

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        """Describe it, for who reads of it after the transaction."""
        relay = appointment.kiosk.relay
        zone = ZoneInfo(relay.time_zone)
        return cls(appointment.id, appointment.starts_at, zone, relay.name)


class FollowUpRefused(Exception):
    """Nothing was booked; the classes below say why."""


class ResidentForgotten(FollowUpRefused):
    """Whose appointment it was is not known any more."""


class FollowedAlready(FollowUpRefused):
    """Its continuation was booked before, by another tab or person."""

    def __init__(self, following: Following) -> None:
        super().__init__(f"appointment {following.id} follows already")
        self.following = following


def following_of(session: Session, appointment_id: int) -> Appointment | None:
    """Give the continuation that was booked, unless it was cancelled."""
    row = session.get(FollowUp, appointment_id)
    if row is None:
        return None
    following = session.get_one(Appointment, row.next_id)
    if AppointmentState(following.state) is AppointmentState.CANCELLED:
        return None
    return following


def propose_follow_up(
    session: Session, appointment: Appointment, now: datetime
) -> tuple[list[list[Slot]], SlotsFound]:
    """Give the first free slots of each of the next days that have any; without any, why.

    Not before the present appointment's own end.
    """
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    after = max(now, appointment.ends_at)
    found = _slots_after(session, appointment, after, now)
    return list(_days(session, appointment, found, zone, now)), found


def _days(
    session: Session,
    appointment: Appointment,
    found: SlotsFound,
    zone: ZoneInfo,
    now: datetime,
) -> Iterator[list[Slot]]:
    for _ in range(DAYS):
        if not found.slots:
            return
        day = local_day(found.slots[0].starts_at, zone)
        yield [each for each in found.slots if local_day(each.starts_at, zone) == day]
        _, midnight = day_bounds(day, zone)
        found = _slots_after(session, appointment, midnight, now)


def _slots_after(
    session: Session, appointment: Appointment, after: datetime, now: datetime
) -> SlotsFound:
    organisation = session.get_one(Organisation, appointment.organisation_id)
    search = SlotSearch(
        organisation_id=appointment.organisation_id,
        relay_ids=[appointment.kiosk.relay_id],
        length=length_of(organisation, appointment.visit_reason),
        after=after,
        limit=SLOTS_A_DAY,
        interpreter_id=appointment.interpreter_id,
    )
    return find_slots(session, search, now)


def book_follow_up(
    session: Session,
    appointment: Appointment,
    starts_at: datetime,
    *,
    user_id: int,
    actor: str,
    now: datetime,
) -> Appointment:
    """Book it at an hour that the organisation offers; the town hall hears of it as of any.

    The same hour again gives what was booked. Raises FollowUpRefused or a BookingError.
    """
    if not appointment.resident_name:
        raise ResidentForgotten
    before = following_of(session, appointment.id)
    if before is not None and AppointmentState(before.state) not in OVER:
        if before.starts_at == starts_at:
            return before
        raise FollowedAlready(Following.of(before))
    order = _order(session, appointment, starts_at, user_id)
    booked = book(session, order, now).appointment
    # Whose resident it is goes on seeing it, wherever it takes place.
    booked.town_hall_id = appointment.town_hall_id
    row = session.get(FollowUp, appointment.id)
    if row is None:
        row = FollowUp(appointment_id=appointment.id)
        session.add(row)
    row.next_id = booked.id
    tell(
        session,
        Act.FOLLOW_UP_BOOKED,
        appointment,
        actor=actor,
        at=now,
        detail=f"appointment {booked.id}",
    )
    session.flush()
    return booked


def _order(
    session: Session, appointment: Appointment, starts_at: datetime, user_id: int
) -> BookingOrder:
    reason, interpreter = appointment.visit_reason, appointment.interpreter
    address = session.get(AppointmentAddress, appointment.id)
    resident = resident_of(session, appointment)
    return BookingOrder(
        # A first continuation that was cancelled does not stand for the second one.
        token=f"follow-up {appointment.id} after {_replaced(session, appointment.id)}",
        user_id=user_id,
        relay=appointment.kiosk.relay.slug,
        organisation=appointment.organisation.slug,
        visit_reason=reason.slug if reason else None,
        resident_name=appointment.resident_name,
        details=appointment.reason,
        language=appointment.language,
        discreet=appointment.discreet,
        interpreter=interpreter.slug if interpreter else None,
        starts_at=starts_at,
        hours=Hours.OFFERED,
        resident_id=resident.id if resident else None,
        address=NO_ADDRESS if address is None else address_in(address),
    )


def _replaced(session: Session, appointment_id: int) -> int:
    row = session.get(FollowUp, appointment_id)
    return 0 if row is None else row.next_id

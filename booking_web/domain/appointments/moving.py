# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves an appointment to another hour or relay, in the caller's writing transaction.

Pages and programs call it as `acts.reschedule`.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.lifecycle import move, release_slots
from booking_web.domain.appointments.refusals import place_or_refusal
from booking_web.domain.appointments.rules import Hours, Stretch, counters_to_take
from booking_web.domain.journal.telling import Former, tell
from booking_web.domain.places.find_place import find_place
from booking_web.domain.places.grid import (
    slots_touched,
)
from booking_web.domain.places.held_slots import hold
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ActReason, AppointmentState, check_move
from provisioning.database.models import Organisation

_S = AppointmentState


def known_reason(reason: str) -> str:
    """Give the reason back; raises ValueError for one that is none of the list."""
    return ActReason(reason) if reason else ""


def give_up_the_call(appointment: Appointment) -> None:
    """Take back what was asked of the dispatcher."""
    appointment.call_requested_at = None
    appointment.hangup_requested_at = None


def reschedule(
    session: Session,
    appointment: Appointment,
    *,
    starts_at: datetime,
    hours: Hours,
    relay_id: int | None = None,
    near_only: bool = False,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Move the appointment to another hour, and to another relay where one is given.

    It is booked again, also where its call had failed. `reason` is an ActReason or empty.
    `near_only` holds it to the relays whose slots are offered where it is now. A counter that
    publishes the hour, the present one first, is taken where it is free; else any.
    Raises a BookingError or IllegalMove; then nothing has changed.
    """
    state = AppointmentState(appointment.state)
    if state is not _S.BOOKED:
        check_move(state, _S.BOOKED)
    code = known_reason(reason)
    length = length_when_moved(session, appointment)
    own_relay_id = appointment.kiosk.relay_id
    interpreter_id = appointment.interpreter_id
    stretch = Stretch(
        relay_id=relay_id or own_relay_id,
        organisation_id=appointment.organisation_id,
        starts_at=starts_at,
        length=length,
        home_relay_id=own_relay_id if near_only else None,
        besides=appointment.id,
        interpreter_id=interpreter_id,
    )
    counter_ids = counters_to_take(session, stretch, hours, now)
    place = place_or_refusal(
        find_place(
            session,
            relay_id=stretch.relay_id,
            organisation_id=stretch.organisation_id,
            starts_at=starts_at,
            ends_at=starts_at + length,
            now=now,
            preferred_counter_ids=counter_ids,
            moved=appointment,
            interpreter_id=interpreter_id,
        )
    )
    former = Former.of(appointment)
    release_slots(session, appointment)
    appointment.kiosk_id = place.kiosk_id
    appointment.counter_id = place.counter_id
    appointment.interpreter_counter_id = place.interpreter_counter_id
    appointment.starts_at = place.starts_at
    appointment.ends_at = place.starts_at + length
    appointment.sequence += 1
    give_up_the_call(appointment)
    if appointment.resident_id is not None:
        resident = session.get_one(Resident, appointment.resident_id)
        resident.seen_at = max(resident.seen_at, place.starts_at)
    session.flush()
    session.expire(appointment, ["kiosk", "counter", "interpreter_counter"])
    hold(session, appointment, slots_touched(place.starts_at, appointment.ends_at))
    before, after = former.starts_at.isoformat(), place.starts_at.isoformat()
    tell(
        session,
        Act.RESCHEDULED,
        appointment,
        actor=actor,
        at=now,
        detail=f"{before} -> {after} {code}",
        former=former,
        is_followed=state is not _S.BOOKED,
    )
    if state is not _S.BOOKED:
        move(session, appointment, _S.BOOKED, actor=actor, at=now)
    session.flush()


def length_when_moved(session: Session, appointment: Appointment) -> timedelta:
    """Tell how long it takes; a call that was made has changed its start and end."""
    if appointment.state == _S.BOOKED:
        return appointment.ends_at - appointment.starts_at
    organisation = session.get_one(Organisation, appointment.organisation_id)
    return length_of(organisation, appointment.visit_reason)

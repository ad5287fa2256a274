# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves an appointment to another hour or relay, in the caller's writing transaction.

Pages and programs call it as `acts.reschedule`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import (
    HORIZON_DAYS,
    PlaceTaken,
    TooEarly,
    TooLate,
)
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.lifecycle import move, release_slots
from booking_web.domain.journal.message_outbox import queue_messages
from booking_web.domain.journal.telling import announce, record
from booking_web.domain.journal.webhook_outbox import queue_event
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks, hold
from booking_web.domain.places.proposal import next_start
from booking_web.domain.places.slots import (
    FreePlace,
    free_among,
    free_place,
    slot_of,
    slots_touched,
)
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.messages import MessageKind
from booking_web.tables.states import ActReason, AppointmentState, check_move
from booking_web.tables.webhooks import EventKind
from provisioning.database.models import Kiosk, Organisation

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
    relay_id: int | None = None,
    actor: str,
    now: datetime,
    reason: str = "",
    preferred_counter_ids: Sequence[int] = (),
) -> None:
    """Move the appointment to another hour, and to another relay where one is given.

    It is booked again, also where its call had failed. `reason` is an ActReason or empty.
    A preferred counter, the present one first, is taken where it is free; else any.
    Raises TooEarly, TooLate, PlaceTaken or IllegalMove; then nothing has changed.
    """
    state = AppointmentState(appointment.state)
    if state is not _S.BOOKED:
        check_move(state, _S.BOOKED)
    code = known_reason(reason)
    if starts_at < slot_of(now):
        raise TooEarly
    if starts_at > now + timedelta(days=HORIZON_DAYS):
        raise TooLate
    place = _place_to_move_to(
        session, appointment, starts_at, relay_id, preferred_counter_ids, now
    )
    before, former_kiosk_id = appointment.starts_at, appointment.kiosk_id
    if place.kiosk_id != appointment.kiosk_id:
        # Those who look at the relay that it leaves.
        announce(session, appointment, now)
    length = length_when_moved(session, appointment)
    release_slots(session, appointment)
    appointment.kiosk_id = place.kiosk_id
    appointment.counter_id = place.counter_id
    appointment.starts_at = place.starts_at
    appointment.ends_at = place.starts_at + length
    appointment.sequence += 1
    give_up_the_call(appointment)
    if appointment.resident_id is not None:
        resident = session.get_one(Resident, appointment.resident_id)
        resident.seen_at = max(resident.seen_at, place.starts_at)
    session.flush()
    session.expire(appointment, ["kiosk", "counter"])
    hold(session, appointment, slots_touched(place.starts_at, appointment.ends_at))
    detail = f"{before.isoformat()} -> {place.starts_at.isoformat()} {code}"
    record(session, appointment, actor, "rescheduled", now, detail)
    queue_event(session, appointment, EventKind.CHANGED, now, former_kiosk_id)
    queue_messages(session, appointment, MessageKind.RESCHEDULED, now)
    if state is _S.BOOKED:
        announce(session, appointment, now)
    else:
        move(session, appointment, _S.BOOKED, actor=actor, at=now)
    session.flush()


def length_when_moved(session: Session, appointment: Appointment) -> timedelta:
    """Tell how long it takes; a call that was made has changed its start and end."""
    if appointment.state == _S.BOOKED:
        return appointment.ends_at - appointment.starts_at
    organisation = session.get_one(Organisation, appointment.organisation_id)
    return length_of(organisation, appointment.visit_reason)


def _place_to_move_to(
    session: Session,
    appointment: Appointment,
    starts_at: datetime,
    relay_id: int | None,
    preferred_counter_ids: Sequence[int],
    now: datetime,
) -> FreePlace:
    wanted = relay_id or appointment.kiosk.relay_id
    # Bookings of one relay follow each other (see scheduling).
    found = session.scalars(
        select(Kiosk)
        .where(Kiosk.relay_id == wanted)
        .order_by(Kiosk.id)
        .with_for_update(key_share=True)
    ).all()
    # The own kiosk first: less changes for whoever is told.
    ids = sorted((kiosk.id for kiosk in found), key=lambda k: k != appointment.kiosk_id)
    length = length_when_moved(session, appointment)
    ends_at = starts_at + length
    kiosks = held_by_kiosks(
        session, ids, starts_at, now, besides=appointment.id, until=ends_at
    )
    held = held_by_counters(
        session,
        appointment.organisation_id,
        starts_at,
        besides=appointment.id,
        until=ends_at,
    )
    own = appointment.counter_id
    in_turn = sorted(held, key=lambda c: (c not in preferred_counter_ids, c != own))
    counters = {counter_id: held[counter_id] for counter_id in in_turn}
    place = free_place(starts_at, length, kiosks, counters)
    if place is not None:
        return place
    if not found:
        raise PlaceTaken("kiosk", None)
    slots = slots_touched(starts_at, ends_at)
    taken = "kiosk" if free_among(kiosks, slots) is None else "counter"
    following = next_start(
        session,
        organisation_id=appointment.organisation_id,
        relay_id=wanted,
        zone=ZoneInfo(found[0].relay.time_zone),
        length=length,
        after=starts_at,
        now=now,
        besides=appointment.id,
    )
    raise PlaceTaken(taken, following)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a secretary may do to an appointment after it was booked.

Each act works in the caller's writing transaction, is written to the journal and announced
to open pages. IllegalMove (see `states`) says that the appointment has moved on meanwhile.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.lifecycle import announce, move, record, release_slots
from booking_web.messages.models import MessageKind
from booking_web.messages.outbox import queue_messages
from booking_web.models import Appointment, KioskSlot, Resident
from booking_web.scheduling import (
    HORIZON_DAYS,
    PlaceTaken,
    TooEarly,
    TooLate,
    held_by_counters,
    held_by_kiosks,
    hold,
)
from booking_web.slots import (
    SLOT,
    FreePlace,
    free_among,
    free_place,
    free_run,
    next_free_place,
    slot_of,
    slots_touched,
)
from booking_web.states import (
    CALLABLE_AGAIN,
    ON_THE_LINE,
    ActReason,
    AppointmentState,
    IllegalMove,
    check_move,
)
from booking_web.webhooks.models import EventKind
from booking_web.webhooks.outbox import queue_event
from provisioning.models import Kiosk, Organisation

_S = AppointmentState


class KioskTaken(Exception):
    """Another appointment has the kiosk now."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__("the kiosk is taken")
        # When its slots end, where that is known.
        self.until = until


class CountersTaken(Exception):
    """Every counter of the organisation is held by others now."""


def mark_arrived(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Say that the resident is there; the call comes at the hour, or when asked for."""
    move(session, appointment, _S.ARRIVED, actor=actor, at=now)


def mark_no_show(
    session: Session,
    appointment: Appointment,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Say that the resident did not come; kiosk and counter are free again.

    `reason` is an ActReason or empty.
    """
    _give_up_the_call(appointment)
    move(session, appointment, _S.NO_SHOW, actor=actor, at=now, reason=_known(reason))


def cancel(
    session: Session,
    appointment: Appointment,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Cancel the appointment; kiosk and counter are free again.

    `reason` is an ActReason or empty.
    """
    _give_up_the_call(appointment)
    # Before the move, which tells the new number to webhooks.
    appointment.sequence += 1
    move(session, appointment, _S.CANCELLED, actor=actor, at=now, reason=_known(reason))
    queue_messages(session, appointment, MessageKind.CANCELLED, now)


def reschedule(
    session: Session,
    appointment: Appointment,
    *,
    starts_at: datetime,
    relay_id: int | None = None,
    actor: str,
    now: datetime,
    reason: str = "",
    preferred_counter_id: int | None = None,
) -> None:
    """Move the appointment to another hour, and to another relay where one is given.

    It is booked again, also where its call had failed. `reason` is an ActReason or empty.
    The preferred counter, else the present one, is taken where it is free.
    Raises TooEarly, TooLate, PlaceTaken or IllegalMove; then nothing has changed.
    """
    state = AppointmentState(appointment.state)
    if state is not _S.BOOKED:
        check_move(state, _S.BOOKED)
    code = _known(reason)
    if starts_at < slot_of(now):
        raise TooEarly
    if starts_at > now + timedelta(days=HORIZON_DAYS):
        raise TooLate
    first_counter_id = preferred_counter_id or appointment.counter_id
    place = _place_to_move_to(
        session, appointment, starts_at, relay_id, first_counter_id, now
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
    _give_up_the_call(appointment)
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


def note_usefulness(
    session: Session,
    appointment: Appointment,
    was_useful: bool | None,
    actor: str,
    now: datetime,
) -> None:
    """Keep what the resident answered after the call; None: not asked. Can be changed.

    Raises IllegalMove where no call has ended.
    """
    state = AppointmentState(appointment.state)
    if state is not _S.DONE:
        raise IllegalMove(state, _S.DONE)
    if appointment.was_useful is was_useful:
        return
    appointment.was_useful = was_useful
    answer = {True: "yes", False: "no", None: "not asked"}[was_useful]
    record(session, appointment, actor, "usefulness_noted", now, answer)
    announce(session, appointment, now)


def finish(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Close an appointment whose call broke after all was said."""
    state = AppointmentState(appointment.state)
    if state is not _S.INTERRUPTED:
        raise IllegalMove(state, _S.DONE)
    appointment.call_requested_at = None
    move(session, appointment, _S.DONE, actor=actor, at=now)


def call_now(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Ask for the call at once, before the hour or after a call that failed.

    Kiosk and counter are held from now on, up to the next appointment of either. A second
    click changes nothing. Raises KioskTaken, CountersTaken or IllegalMove.
    """
    state = AppointmentState(appointment.state)
    if state is _S.ARRIVED and appointment.call_requested_at is not None:
        return
    if (
        state is not _S.ARRIVED
        and state is not _S.BOOKED
        and state not in CALLABLE_AGAIN
    ):
        raise IllegalMove(state, _S.CALLING)
    _hold_from_now(session, appointment, now)
    appointment.in_line = False
    appointment.call_requested_at = now
    appointment.hangup_requested_at = None
    if state is _S.ARRIVED:
        record(session, appointment, actor, "call_requested", now)
        announce(session, appointment, now)
    else:
        move(session, appointment, _S.ARRIVED, actor=actor, at=now)


def request_hang_up(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Ask for the end of the call; raises IllegalMove where none is up."""
    state = AppointmentState(appointment.state)
    if state not in ON_THE_LINE:
        raise IllegalMove(state, _S.DONE)
    if appointment.hangup_requested_at is None:
        appointment.hangup_requested_at = now
        record(session, appointment, actor, "hang_up_requested", now)
        announce(session, appointment, now)


def _known(reason: str) -> str:
    return ActReason(reason) if reason else ""


def _give_up_the_call(appointment: Appointment) -> None:
    appointment.call_requested_at = None
    appointment.hangup_requested_at = None


def length_when_moved(session: Session, appointment: Appointment) -> timedelta:
    """Tell how long it takes; a call that was made has changed its start and end."""
    if appointment.state == _S.BOOKED:
        return appointment.ends_at - appointment.starts_at
    visit_reason = appointment.visit_reason
    if visit_reason is not None and visit_reason.minutes:
        return timedelta(minutes=visit_reason.minutes)
    organisation = session.get_one(Organisation, appointment.organisation_id)
    return timedelta(minutes=organisation.appointment_minutes)


def _place_to_move_to(
    session: Session,
    appointment: Appointment,
    starts_at: datetime,
    relay_id: int | None,
    first_counter_id: int,
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
    kiosks = held_by_kiosks(session, ids, starts_at, now, besides=appointment.id)
    held = held_by_counters(
        session, appointment.organisation_id, starts_at, besides=appointment.id
    )
    counters = dict(sorted(held.items(), key=lambda each: each[0] != first_counter_id))
    length = length_when_moved(session, appointment)
    place = free_place(starts_at, length, kiosks, counters)
    if place is not None:
        return place
    if not found:
        raise PlaceTaken("kiosk", None)
    zone = ZoneInfo(found[0].relay.time_zone)
    following = next_free_place(starts_at, length, kiosks, counters, zone)
    slots = slots_touched(starts_at, starts_at + length)
    taken = "kiosk" if free_among(kiosks, slots) is None else "counter"
    raise PlaceTaken(taken, following.starts_at if following else None)


def _hold_from_now(session: Session, appointment: Appointment, now: datetime) -> None:
    organisation = session.get_one(Organisation, appointment.organisation_id)
    longest = timedelta(minutes=organisation.appointment_minutes)
    kiosks = held_by_kiosks(
        session, [appointment.kiosk_id], now, now, besides=appointment.id
    )
    kiosk_run = free_run(now, longest, kiosks[appointment.kiosk_id])
    if not kiosk_run:
        raise KioskTaken(_taken_until(session, appointment, now))
    counters = held_by_counters(
        session, appointment.organisation_id, now, besides=appointment.id
    )
    runs = {counter: free_run(now, longest, held) for counter, held in counters.items()}
    own = appointment.counter_id
    # The own counter where it is free at all: the counsellor there expects the resident.
    if not runs.get(own):
        own = max(runs, key=lambda counter: len(runs[counter]))
    slots = kiosk_run[: len(runs[own])]
    if not slots:
        raise CountersTaken
    release_slots(session, appointment)
    appointment.counter_id = own
    appointment.starts_at = min(appointment.starts_at, now)
    appointment.ends_at = slots[-1] + SLOT
    session.flush()
    hold(session, appointment, slots)


def _taken_until(
    session: Session, appointment: Appointment, now: datetime
) -> datetime | None:
    """Tell when the kiosk is free again by its slots; an overrunning call has none left."""
    slots = set(
        session.scalars(
            select(KioskSlot.starts_at).where(
                KioskSlot.kiosk_id == appointment.kiosk_id,
                KioskSlot.starts_at >= slot_of(now),
                KioskSlot.appointment_id != appointment.id,
            )
        )
    )
    end = slot_of(now)
    while end in slots:
        end += SLOT
    return end if end > now else None

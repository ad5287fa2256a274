# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a secretary may do to an appointment after it was booked.

Each act works in the caller's writing transaction and is told (see `journal.telling`).
IllegalMove (see `states`) says that the appointment has moved on meanwhile.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.lifecycle import move, release_slots
from booking_web.domain.appointments.line.keeping import (
    keeps_its_place,
    take_back_place,
)
from booking_web.domain.appointments.moving import (
    give_up_the_call,
    known_reason,
    length_when_moved,
    reschedule,
)
from booking_web.domain.journal.telling import Former, tell
from booking_web.domain.places.grid import SLOT, free_run, slot_of
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks, hold
from booking_web.tables.appointment import Appointment, KioskSlot
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import (
    CALLABLE_AGAIN,
    ON_THE_LINE,
    ActReason,
    AppointmentState,
    IllegalMove,
)
from provisioning.database.models import Organisation

__all__ = [
    "ActReason",
    "CountersTaken",
    "KioskTaken",
    "call_now",
    "cancel",
    "finish",
    "length_when_moved",
    "mark_arrived",
    "mark_no_show",
    "note_usefulness",
    "request_hang_up",
    "reschedule",
]

_S = AppointmentState
# Statistics that were told already do not change any more.
LATE_NEWS = timedelta(days=1)


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
    """Say that the resident is there; the call comes at the hour, or when asked for.

    Who comes after their place was given to somebody of a line takes what is left of the
    hour, or waits in the line.
    """
    move(session, appointment, _S.ARRIVED, actor=actor, at=now)
    is_late = appointment.starts_at <= now
    if is_late and not keeps_its_place(session, appointment, now):
        appointment.in_line = not take_back_place(session, appointment, now)


def mark_no_show(
    session: Session,
    appointment: Appointment,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Say that the resident did not come; kiosk and counter are free again.

    Also on the day after a call to an empty chair at the latest: its periods tell the two
    apart. `reason` is an ActReason or empty.
    """
    if appointment.state == _S.DONE and now - appointment.state_since > LATE_NEWS:
        raise IllegalMove(_S.DONE, _S.NO_SHOW)
    give_up_the_call(appointment)
    appointment.was_useful = None
    move(
        session,
        appointment,
        _S.NO_SHOW,
        actor=actor,
        at=now,
        reason=known_reason(reason),
    )


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
    give_up_the_call(appointment)
    # Before the move, which tells the new number.
    appointment.sequence += 1
    move(
        session,
        appointment,
        _S.CANCELLED,
        actor=actor,
        at=now,
        reason=known_reason(reason),
    )


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
    tell(
        session,
        Act.USEFULNESS_NOTED,
        appointment,
        actor=actor,
        at=now,
        detail=answer,
    )


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
    former = Former.of(appointment)
    _hold_from_now(session, appointment, now)
    appointment.in_line = False
    appointment.call_requested_at = now
    appointment.hangup_requested_at = None
    if state is _S.ARRIVED:
        tell(
            session,
            Act.CALL_REQUESTED,
            appointment,
            actor=actor,
            at=now,
            former=former,
        )
    else:
        move(session, appointment, _S.ARRIVED, actor=actor, at=now, former=former)


def request_hang_up(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Ask for the end of the call; raises IllegalMove where none is up."""
    state = AppointmentState(appointment.state)
    if state not in ON_THE_LINE:
        raise IllegalMove(state, _S.DONE)
    if appointment.hangup_requested_at is None:
        appointment.hangup_requested_at = now
        tell(session, Act.HANG_UP_REQUESTED, appointment, actor=actor, at=now)


def _hold_from_now(session: Session, appointment: Appointment, now: datetime) -> None:
    organisation = session.get_one(Organisation, appointment.organisation_id)
    longest = length_of(organisation)
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

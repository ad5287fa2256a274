# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long an appointment keeps kiosk and counter from those who wait in a line.

An appointment whose call failed, or whose resident has not come, keeps its place for a time
that the site sets. Then the line goes on: the place is given up once somebody is called into
it, and not before. Who comes after that takes what is left of the hour, or waits in the line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select, union
from sqlalchemy.orm import Session

from booking_web.base.settings import Settings
from booking_web.domain.appointments.lifecycle import release_slots
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.choosing import Place
from booking_web.domain.places.grid import slot_of, slots_touched
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks, hold
from booking_web.domain.places.interpreters import free_interpreter
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import CALLABLE_AGAIN, ON_THE_LINE, AppointmentState

Held = dict[int, set[datetime]]
_S = AppointmentState


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What the site sets: who is called at the hour, and how long a place is kept."""

    calls_at_the_hour: bool = False
    after_failure: timedelta = timedelta(minutes=5)
    for_arrival: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class HeldForTheLine:
    """The slots of kiosks and counters into which nobody of a line may be called."""

    kiosks: Held
    counters: Held


def keeping_of(settings: Settings) -> Keeping:
    """Read what the site sets."""
    return Keeping(
        calls_at_the_hour=settings.calls_at_the_hour,
        after_failure=timedelta(minutes=settings.failed_call_kept_minutes),
        for_arrival=timedelta(minutes=settings.late_resident_kept_minutes),
    )


def kept_until(appointment: Appointment, keeping: Keeping) -> datetime | None:
    """Tell until when its place is kept, at most to its end; None where no such time runs."""
    state = AppointmentState(appointment.state)
    if state in CALLABLE_AGAIN:
        until = appointment.state_since + keeping.after_failure
    elif state is _S.BOOKED and not keeping.calls_at_the_hour:
        until = appointment.starts_at + keeping.for_arrival
    else:
        return None
    return min(until, appointment.ends_at)


def held_for_the_line(
    session: Session,
    kiosk_ids: Iterable[int],
    organisation_id: int,
    now: datetime,
    keeping: Keeping,
) -> HeldForTheLine:
    """Give the slots that are held from now on, without those that are kept no longer."""
    kiosks = held_by_kiosks(session, kiosk_ids, now, now)
    counters = held_by_counters(session, organisation_id, now)
    loose = select(Appointment.id).where(is_kept_no_longer(now, keeping))
    for owner, starts_at in session.execute(
        select(KioskSlot.kiosk_id, KioskSlot.starts_at).where(
            KioskSlot.kiosk_id.in_(kiosks),
            KioskSlot.starts_at >= slot_of(now),
            KioskSlot.appointment_id.in_(loose),
        )
    ):
        kiosks[owner].discard(starts_at)
    for owner, starts_at in session.execute(
        select(CounterSlot.counter_id, CounterSlot.starts_at).where(
            CounterSlot.counter_id.in_(counters),
            CounterSlot.starts_at >= slot_of(now),
            CounterSlot.appointment_id.in_(loose),
        )
    ):
        counters[owner].discard(starts_at)
    # A call that runs over its time may lie in the hour of one who has not come.
    for kiosk_id in session.scalars(
        select(Appointment.kiosk_id).where(
            Appointment.kiosk_id.in_(kiosks), Appointment.state.in_(ON_THE_LINE)
        )
    ):
        kiosks[kiosk_id].add(slot_of(now))
    return HeldForTheLine(kiosks, counters)


def give_up_places(
    session: Session,
    place: Place,
    slots: list[datetime],
    actor: str,
    now: datetime,
    keeping: Keeping,
) -> bool:
    """Free these slots of those who no longer keep them; False where one of them does."""
    owners = union(
        select(KioskSlot.appointment_id).where(
            KioskSlot.kiosk_id == place.kiosk_id, KioskSlot.starts_at.in_(slots)
        ),
        select(CounterSlot.appointment_id).where(
            CounterSlot.counter_id == place.counter_id, CounterSlot.starts_at.in_(slots)
        ),
    )
    ids = session.scalars(owners).all()
    if not ids:
        return True
    given_up = session.scalars(
        select(Appointment)
        .where(Appointment.id.in_(ids), is_kept_no_longer(now, keeping))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
    ).all()
    if len(given_up) < len(ids):
        return False
    for appointment in given_up:
        release_slots(session, appointment)
        tell(session, Act.PLACE_GIVEN_UP, appointment, actor=actor, at=now)
    return True


def keeps_its_place(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Tell whether it still holds a slot from now on."""
    held = session.scalar(
        select(KioskSlot.starts_at)
        .where(
            KioskSlot.appointment_id == appointment.id,
            KioskSlot.starts_at >= slot_of(now),
        )
        .limit(1)
    )
    return held is not None


def take_back_place(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Hold again what is to come of its hour; False where it was taken or is over."""
    since = max(appointment.starts_at, now)
    slots = slots_touched(since, appointment.ends_at)
    kiosks = held_by_kiosks(
        session, [appointment.kiosk_id], since, now, appointment.id, appointment.ends_at
    )
    counters = held_by_counters(
        session,
        appointment.organisation_id,
        since,
        appointment.id,
        appointment.ends_at,
    )
    taken = kiosks[appointment.kiosk_id] | counters[appointment.counter_id]
    if not slots or taken.intersection(slots):
        return False
    if (interpreter := appointment.interpreter) is not None and not free_interpreter(
        session,
        interpreter.id,
        appointment.kiosk.relay_id,
        since,
        appointment.ends_at,
        moved=(appointment.id, appointment.interpreter_counter_id),
    ):
        return False
    release_slots(session, appointment)
    session.flush()
    hold(session, appointment, slots)
    return True


def is_kept_no_longer(now: datetime, keeping: Keeping) -> ColumnElement[bool]:
    """Give the condition of those whose hour the line may have, if it wants it."""
    failed = and_(
        Appointment.state.in_(CALLABLE_AGAIN),
        Appointment.state_since <= now - keeping.after_failure,
    )
    late = and_(
        Appointment.state == _S.BOOKED,
        Appointment.starts_at <= now - keeping.for_arrival,
    )
    return or_(failed, false() if keeping.calls_at_the_hour else late)

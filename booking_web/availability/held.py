# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads which slots of a window are held, as sets of bits, one row per owner and day."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from booking_web.availability.grid import DAY_SLOTS, slot_number
from booking_web.availability.held_days import WORD_SLOTS, WORDS
from booking_web.availability_models import CounterDay, KioskDay
from booking_web.models import Appointment, CounterSlot, KioskSlot
from booking_web.states import ON_THE_LINE, AppointmentState
from provisioning.models import Counter, Kiosk

_W1, _W2, _W3, _W4, _W5 = (WORD_SLOTS * word for word in range(1, len(WORDS)))
# Their places are free again, so they do not count towards a day's maximum.
_NOT_COUNTED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def held_by_kiosks(
    session: Session, kiosk_ids: Collection[int], first: int, end: int
) -> dict[int, int]:
    """Give the held slots of each kiosk that has any; both bounds are whole UTC days."""
    query = (
        select(KioskDay.kiosk_id, *_columns(KioskDay))
        .where(KioskDay.day.between(first // DAY_SLOTS, end // DAY_SLOTS - 1))
        .where(KioskDay.kiosk_id.in_(kiosk_ids))
    )
    return _joined(session, query, first)


def held_by_counters(
    session: Session, organisation_id: int, first: int, end: int
) -> dict[int, int]:
    """Give the held slots of each counter of the organisation that has any."""
    query = (
        select(CounterDay.counter_id, *_columns(CounterDay))
        .join(Counter, Counter.id == CounterDay.counter_id)
        .where(CounterDay.day.between(first // DAY_SLOTS, end // DAY_SLOTS - 1))
        .where(Counter.organisation_id == organisation_id)
    )
    return _joined(session, query, first)


def _columns(table: type[KioskDay] | type[CounterDay]) -> list[Any]:
    return [table.day, *(getattr(table, word) for word in WORDS)]


def _joined(session: Session, query: Select[Any], first: int) -> dict[int, int]:
    held: dict[int, int] = {}
    first_day = first // DAY_SLOTS
    for owner, day, h00, h04, h08, h12, h16, h20 in session.execute(query):
        bits = h00 | h04 << _W1 | h08 << _W2 | h12 << _W3 | h16 << _W4 | h20 << _W5
        held[owner] = held.get(owner, 0) | bits << (day - first_day) * DAY_SLOTS
    return held


def held_by_appointment(
    session: Session, appointment_id: int
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Give the numbers of the slots that one appointment holds, by kiosk and by counter."""
    kiosks: dict[int, list[int]] = {}
    counters: dict[int, list[int]] = {}
    for table, owner, found in (
        (KioskSlot, KioskSlot.kiosk_id, kiosks),
        (CounterSlot, CounterSlot.counter_id, counters),
    ):
        for owner_id, starts_at in session.execute(
            select(owner, table.starts_at).where(table.appointment_id == appointment_id)
        ):
            found.setdefault(owner_id, []).append(slot_number(starts_at))
    return kiosks, counters


def kiosks_on_the_line(
    session: Session, kiosk_ids: Collection[int], besides: int | None
) -> list[int]:
    """Give the kiosks that are in a call: one that runs over holds the present slot too."""
    return list(
        session.scalars(
            select(Appointment.kiosk_id).where(
                Appointment.kiosk_id.in_(kiosk_ids),
                Appointment.state.in_(ON_THE_LINE),
                Appointment.id != (besides or 0),
            )
        )
    )


def count_starting(
    session: Session,
    organisation_id: int,
    between: tuple[datetime, datetime],
    *,
    relay_id: int | None = None,
    besides: int | None = None,
) -> int:
    """Count the organisation's appointments that start in this stretch and take place."""
    query = select(func.count()).where(
        Appointment.organisation_id == organisation_id,
        Appointment.starts_at >= between[0],
        Appointment.starts_at < between[1],
        Appointment.state.not_in(_NOT_COUNTED),
    )
    if relay_id is not None:
        query = query.join(Kiosk, Kiosk.id == Appointment.kiosk_id).where(
            Kiosk.relay_id == relay_id
        )
    if besides is not None:
        query = query.where(Appointment.id != besides)
    return session.scalar(query.select_from(Appointment)) or 0

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads which slots of a window are held, as sets of bits, one row per owner and day."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, func, select, text
from sqlalchemy.orm import Session

from booking_web.domain.places.slot_bits import DAY_SLOTS, slot_number
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.held_days import WORD_SLOTS, WORDS
from booking_web.tables.hours import CounterDay, KioskDay
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counter, Kiosk

_W1, _W2, _W3, _W4, _W5 = (WORD_SLOTS * word for word in range(1, len(WORDS)))
# Word for word what the partial index says: else SQLite cannot prove that it may be used,
# and reads every appointment of the kiosks.
_IS_ON_THE_LINE = text("appointment.state IN ('calling', 'queued', 'in_call')")
# Their places are free again, so they do not count towards a day's maximum.
_NOT_COUNTED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def held_by_kiosks(
    session: Session, kiosk_ids: Collection[int], first: int, end: int
) -> dict[int, int]:
    """Give the held slots of each kiosk that has any; both bounds are whole UTC days."""
    return _joined(session, _OF_KIOSKS, first, end, owners=list(kiosk_ids))


def held_by_counters(
    session: Session, organisation_id: int, first: int, end: int
) -> dict[int, int]:
    """Give the held slots of each counter of the organisation that has any."""
    return _joined(session, _OF_COUNTERS, first, end, organisation_id=organisation_id)


def _columns(table: FromClause) -> list[ColumnElement[int]]:
    return [table.c.day, *(table.c[word] for word in WORDS)]


def _days(table: FromClause) -> ColumnElement[bool]:
    return table.c.day.between(bindparam("first_day"), bindparam("last_day"))


# Tables, not mapped classes: thousands of rows need no identity map. Made once, so that
# SQLAlchemy compiles them once.
_KIOSK_DAY, _COUNTER_DAY = KioskDay.__table__, CounterDay.__table__
_OF_KIOSKS = select(_KIOSK_DAY.c.kiosk_id, *_columns(_KIOSK_DAY)).where(
    _days(_KIOSK_DAY), _KIOSK_DAY.c.kiosk_id.in_(bindparam("owners", expanding=True))
)
_OF_COUNTERS = (
    select(_COUNTER_DAY.c.counter_id, *_columns(_COUNTER_DAY))
    .join(Counter.__table__, Counter.__table__.c.id == _COUNTER_DAY.c.counter_id)
    .where(
        _days(_COUNTER_DAY),
        Counter.__table__.c.organisation_id == bindparam("organisation_id"),
    )
)


def _joined(
    session: Session, query: Select[Any], first: int, end: int, **values: Any
) -> dict[int, int]:
    held: dict[int, int] = {}
    first_day = first // DAY_SLOTS
    values |= {"first_day": first_day, "last_day": end // DAY_SLOTS - 1}
    for owner, day, h00, h04, h08, h12, h16, h20 in session.execute(query, values):
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
                _IS_ON_THE_LINE,
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

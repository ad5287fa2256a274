# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which slots kiosks and counters are held for, read and written in the caller's transaction.

The statements are built once: to build one costs about as much as to run it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Select,
    Table,
    bindparam,
    insert,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from booking_web.domain.places.choosing import free_among
from booking_web.domain.places.grid import PROPOSAL_DAYS, SLOT, slot_of
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.states import ON_THE_LINE
from provisioning.database.models import Counter

# Plain tables: of rows that nobody keeps, the ORM would only make a detour.
_KIOSK_SLOT = cast(Table, KioskSlot.__table__)
_COUNTER_SLOT = cast(Table, CounterSlot.__table__)
_APPOINTMENT = cast(Table, Appointment.__table__)
_COUNTER = cast(Table, Counter.__table__)


def hold(session: Session, appointment: Appointment, slots: Iterable[datetime]) -> None:
    """Hold the appointment's kiosk and counter for each of the slots, and its interpreter.

    One that takes place earlier or later than it was booked for has another counter of the
    same interpreters where its own is held by then; where all are, none.
    """
    held = list(slots)
    owners = [
        (_KIOSK_SLOT, "kiosk_id", appointment.kiosk_id),
        (_COUNTER_SLOT, "counter_id", appointment.counter_id),
    ]
    if held and (interpreter := _interpreter_to_hold(session, appointment, held)):
        owners.append((_COUNTER_SLOT, "counter_id", interpreter))
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for table, owner, owner_id in owners:
        rows = [
            {owner: owner_id, "starts_at": slot, "appointment_id": appointment.id}
            for slot in held
        ]
        if rows:
            session.execute((_HOLD if is_sqlite else _HOLD_AT_ONCE)[table], rows)


def _interpreter_to_hold(
    session: Session, appointment: Appointment, slots: list[datetime]
) -> int | None:
    own = appointment.interpreter_counter_id
    if own is None:
        return None
    interpreters = session.scalars(
        select(_COUNTER.c.organisation_id).where(_COUNTER.c.id == own)
    ).one()
    since, until = min(slots), max(slots) + SLOT
    held = held_by_counters(
        session, interpreters, since, appointment.id, until, to_choose=True
    )
    in_turn = sorted(held, key=lambda counter: counter != own)
    found = free_among({counter: held[counter] for counter in in_turn}, slots)
    if found not in (None, own):
        appointment.interpreter_counter_id = found
        session.flush()
        session.expire(appointment, ["interpreter_counter"])
    return found


def held_by_kiosks(
    session: Session,
    kiosk_ids: Iterable[int],
    since: datetime,
    now: datetime,
    besides: int | None = None,
    until: datetime | None = None,
) -> dict[int, set[datetime]]:
    """Give the slots that each kiosk is held for from `since` on.

    A call that runs over its time holds the present slot too. `besides` is an appointment
    whose own slots do not count. Without `until`, as far as anything is proposed.
    """
    held: dict[int, set[datetime]] = {kiosk_id: set() for kiosk_id in kiosk_ids}
    asked = _between(since, until) | {"owners": list(held), "besides": besides or 0}
    for kiosk_id, starts_at in session.execute(_HELD_KIOSKS, asked):
        held[kiosk_id].add(starts_at or slot_of(now))
    return held


def held_by_counters(
    session: Session,
    organisation_id: int,
    since: datetime,
    besides: int | None = None,
    until: datetime | None = None,
    *,
    to_choose: bool = False,
) -> dict[int, set[datetime]]:
    """Give the slots that each counter of the organisation is held for from `since` on.

    With `to_choose` others who choose a counter wait until this transaction ends: else ten
    relays that want the same hour would all try for the first free one.
    """
    counters = session.scalars(
        _COUNTERS_TO_CHOOSE if to_choose else _COUNTERS, {"of": organisation_id}
    )
    held: dict[int, set[datetime]] = {counter_id: set() for counter_id in counters}
    asked = _between(since, until) | {"owners": list(held), "besides": besides or 0}
    for counter_id, starts_at in session.execute(_HELD_COUNTERS, asked):
        held[counter_id].add(starts_at)
    return held


def _between(since: datetime, until: datetime | None) -> dict[str, Any]:
    first = slot_of(since)
    return {
        "since": first,
        "until": until or first + timedelta(days=PROPOSAL_DAYS + 1),
    }


def _held(table: Table, owner: str) -> Select[int, datetime]:
    return select(table.c[owner], table.c.starts_at).where(
        table.c[owner].in_(bindparam("owners", expanding=True)),
        table.c.starts_at >= bindparam("since"),
        table.c.starts_at < bindparam("until"),
        table.c.appointment_id != bindparam("besides"),
    )


_HOLD = {table: insert(table) for table in (_KIOSK_SLOT, _COUNTER_SLOT)}
# What returns something goes to PostgreSQL as one statement of many rows, and its triggers
# run once, not once a row.
_HOLD_AT_ONCE = {
    table: statement.returning(table.c.starts_at) for table, statement in _HOLD.items()
}
_HELD_COUNTERS = _held(_COUNTER_SLOT, "counter_id")
# A call that is up comes without an hour.
_HELD_KIOSKS = union_all(
    _held(_KIOSK_SLOT, "kiosk_id"),
    select(_APPOINTMENT.c.kiosk_id, null()).where(
        _APPOINTMENT.c.kiosk_id.in_(bindparam("owners", expanding=True)),
        _APPOINTMENT.c.state.in_(ON_THE_LINE),
        _APPOINTMENT.c.id != bindparam("besides"),
    ),
)
_COUNTERS = (
    select(_COUNTER.c.id)
    .where(_COUNTER.c.organisation_id == bindparam("of"))
    .order_by(_COUNTER.c.id)
)
_COUNTERS_TO_CHOOSE = _COUNTERS.with_for_update(key_share=True)

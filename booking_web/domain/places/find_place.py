# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finds the kiosk and the counter for a stretch of time: booking and moving ask here.

Works in the caller's writing transaction. What is given is theirs alone until that ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from booking_web.domain.places.choosing import Held, Place, Side, Taken, choose_place
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks
from booking_web.domain.places.interpreters import free_interpreter
from booking_web.domain.places.place_at_once import place_at_once
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Kiosk


def find_place(
    session: Session,
    *,
    relay_id: int,
    organisation_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    preferred_counter_ids: Sequence[int] = (),
    moved: Appointment | None = None,
    interpreter_id: int | None = None,
) -> Place | Taken:
    """Give a kiosk of the relay and a counter of the organisation, or what there is not.

    A preferred counter is taken where one is free. `moved` is an appointment that has a place:
    it does not stand in its own way, and keeps kiosk and counter where it can, so that less
    changes for whoever is told. `interpreter_id` is a service whose counter is needed too; it
    is chosen last by everybody, so that nobody waits for each other.
    """
    place = _place(
        session,
        relay_id,
        organisation_id,
        starts_at,
        ends_at,
        now,
        preferred_counter_ids,
        moved,
    )
    if interpreter_id is None or isinstance(place, Taken):
        return place
    own = (moved.id, moved.interpreter_counter_id) if moved is not None else None
    interpreter = free_interpreter(
        session, interpreter_id, relay_id, starts_at, ends_at, moved=own
    )
    if interpreter is None:
        return Taken(Side.INTERPRETER)
    return replace(place, interpreter_counter_id=interpreter)


def _place(
    session: Session,
    relay_id: int,
    organisation_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    preferred_counter_ids: Sequence[int],
    moved: Appointment | None,
) -> Place | Taken:
    at_once = place_at_once(
        session,
        relay_id,
        organisation_id,
        starts_at,
        ends_at,
        now,
        preferred_counter_ids=preferred_counter_ids,
        moved=moved,
    )
    if at_once is not None:
        return at_once
    besides = moved.id if moved is not None else None
    # Those who want this relay follow each other on PostgreSQL (SQLite has one writer anyhow),
    # so that the loser reads what the winner wrote and is told the true cause.
    kiosk_ids = session.scalars(_KIOSKS_TO_CHOOSE, {"of": relay_id}).all()
    kiosks = held_by_kiosks(session, kiosk_ids, starts_at, now, besides, until=ends_at)
    counters = held_by_counters(
        session, organisation_id, starts_at, besides, until=ends_at, to_choose=True
    )
    own_kiosk, own_counter = (
        (moved.kiosk_id, moved.counter_id) if moved is not None else (None, None)
    )
    # In the order of `place_at_once`.
    return choose_place(
        starts_at,
        ends_at,
        _in_turn(kiosks, lambda kiosk: kiosk != own_kiosk),
        _in_turn(
            counters,
            lambda counter: (
                counter not in preferred_counter_ids,
                counter != own_counter,
            ),
        ),
    )


def _in_turn(held: Held, turn: Callable[[int], Any]) -> Held:
    return {owner: held[owner] for owner in sorted(held, key=turn)}


# Built once, and of plain tables: to build a statement costs about as much as to run it.
_KIOSK = cast(Table, Kiosk.__table__)
_KIOSKS_TO_CHOOSE = (
    select(_KIOSK.c.id)
    .where(_KIOSK.c.relay_id == bindparam("of"))
    .order_by(_KIOSK.c.id)
    .with_for_update(key_share=True)
)

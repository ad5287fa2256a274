# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finds a free kiosk and a free counter in one statement, for the many who hinder nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, exists, select, true
from sqlalchemy.orm import Session

from booking_web.domain.places.choosing import Place
from booking_web.domain.places.grid import slot_of
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from provisioning.database.models import Counter, Kiosk


def place_at_once(
    session: Session,
    relay_id: int,
    organisation_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    *,
    preferred_counter_ids: Sequence[int] = (),
    moved: Appointment | None = None,
) -> Place | None:
    """Give a kiosk of the relay and a counter of the organisation that are free.

    None says nothing but that somebody has to look closer: the present slot is asked for,
    which a call that runs over its time may hold, or there is none, or on PostgreSQL others
    are choosing. What is given is theirs alone until this transaction ends. `moved` is an
    appointment that has a place, see `find_place`.
    """
    since = slot_of(starts_at)
    if since <= slot_of(now):
        return None
    found = session.execute(
        _FREE_PLACE,
        {
            "relay": relay_id,
            "organisation": organisation_id,
            "since": since,
            "until": ends_at,
            "preferred": preferred_counter_ids or _NOBODY,
            "moved": moved.id if moved is not None else NOBODY,
            "own_kiosk": moved.kiosk_id if moved is not None else NOBODY,
            "own_counter": moved.counter_id if moved is not None else NOBODY,
        },
    ).first()
    return None if found is None else Place(starts_at, *found)


# No row has this number.
NOBODY = 0
_NOBODY = (NOBODY,)
_KIOSK = cast(Table, Kiosk.__table__)
_KIOSK_SLOT = cast(Table, KioskSlot.__table__)
_COUNTER = cast(Table, Counter.__table__)
_COUNTER_SLOT = cast(Table, CounterSlot.__table__)
# PostgreSQL passes over what others have locked, so that a dozen relays that want the same
# hour take a counter each and do not wait for each other's commit. SQLite has one writer.
_FREE_KIOSK = (
    select(_KIOSK.c.id)
    .where(
        _KIOSK.c.relay_id == bindparam("relay"),
        ~exists().where(
            _KIOSK_SLOT.c.kiosk_id == _KIOSK.c.id,
            _KIOSK_SLOT.c.starts_at >= bindparam("since"),
            _KIOSK_SLOT.c.starts_at < bindparam("until"),
            _KIOSK_SLOT.c.appointment_id != bindparam("moved"),
        ),
    )
    .order_by(_KIOSK.c.id != bindparam("own_kiosk"), _KIOSK.c.id)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True)
    .subquery("free_kiosk")
)
_FREE_COUNTER = (
    select(_COUNTER.c.id)
    .where(
        _COUNTER.c.organisation_id == bindparam("organisation"),
        ~exists().where(
            _COUNTER_SLOT.c.counter_id == _COUNTER.c.id,
            _COUNTER_SLOT.c.starts_at >= bindparam("since"),
            _COUNTER_SLOT.c.starts_at < bindparam("until"),
            _COUNTER_SLOT.c.appointment_id != bindparam("moved"),
        ),
    )
    .order_by(
        _COUNTER.c.id.not_in(bindparam("preferred", expanding=True)),
        _COUNTER.c.id != bindparam("own_counter"),
        _COUNTER.c.id,
    )
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True)
    .subquery("free_counter")
)
_FREE_PLACE = select(_FREE_KIOSK.c.id, _FREE_COUNTER.c.id).join_from(
    _FREE_KIOSK, _FREE_COUNTER, true()
)

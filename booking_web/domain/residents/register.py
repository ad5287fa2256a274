# SPDX-License-Identifier: AGPL-3.0-or-later
"""The residents of one relay: searched, created, edited, merged.

Writing functions work in the caller's transaction and are written to the journal, which
names a resident by number only.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_kept
from booking_web.domain.journal.entries import write_down
from booking_web.domain.residents.names import (
    matches,
    search_key,
    spellings,
)
from booking_web.domain.residents.postal import (
    NO_ADDRESS,
    PostalAddress,
    address_in,
    put_into,
)
from booking_web.domain.rights.merged_residents import resident_known_as
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.mandates import Mandate
from booking_web.tables.waiting import WaitingEntry

# A page shows no more; somebody who sees that many types another letter.
SEARCH_LIMIT = 50
_CANDIDATES = 400


class Unchanged(Enum):
    """What is not given stays as it is, where None says that there is none."""

    UNCHANGED = "unchanged"


class CannotMerge(ValueError):
    """The two are one already, or not of one relay."""


def find_residents(
    session: Session, relay_id: int | None, typed: str, limit: int = SEARCH_LIMIT
) -> list[Resident]:
    """List those whose name has words that begin with those typed; None: of all relays.

    Who was here last comes first. Nothing typed finds everybody, up to the limit.
    """
    ways = spellings(typed)
    words = ways[0]
    if typed.strip() and not words:
        return []
    found_by = or_(*(and_(true(), *map(_has_word, way)) for way in ways))
    query = (
        _own(relay_id, [found_by])
        .order_by(Resident.seen_at.desc(), Resident.id)
        .limit(limit if not words else _CANDIDATES)
    )
    found = session.scalars(query)
    return [
        each for each in found if any(matches(way, each.search_key) for way in ways)
    ][:limit]


def resident_of(session: Session, relay_id: int, resident_id: int) -> Resident | None:
    """Give the relay's resident of this number, or whom they were merged into."""
    resident = session.scalar(
        select(Resident).where(
            Resident.id == resident_id,
            Resident.relay_id == relay_id,
            is_unrestricted(Resident.id),
        )
    )
    return resident_known_as(session, resident.id) if resident else None


def create_resident(
    session: Session,
    relay_id: int,
    name: str,
    user_id: int,
    now: datetime,
    *,
    comes_at: datetime | None = None,
    birth_date: date | None = None,
) -> Resident:
    """Write down a new resident and give it, with its number.

    `comes_at` is the hour of the appointment for which they are written down.
    """
    resident = Resident(
        relay_id=relay_id,
        name=name,
        search_key=search_key(name),
        created_at=now,
        created_by_id=user_id,
        seen_at=max(now, comes_at or now),
        telephone="",
        email="",
        birth_date=birth_date,
        street="",
        postcode="",
        commune="",
        country="",
    )
    insert_kept(session, resident)
    _write_down(session, f"user:{user_id}", Act.RESIDENT_CREATED, now, resident)
    return resident


def edit_resident(
    session: Session,
    resident: Resident,
    actor: str,
    now: datetime,
    *,
    name: str | None = None,
    telephone: str | None = None,
    email: str | None = None,
    address: PostalAddress | None = None,
    birth_date: date | None | Unchanged = Unchanged.UNCHANGED,
) -> None:
    """Change what is given; the journal says which fields, not what they hold."""
    changed = []
    given = {"name": name, "telephone": telephone, "email": email}
    for field, value in given.items():
        if value is not None and value != getattr(resident, field):
            setattr(resident, field, value)
            changed.append(field)
    if address is not None and put_into(resident, address):
        changed.append("address")
    if not isinstance(birth_date, Unchanged) and birth_date != resident.birth_date:
        resident.birth_date = birth_date
        changed.append("birth_date")
    if not changed:
        return
    resident.search_key = search_key(resident.name)
    _write_down(session, actor, Act.RESIDENT_EDITED, now, resident, *changed)


def merge_residents(
    session: Session, double: Resident, kept: Resident, actor: str, now: datetime
) -> None:
    """Give the double's appointments and waiting entries to the kept one, for good.

    Appointments keep the name they were booked under, so a call that is up goes on as it
    is. Raises CannotMerge.
    """
    if (
        double.id == kept.id
        or double.relay_id != kept.relay_id
        or double.merged_into_id is not None
        or kept.merged_into_id is not None
    ):
        raise CannotMerge
    for column in (
        Appointment.resident_id,
        WaitingEntry.resident_id,
        Mandate.resident_id,
    ):
        session.execute(
            update(column.class_).where(column == double.id).values(resident_id=kept.id)
        )
    session.execute(
        update(Resident)
        .where(Resident.merged_into_id == double.id)
        .values(merged_into_id=kept.id)
    )
    kept.telephone = kept.telephone or double.telephone
    kept.email = kept.email or double.email
    if not address_in(kept).is_told:
        put_into(kept, address_in(double))
    kept.birth_date = kept.birth_date or double.birth_date
    kept.seen_at = max(kept.seen_at, double.seen_at)
    double.merged_into_id = kept.id
    double.telephone = double.email = ""
    put_into(double, NO_ADDRESS)
    _write_down(session, actor, Act.RESIDENT_MERGED, now, double, f"-> {kept.id}")


def count_appointments(
    session: Session, residents: Sequence[Resident]
) -> dict[int, int]:
    """Tell how many appointments each of them has, past and to come."""
    query = (
        select(Appointment.resident_id, func.count())
        .where(Appointment.resident_id.in_([each.id for each in residents]))
        .group_by(Appointment.resident_id)
    )
    counted = {row[0]: row[1] for row in session.execute(query)}
    return {each.id: counted.get(each.id, 0) for each in residents}


def _own(
    relay_id: int | None, conditions: Sequence[ColumnElement[bool]]
) -> Select[Resident]:
    query = select(Resident).where(Resident.merged_into_id.is_(None), *conditions)
    if relay_id is None:
        return query
    # The officer alone looks in all relays, and finds who is restricted.
    return query.where(Resident.relay_id == relay_id, is_unrestricted(Resident.id))


def _has_word(beginning: str) -> ColumnElement[bool]:
    key = Resident.search_key
    # A word holds letters and digits only: nothing in it is a wildcard.
    return or_(key.like(f"{beginning}%"), key.like(f"% {beginning}%"))


def _write_down(
    session: Session, actor: str, act: Act, now: datetime, of: Resident, *words: str
) -> None:
    detail = " ".join(["resident", str(of.id), *words])
    write_down(session, act, actor=actor, at=now, detail=detail, resident_id=of.id)

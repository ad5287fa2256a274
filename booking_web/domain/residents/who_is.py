# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom a name, typed whole, may mean among the residents of one relay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from sqlalchemy import Select, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.residents.names import is_near_name, is_same_name, name_words
from booking_web.tables.appointment import Resident
from booking_web.tables.restrictions import Restriction

_CANDIDATES = 400
# So many first letters of a word are taken to be right when doubles are looked for.
_SURE_LETTERS = 2


@dataclass(frozen=True)
class Known:
    """What the register knows under a name."""

    # Those whose name is written the same.
    same: list[Resident]
    # Those who may be the same person all the same.
    near: list[Resident]
    # Of those who are restricted and may be meant, the day of birth: no more is told.
    restricted: Sequence[date | None] = ()


def who_is(session: Session, relay_id: int, name: str) -> Known:
    """Give those whom the name, typed whole, may mean."""
    words = name_words(name)
    if not words:
        return Known([], [])
    beginnings = {word[:_SURE_LETTERS] for word in words}
    asked: dict[str, object] = {"relay_id": relay_id}
    for number, beginning in enumerate(sorted(beginnings)):
        asked |= {
            f"first_{number}": f"{beginning}%",
            f"other_{number}": f"% {beginning}%",
        }
    same: list[int] = []
    near: list[int] = []
    restricted: list[date | None] = []
    found = session.execute(_who_has_word(len(beginnings)), asked)
    for resident_id, other, born, restricted_id in found:
        is_same = is_same_name(name, other)
        if not is_same and not is_near_name(name, other):
            continue
        if restricted_id is not None:
            restricted.append(born)
        else:
            (same if is_same else near).append(resident_id)
    return Known(_residents(session, same), _residents(session, near), restricted)


@lru_cache(maxsize=16)
def _who_has_word(count: int) -> Select[int, str, date | None, int | None]:
    # Asked while a booking holds the database: kept, because to build it takes longer, and
    # of the plain table, because most candidates are somebody else.
    resident = cast(Table, Resident.__table__).c
    begins = [
        resident.search_key.like(bindparam(f"{place}_{number}"))
        for number in range(count)
        for place in ("first", "other")
    ]
    restricted = cast(Table, Restriction.__table__).c.resident_id
    return (
        select(resident.id, resident.name, resident.birth_date, restricted)
        .outerjoin(Restriction, restricted == resident.id)
        .where(
            resident.relay_id == bindparam("relay_id"),
            resident.merged_into_id.is_(None),
            or_(*begins),
        )
        .order_by(resident.seen_at.desc())
        .limit(_CANDIDATES)
    )


def _residents(session: Session, ids: Sequence[int]) -> list[Resident]:
    if not ids:
        return []
    found = session.scalars(select(Resident).where(Resident.id.in_(ids)))
    by_id = {each.id: each for each in found}
    return [by_id[each] for each in ids]

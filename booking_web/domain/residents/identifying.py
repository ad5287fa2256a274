# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a name to the resident, or to the question who that is.

Works in the caller's writing transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.residents.names import (
    is_near_name,
    is_same_name,
    matches,
    name_words,
)
from booking_web.domain.residents.postal import (
    NO_ADDRESS,
    PostalAddress,
    address_in,
)
from booking_web.domain.residents.register import (
    create_resident,
    edit_resident,
    resident_of,
)
from booking_web.domain.residents.who_is import who_is
from booking_web.tables.appointment import Resident

# The answer "nobody that we know" to the question who this is.
NEW_RESIDENT = "new"


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What is told of a resident beside the name, as it is kept; empty: nothing."""

    birth_date: date | None = None
    telephone: str = ""
    email: str = ""
    address: PostalAddress = NO_ADDRESS
    # Who it is: a resident's number, NEW_RESIDENT, or empty where nobody said.
    answer: str = ""
    # Whether that answers our question; else it was chosen from a list.
    was_asked: bool = False


@dataclass(frozen=True)
class Candidate:
    """A resident whom the name may mean."""

    id: int
    name: str
    telephone: str
    birth_date: date | None


# Stands for a resident who is restricted: no more of them is told than that.
RESTRICTED = Candidate(0, "", "", None)


class AskWho(Exception):
    """The name may mean several residents, or one who is written differently."""

    def __init__(self, candidates: list[Candidate]) -> None:
        super().__init__("who is it")
        self.candidates = candidates


@dataclass(frozen=True)
class Identified:
    """Who is meant."""

    resident: Resident
    is_new: bool


def person_meant(
    session: Session,
    name: str,
    told: Particulars,
    relay_id: int,
    user_id: int,
    now: datetime,
    *,
    comes_at: datetime | None = None,
) -> Identified:
    """Give the relay's resident who is meant, written down where nobody has such a name.

    `comes_at` is the hour of the appointment, where there will be one.
    Raises AskWho where only a person can tell.
    """
    born = told.birth_date
    chosen = _chosen(session, relay_id, told.answer, name)
    if chosen is not None and not told.was_asked and _is_other(chosen, born):
        # A name from the list beside another day of birth: one of the two is a slip.
        raise _ask_who([chosen])
    if chosen is None and told.answer != NEW_RESIDENT:
        known = who_is(session, relay_id, name)
        may_be_hidden = any(not _is_another_day(born, day) for day in known.restricted)
        # Who is born on another day is another person: a father, a daughter.
        same = [each for each in known.same if not _is_other(each, born)]
        exact = [each for each in same if born is not None and each.birth_date == born]
        if may_be_hidden:
            raise _ask_who(same, RESTRICTED)
        if len(exact) == 1:
            chosen = exact[0]
        elif len(same) == 1 and born is None:
            chosen = same[0]
        elif fits := [*same, *(e for e in known.near if not _is_other(e, born))]:
            raise _ask_who(fits)
    if chosen is not None:
        person = Identified(chosen, is_new=False)
    else:
        made = create_resident(
            session, relay_id, name, user_id, now, comes_at=comes_at, birth_date=born
        )
        person = Identified(made, is_new=True)
    keep_particulars(session, person.resident, told, user_id, now)
    return person


def keep_particulars(
    session: Session, resident: Resident, told: Particulars, user_id: int, now: datetime
) -> None:
    """Keep of a resident what is told; what is not told stays as it is known."""
    edit_resident(
        session,
        resident,
        f"user:{user_id}",
        now,
        telephone=told.telephone or None,
        email=told.email or None,
        address=told.address.told_over(address_in(resident)),
        birth_date=resident.birth_date or told.birth_date,
    )


def is_about(told: Particulars, resident: Resident) -> bool:
    """Tell whether nothing of what is told speaks against its being this resident."""
    answers = ("", NEW_RESIDENT, str(resident.id))
    return told.answer in answers and not _is_other(resident, told.birth_date)


def _is_other(resident: Resident, born: date | None) -> bool:
    return _is_another_day(born, resident.birth_date)


def _is_another_day(one: date | None, other: date | None) -> bool:
    return None not in (one, other) and one != other


def _ask_who(residents: list[Resident], *others: Candidate) -> AskWho:
    # Plain values: the transaction ends here, and with it what the rows know.
    return AskWho(
        [
            Candidate(each.id, each.name, each.telephone, each.birth_date)
            for each in residents
        ]
        + list(others)
    )


def _chosen(session: Session, relay_id: int, answer: str, name: str) -> Resident | None:
    """Give the resident of this number, where the name still is theirs."""
    number = whole_or_none(answer)
    picked = session.get(Resident, number) if number is not None else None
    if picked is None or picked.relay_id != relay_id:
        return None
    is_theirs = (
        is_same_name(name, picked.name)
        or is_near_name(name, picked.name)
        or matches(name_words(name), picked.search_key)
    )
    return resident_of(session, relay_id, picked.id) if is_theirs else None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom the page proposes as a name is typed, and which proposal Enter takes."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.languages import short_date
from booking_web.local_time import local_day
from booking_web.models import Resident
from booking_web.residents.names import name_words
from booking_web.residents.register import find_residents, who_is
from booking_web.residents.telephones import readable_telephone
from provisioning.models import Relay

LIMIT = 8


@dataclass(frozen=True)
class Suggestion:
    """A resident as the list under the field shows them."""

    id: int
    name: str
    seen: str
    telephone: str
    # Written another way than what was typed: it may be somebody else.
    is_near: bool
    # Enter takes this one.
    is_first: bool = False


@dataclass(frozen=True)
class Suggestions:
    """The list under the field."""

    residents: list[Suggestion]
    # Whether Enter takes "new resident".
    is_new_first: bool


def suggestions_for(session: Session, relay: Relay, typed: str) -> Suggestions:
    """Propose whom the typed name may mean.

    Somebody who typed a single word wants the list's first; who typed more words typed a
    whole name: then only the same name, or one that looks like a slip, goes before a new
    resident.
    """
    begun = find_residents(session, relay.id, typed, LIMIT)
    known = who_is(session, relay.id, typed)
    near = [each for each in known.near if each not in begun]
    zone = ZoneInfo(relay.time_zone)
    listed = [
        *known.same,
        *(each for each in begun if each not in known.same),
        *near,
    ][:LIMIT]
    first: Resident | None = None
    if len(name_words(typed)) == 1 or known.same:
        first = listed[0] if listed else None
    elif near:
        first = near[0]
    return Suggestions(
        [
            Suggestion(
                each.id,
                each.name,
                short_date(local_day(each.seen_at, zone)),
                readable_telephone(each.telephone),
                is_near=each in near,
                is_first=each is first,
            )
            for each in listed
        ],
        is_new_first=first is None,
    )

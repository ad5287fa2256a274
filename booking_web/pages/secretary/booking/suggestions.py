# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom the page proposes as a name is typed, and which proposal Enter takes, if any."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.domain.residents.names import name_words
from booking_web.domain.residents.postal import address_in
from booking_web.domain.residents.register import find_residents
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.residents.who_is import who_is
from booking_web.pages.rows.last_seen import last_seen
from provisioning.database.models import Relay

LIMIT = 8


@dataclass(frozen=True)
class Suggestion:
    """A resident as the list under the field shows them."""

    id: int
    name: str
    # When they were here, or will be: a few words.
    seen: str
    birth_date: date | None
    telephone: str
    # Written another way than what was typed: it may be somebody else.
    is_near: bool
    # It need not be asked for again; what it is, the resident's own page shows.
    has_address: bool
    # Enter takes this one.
    is_first: bool = False


@dataclass(frozen=True)
class Suggestions:
    """The list under the field."""

    residents: list[Suggestion]
    # Whether Enter takes "new resident". Where several fit it takes nobody: one chooses.
    is_new_first: bool


def suggestions_for(
    session: Session, relay: Relay, typed: str, now: datetime
) -> Suggestions:
    """Propose whom the typed name may mean.

    Somebody who typed a single word means one of the list; who typed more words typed a
    whole name: then only the same name, or one that looks like a slip, goes before a new
    resident. Where several fit none is first.
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
    fits = near
    if known.same:
        fits = known.same
    elif len(name_words(typed)) == 1:
        fits = listed
    first = fits[0] if len(fits) == 1 else None
    seen = last_seen(session, listed, zone, now)
    return Suggestions(
        [
            Suggestion(
                each.id,
                each.name,
                seen[each.id],
                each.birth_date,
                readable_telephone(each.telephone),
                is_near=each in near,
                has_address=address_in(each).is_told,
                is_first=each is first,
            )
            for each in listed
        ],
        is_new_first=not fits,
    )

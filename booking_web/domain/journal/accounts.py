# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who saw a resident's file and did what with it, as it is told to that resident."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.journal.kinds import KIND_OF, ActKind
from booking_web.domain.journal.seals import READING_DAYS
from booking_web.domain.journal.searching import (
    Asked,
    FoundLine,
    resident_and_doubles,
    search,
)
from booking_web.domain.rights.own_relays import secretaries_at
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from provisioning.database.models import Kiosk, User

# A file of so many acts is told of by its latest ones.
MOST_LINES = 5000
LISTS = (Act.LISTED, Act.LIST_PRINTED, Act.LIST_EXPORTED)
# What programs do as a call goes on is nobody's look at a file.
BY_ITSELF = ("dispatcher", "restore")


@dataclass(frozen=True)
class Told:
    """One office did one thing on a day, so many times."""

    day: date
    first_at: datetime
    actor: str
    act: str
    times: int


@dataclass(frozen=True)
class Account:
    """All that is told; `seen_in_lists` are those in whose lists the name may have stood."""

    told: list[Told]
    seen_in_lists: list[str]
    is_cut: bool


def account_of(
    session: Session, resident_id: int, zone: ZoneInfo, now: datetime
) -> Account:
    """Give it, the latest first."""
    lines = search(session, Asked(resident_id=resident_id), limit=MOST_LINES + 1)
    acts = [each for each in lines[:MOST_LINES] if _is_somebodys(each)]
    listed = _seen_in_lists(session, resident_id, now)
    return Account(list(_joined(acts, zone)), listed, len(lines) > MOST_LINES)


def _is_somebodys(line: FoundLine) -> bool:
    kind = KIND_OF.get(Act(line.act), ActKind.APPOINTMENT)
    return line.actor not in BY_ITSELF or kind is not ActKind.APPOINTMENT


def _joined(lines: list[FoundLine], zone: ZoneInfo) -> Iterator[Told]:
    found: dict[tuple[date, str, str], Told] = {}
    for line in lines:
        day = local_day(line.at, zone)
        key = (day, line.actor, line.act)
        times = found[key].times + 1 if key in found else 1
        # The lines come with the latest first: the last one is the first of the day.
        found[key] = Told(day, line.at, line.actor, line.act, times)
    yield from found.values()


def _seen_in_lists(session: Session, resident_id: int, now: datetime) -> list[str]:
    """Name who opened lists, of those in whose lists this resident may stand."""
    numbers = resident_and_doubles(session, resident_id)
    of = Appointment.resident_id.in_(numbers)
    relays = select(Kiosk.relay_id).join(Appointment, Appointment.kiosk_id == Kiosk.id)
    town_halls = select(Appointment.town_hall_id).where(of)
    organisations = select(Appointment.organisation_id).where(of)
    theirs = session.scalars(
        select(User.id).where(
            or_(
                User.id.in_(secretaries_at(relays.where(of))),
                User.id.in_(secretaries_at(town_halls)),
                User.organisation_id.in_(organisations),
            )
        )
    )
    actors = [f"user:{number}" for number in theirs]
    query = (
        select(JournalEntry.actor)
        .where(
            JournalEntry.actor.in_(actors),
            JournalEntry.at > now - timedelta(days=READING_DAYS),
            JournalEntry.act.in_(LISTS),
        )
        .distinct()
    )
    return sorted(session.scalars(query))

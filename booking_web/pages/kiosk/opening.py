# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether anybody receives a relay's residents now, and when the next one does."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.places.published import read_calendar
from booking_web.domain.places.slot_bits import DAY_SLOTS, slot_number, start_of
from provisioning.database.models import Counter, Organisation

EXTENSION = "guichet_relay_openings"
LOOK_AHEAD_SLOTS = 8 * DAY_SLOTS


@dataclass(frozen=True)
class RelayOpening:
    """Whether it is closed, and when it opens again if that is within some days."""

    is_closed: bool
    opens_at: datetime | None = None


class RelayOpenings:
    """Lays hours out once a minute for each relay: the screens ask every few seconds.

    By the minutes of the clock, at which hours begin and end: so all workers change their
    mind at once, and no screen goes to and fro between two.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, RelayOpening]] = {}

    def at(self, session: Session, relay_id: int, now: datetime) -> RelayOpening:
        """Tell how it stands at the relay."""
        minute = now.replace(second=0, microsecond=0)
        known = self._known.get(relay_id)
        if known is not None and known[0] == minute:
            return known[1]
        found = opening_of(session, relay_id, now)
        self._known[relay_id] = (minute, found)
        return found


def set_up_relay_openings(app: Flask) -> None:
    """Give the application what it remembers of opening hours."""
    app.extensions[EXTENSION] = RelayOpenings()


def opening_at(session: Session, relay_id: int, now: datetime) -> RelayOpening:
    """Tell how it stands at the relay, as of this minute."""
    openings: RelayOpenings = current_app.extensions[EXTENSION]
    return openings.at(session, relay_id, now)


def opening_of(session: Session, relay_id: int, now: datetime) -> RelayOpening:
    """Lay the hours out of all organisations that receive the relay's residents.

    Of one that publishes no hours nobody knows that it is closed; but a service of interpreters
    receives nobody, nor does who has no counter.
    """
    first = slot_number(now)
    opened = 0
    is_known = False
    for organisation in session.scalars(_RECEIVING):
        today = local_day(now, ZoneInfo(organisation.time_zone))
        calendar = read_calendar(session, organisation, today)
        if relay_id in calendar.unserved_relays:
            continue
        if not calendar.has_hours:
            return RelayOpening(is_closed=False)
        is_known = True
        hours = calendar.open_slots(first, first + LOOK_AHEAD_SLOTS).values()
        opened = reduce(or_, (each.open_to(relay_id).open for each in hours), opened)
    if not is_known or opened & 1:
        return RelayOpening(is_closed=False)
    if not opened:
        return RelayOpening(is_closed=True)
    ahead = (opened & -opened).bit_length() - 1
    return RelayOpening(is_closed=True, opens_at=start_of(first + ahead))


_RECEIVING = select(Organisation).where(
    Organisation.interprets == "",
    exists().where(Counter.organisation_id == Organisation.id),
)

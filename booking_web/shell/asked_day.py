# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which relay and which day the address of a page asks for."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, request
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.rights.person import Person
from provisioning.database.models import Relay
from provisioning.directory.usual_time_zone import usual_time_zone

_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True)
class AskedDay:
    """What is asked for, among the relays of who asks."""

    relays: list[Relay]
    # None: all of them.
    relay: Relay | None
    day: date
    today: date


def asked_day(session: Session, looking: Person, now: datetime) -> AskedDay:
    """Read the address; an unknown relay or day is not found (404).

    Without a day in it, today is meant, on the wall of the relay.
    """
    relays = looking.relays(session)
    relay = relays[0] if len(relays) == 1 else None
    if slug := request.args.get("relais"):
        relay = next((each for each in relays if each.slug == slug), None)
        if relay is None:
            abort(404)
    place = relay or (relays[0] if relays else None)
    zone = ZoneInfo(place.time_zone if place else usual_time_zone(session))
    today = local_day(now, zone)
    if "jour" not in request.args:
        return AskedDay(relays, relay, today, today)
    try:
        day = date.fromisoformat(request.args["jour"])
    except ValueError:
        abort(404)
    if not _FIRST < day < _LAST:
        abort(404)
    return AskedDay(relays, relay, day, today)

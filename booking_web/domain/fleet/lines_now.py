# SPDX-License-Identifier: AGPL-3.0-or-later
"""How each organisation's line and each kiosk is now: counts and instants, no names.

Residents, secretaries and counsellors are counted; who they are is told to nobody here.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.waiting import waiting_in_line
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor, Kiosk, Organisation, Relay


@dataclass(frozen=True)
class LineNow:
    """An organisation's line: who waits, who speaks, who could answer."""

    name: str
    short_name: str
    waiting: int
    # Since when the one who has waited longest does; None: nobody waits.
    waits_since: datetime | None
    in_call: int
    # None: nobody hears Asterisk now.
    available: int | None
    paused: int | None


@dataclass(frozen=True)
class KioskNow:
    """A kiosk: whether it could be called."""

    slug: str
    relay: str
    zone: ZoneInfo
    # None: nobody hears Asterisk now.
    presence: Presence | None
    # None: it was never seen.
    since: datetime | None


@dataclass(frozen=True)
class SiteNow:
    """All of it."""

    # Whether anybody hears Asterisk now.
    is_heard: bool
    lines: tuple[LineNow, ...]
    kiosks: tuple[KioskNow, ...]


@dataclass
class _Counts:
    waiting: int = 0
    waits_since: datetime | None = None
    in_call: int = 0


def site_now(session: Session, now: datetime) -> SiteNow:
    """Read how the site is now."""
    hears = is_watched(session, now)
    return SiteNow(
        hears,
        tuple(_lines(session, now, hears=hears)),
        tuple(_kiosks(session, hears=hears)),
    )


def _lines(session: Session, now: datetime, *, hears: bool) -> list[LineNow]:
    counts = _appointments(session, now)
    there = _counsellors(session) if hears else None
    names = session.execute(
        select(Organisation.id, Organisation.name, Organisation.short_name).order_by(
            Organisation.name
        )
    )
    return [
        LineNow(
            name,
            short_name,
            counts[number].waiting,
            counts[number].waits_since,
            counts[number].in_call,
            None if there is None else there.get((number, Presence.READY), 0),
            None if there is None else there.get((number, Presence.PAUSED), 0),
        )
        for number, name, short_name in names
    ]


def _appointments(session: Session, now: datetime) -> defaultdict[int, _Counts]:
    """Count who waits in a relay's line or an organisation's queue, and who speaks."""
    on_the_line = (AppointmentState.QUEUED, AppointmentState.IN_CALL)
    found = session.execute(
        select(
            Appointment.organisation_id,
            Appointment.state,
            func.count(),
            func.min(Appointment.state_since),
        )
        .where(or_(Appointment.state.in_(on_the_line), waiting_in_line(now)))
        .group_by(Appointment.organisation_id, Appointment.state)
    )
    counts: defaultdict[int, _Counts] = defaultdict(_Counts)
    for number, state, count, since in found:
        of_one = counts[number]
        if state == AppointmentState.IN_CALL:
            of_one.in_call += count
            continue
        of_one.waiting += count
        of_one.waits_since = min(since, of_one.waits_since or since)
    return counts


def _counsellors(session: Session) -> dict[tuple[int, str], int]:
    found = session.execute(
        select(Counsellor.organisation_id, EndpointPresence.state, func.count())
        .join(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
        .group_by(Counsellor.organisation_id, EndpointPresence.state)
    )
    return {(number, state): count for number, state, count in found}


def _kiosks(session: Session, *, hears: bool) -> list[KioskNow]:
    found = session.execute(
        select(Kiosk.slug, Relay.name, Relay.time_zone, EndpointPresence)
        .join(Relay, Relay.id == Kiosk.relay_id)
        .outerjoin(EndpointPresence, EndpointPresence.slug == Kiosk.slug)
        .order_by(Relay.name, Kiosk.slug)
    )
    return [
        KioskNow(
            slug,
            relay,
            ZoneInfo(zone),
            _presence(row, hears),
            row.since if row is not None else None,
        )
        for slug, relay, zone, row in found
    ]


def _presence(row: EndpointPresence | None, hears: bool) -> Presence | None:
    if not hears:
        return None
    return Presence(row.state) if row is not None else Presence.OFFLINE

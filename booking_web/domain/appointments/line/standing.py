# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where somebody who waits stands: the place, how long it may be, and what is waited for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.causes import Hindrance, hindrance
from booking_web.domain.appointments.line.estimate import LinePlace, place_in_line
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Relay


@dataclass(frozen=True)
class Standing:
    """A place in a line, and what keeps its owner from a call; None: nothing."""

    place: LinePlace
    hindrance: Hindrance | None
    zone: ZoneInfo


def standing_of(
    session: Session, appointment: Appointment, now: datetime, keeping: Keeping
) -> Standing:
    """Tell where one who waits in a line stands."""
    length = appointment.ends_at - appointment.starts_at
    relay = appointment.kiosk.relay
    place = place_in_line(
        session,
        appointment.organisation_id,
        now,
        appointment=appointment,
        keeping=keeping,
    )
    return _standing(
        session, place, appointment.organisation_id, relay, length, now, keeping
    )


def standing_at(
    session: Session,
    organisation_id: int,
    relay: Relay,
    length: timedelta,
    now: datetime,
    keeping: Keeping,
) -> Standing:
    """Tell where the next one to come to the relay would stand."""
    place = place_in_line(
        session, organisation_id, now, relay_id=relay.id, keeping=keeping
    )
    return _standing(session, place, organisation_id, relay, length, now, keeping)


def _standing(
    session: Session,
    place: LinePlace,
    organisation_id: int,
    relay: Relay,
    length: timedelta,
    now: datetime,
    keeping: Keeping,
) -> Standing:
    found = hindrance(session, organisation_id, relay.id, length, now, keeping)
    return Standing(place, found, ZoneInfo(relay.time_zone))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who comes on a day though nobody works with their data: no more than that they come.

They must not be sent away without a word, and no more of them is told than that needs.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, joinedload

from booking_web.base.initials import initials_of
from booking_web.base.local_time import local_day
from booking_web.domain.rights.person import Person
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import OVER
from provisioning.database.models import Kiosk

# The day of a relay, wherever it is.
_ANY_ZONE = timedelta(hours=38)


@dataclass(frozen=True)
class Restricted:
    """One of them."""

    starts_at: datetime
    zone: ZoneInfo
    organisation: str
    relay: str
    initials: str


@dataclass(frozen=True)
class RestrictedDay:
    """All of a day, and how the data protection officer is reached; empty: nobody said."""

    rows: tuple[Restricted, ...] = ()
    officer: str = ""


def restricted_of_day(
    session: Session, viewer: Person, day: date, *conditions: ColumnElement[bool]
) -> RestrictedDay:
    """List those whom the person would see on the day, by hour."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC"))
    found = session.scalars(
        viewer.restricted_appointments()
        .where(
            Appointment.starts_at > noon - _ANY_ZONE,
            Appointment.starts_at < noon + _ANY_ZONE,
            Appointment.state.not_in(OVER),
            *conditions,
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    rows = [_told(each) for each in found]
    return RestrictedDay(
        tuple(row for row in rows if local_day(row.starts_at, row.zone) == day),
        services().settings.data_officer or "",
    )


def _told(appointment: Appointment) -> Restricted:
    relay = appointment.kiosk.relay
    return Restricted(
        appointment.starts_at,
        ZoneInfo(relay.time_zone),
        appointment.organisation.short_name,
        relay.name,
        initials_of(appointment.resident_name),
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's day: today with those in call on top, or a day before or after."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.rights.person import Person
from booking_web.pages.rows.day import Row, row_of
from booking_web.pages.rows.day_parts import PAGES, Part, page_asked_for, page_of
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import ON_THE_LINE
from provisioning.database.models import Kiosk, Organisation, Relay
from provisioning.directory.usual_time_zone import usual_time_zone

# The widest day of all zones is within so much of its noon; each row is then held against
# its own zone.
ANY_ZONE = timedelta(hours=36)


@dataclass(frozen=True)
class Day:
    """The appointments of a day that one counsellor may see, a page of them."""

    day: date
    today: date
    rows: list[Row]
    page: int
    # How many come after these.
    left: int

    def shown_as(self, page: int) -> dict[str, str]:
        """Give the address's query that shows this page of the day."""
        day = {"jour": self.day.isoformat()} if self.day != self.today else {}
        return day | ({PAGES[Part.TO_COME]: str(page)} if page > 1 else {})

    @property
    def yesterday(self) -> date:
        """Give the day before the one shown."""
        return self.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        """Give the day after the one shown."""
        return self.day + timedelta(days=1)


def clock_of(session: Session, viewer: Person) -> ZoneInfo:
    """Give the zone in which this person's "today" is."""
    zone = None
    if viewer.relay_id is not None:
        zone = session.scalar(
            select(Relay.time_zone).where(Relay.id == viewer.relay_id)
        )
    elif viewer.organisation_id is not None:
        zone = session.scalar(
            select(Organisation.time_zone).where(
                Organisation.id == viewer.organisation_id
            )
        )
    return ZoneInfo(zone or usual_time_zone(session))


def asked_date(now: datetime, zone: ZoneInfo) -> date:
    """Read the day that the address asks for; one that does not exist is not found (404)."""
    asked = request.args.get("jour")
    if not asked:
        return local_day(now, zone)
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        abort(404)
    # Days that have no day before or after cannot be shown.
    if not date.min.year < day.year < date.max.year:
        abort(404)
    return day


def counsellors_day(session: Session, viewer: Person, now: datetime) -> Day:
    """List the appointments that this person may see, of the day that is asked for."""
    here = clock_of(session, viewer)
    day = asked_date(now, here)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=here)
    appointments = session.scalars(
        viewer.appointments()
        .where(
            Appointment.starts_at > noon - ANY_ZONE,
            Appointment.starts_at < noon + ANY_ZONE,
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
            joinedload(Appointment.counsellor),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    today = local_day(now, here)
    in_vain = called_in_vain(session, appointments)
    rows = [row_of(each, now, was_called=each.id in in_vain) for each in appointments]
    shown = [
        row
        for row in rows
        if local_day(row.starts_at, row.zone) == day
        or (day == today and row.state in ON_THE_LINE)
    ]
    if day == today:
        shown.sort(key=lambda row: (row.state not in ON_THE_LINE, row.is_over))
    part = page_of(shown, page_asked_for(Part.TO_COME))
    return Day(day, today, list(part.rows), part.page, part.left)

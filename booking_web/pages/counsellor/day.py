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
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.handing_over.handed_on import HandedOn, handed_on
from booking_web.pages.counsellor.interpretations import (
    Interpretation,
    interpretations,
    is_interpreter,
)
from booking_web.pages.counsellor.missed import MissedCalls, missed_calls
from booking_web.pages.rows.day import Row, row_of
from booking_web.pages.rows.day_parts import PAGES, Part, page_asked_for, page_of
from booking_web.pages.rows.interpreter_doubts import interpreter_doubts
from booking_web.pages.rows.restricted import RestrictedDay, restricted_of_day
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from booking_web.words.appointments import CALL_REQUESTED, IN_LINE
from provisioning.database.models import Kiosk, Organisation, Relay
from provisioning.directory.usual_time_zone import usual_time_zone

# The widest day of all zones is within so much of its noon; each row is then held against
# its own zone.
ANY_ZONE = timedelta(hours=36)


@dataclass(frozen=True)
class NextUp:
    """The next appointment whose hour comes."""

    id: int
    resident_name: str
    relay: str
    starts_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Day:
    """The appointments of a day that one counsellor may see, a page of them."""

    day: date
    today: date
    rows: list[Row] | list[Interpretation]
    page: int
    # How many come after these.
    left: int
    # The appointments are those of others, in which this person interprets.
    is_interpreted: bool = False
    # Of today alone: the next whose hour comes, and what stays on top until dealt with.
    next_up: NextUp | None = None
    missed: MissedCalls = MissedCalls()
    # What the organisation handed to others today.
    handed: tuple[HandedOn, ...] = ()
    # Who is expected on the day though nobody works with their data.
    restricted: RestrictedDay = RestrictedDay()
    # Whether the reader of the page has kiosks called.
    may_call: bool = False

    @property
    def template(self) -> str:
        """Name the template that draws the rows."""
        if self.is_interpreted:
            return "counsellor/_interpretations.html"
        return "counsellor/_day.html"

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


def home_parts(day: Day) -> dict[str, object]:
    """Give what each part around the list shows; their templates are counsellor/_NAME.html."""
    return {
        "next": day.next_up,
        "missed": day.missed,
        "handed": day.handed,
        "restricted": day.restricted,
    }


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
    today = local_day(now, here)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=here)
    if is_interpreter(session, viewer):
        return _interpreters_day(session, viewer, day, today, noon)
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
    in_vain = called_in_vain(session, appointments)
    doubts = interpreter_doubts(session, appointments)
    rows = [
        row_of(each, now, was_called=each.id in in_vain, doubt=doubts.get(each.id))
        for each in appointments
    ]
    shown = [
        row
        for row in rows
        if local_day(row.starts_at, row.zone) == day
        or (day == today and row.state in ON_THE_LINE)
    ]
    if day == today:
        shown.sort(key=lambda row: (row.state not in ON_THE_LINE, row.is_over))
    missed, next_up = MissedCalls(), None
    if day == today:
        missed, next_up = missed_calls(session, viewer, now), _next_of(shown)
        shown = [row for row in shown if row.id not in missed.ids]
    part = page_of(shown, page_asked_for(Part.TO_COME))
    return Day(
        day,
        today,
        list(part.rows),
        part.page,
        part.left,
        next_up=next_up,
        missed=missed,
        handed=handed_on(session, viewer, now) if day == today else (),
        restricted=restricted_of_day(session, viewer, day),
        may_call=viewer.may(Right.RECEIVING),
    )


def _next_of(rows: list[Row]) -> NextUp | None:
    """Give the first that is neither called nor long past."""
    awaited = [
        row
        for row in rows
        if row.state in (AppointmentState.BOOKED, AppointmentState.ARRIVED)
        and not row.is_behind
        and row.wording not in (CALL_REQUESTED, IN_LINE)
    ]
    if not awaited:
        return None
    first = min(awaited, key=lambda row: row.order)
    return NextUp(
        first.id, first.resident_name, first.relay, first.starts_at, first.zone
    )


def _interpreters_day(
    session: Session, viewer: Person, day: date, today: date, noon: datetime
) -> Day:
    found = interpretations(session, viewer, (noon - ANY_ZONE, noon + ANY_ZONE))
    of_day = [
        each
        for each in found
        if local_day(each.starts_at, each.zone) == day
        or (day == today and each.state in ON_THE_LINE)
    ]
    part = page_of(of_day, page_asked_for(Part.TO_COME))
    return Day(day, today, list(part.rows), part.page, part.left, is_interpreted=True)

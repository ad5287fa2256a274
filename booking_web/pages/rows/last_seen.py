# SPDX-License-Identifier: AGPL-3.0-or-later
"""When residents were here last, in words; never a day that is still to come."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.states import AppointmentState
from booking_web.words.dates import short_date

# Who had one of these was not here, and does not come.
_NOT_HERE = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def last_seen(
    session: Session, residents: Sequence[Resident], zone: ZoneInfo, now: datetime
) -> dict[int, str]:
    """Say of each, by their number, when they were here, else when they will be."""
    columns = (
        Appointment.resident_id,
        func.max(Appointment.starts_at).filter(Appointment.starts_at <= now),
        func.min(Appointment.starts_at).filter(Appointment.starts_at > now),
    )
    query = (
        select(*columns)
        .where(
            Appointment.resident_id.in_([each.id for each in residents]),
            Appointment.state.not_in(_NOT_HERE),
        )
        .group_by(Appointment.resident_id)
    )
    visits = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    found = {}
    for each in residents:
        was, comes = visits.get(each.id, (None, None))
        found[each.id] = _words(each, was, comes, zone)
    return found


def _words(
    resident: Resident, was: datetime | None, comes: datetime | None, zone: ZoneInfo
) -> str:
    if was is not None:
        return gettext("vu le %(day)s", day=short_date(local_day(was, zone)))
    if comes is not None:
        return gettext("attendu le %(day)s", day=short_date(local_day(comes, zone)))
    created = local_day(resident.created_at, zone)
    return gettext("inscrit le %(day)s", day=short_date(created))

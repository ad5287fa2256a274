# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second appointment of one person, for one matter, on one day: asked about, once.

It is a slip more often than a wish: nobody looked into the day's list, or two secretaries had
the same resident on the telephone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments.asked import AskedFor
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.states import OVER


@dataclass(frozen=True)
class Twin:
    """The appointment that is there."""

    id: int
    resident_name: str
    starts_at: datetime
    # Which day that is at the relay.
    day: date
    # Whether who comes waits in the line: the hour is when they came.
    in_line: bool


class AskTwice(Exception):
    """The person has an appointment of that day for that matter; nothing was written."""

    def __init__(self, twin: Twin) -> None:
        super().__init__(f"there is appointment {twin.id}")
        self.twin = twin


def ask_of_twin(
    session: Session, order: BookingOrder, asked: AskedFor, now: datetime
) -> None:
    """Raise AskTwice where the order, whose resident is known, is a second one.

    It is not asked about the one that the order names as known.
    """
    if not order.asks_twice or order.resident_id is None:
        return
    zone = ZoneInfo(asked.time_zone)
    day = local_day(order.starts_at or now, zone)
    begins, ends = day_bounds(day, zone)
    doubles = select(Resident.id).where(Resident.merged_into_id == order.resident_id)
    found = session.scalars(
        select(Appointment)
        .where(
            or_(
                Appointment.resident_id == order.resident_id,
                Appointment.resident_id.in_(doubles),
            ),
            Appointment.organisation_id == asked.organisation_id,
            Appointment.visit_reason_id.is_not_distinct_from(asked.visit_reason_id),
            Appointment.starts_at >= begins,
            Appointment.starts_at < ends,
            Appointment.state.not_in(OVER),
        )
        .order_by(Appointment.id.desc())
        .limit(1)
    ).one_or_none()
    if found is not None and found.id != order.twin_known:
        raise AskTwice(
            Twin(found.id, found.resident_name, found.starts_at, day, found.in_line)
        )

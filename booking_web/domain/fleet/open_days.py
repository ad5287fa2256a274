# SPDX-License-Identifier: AGPL-3.0-or-later
"""On which days a relay and an organisation received residents, by the published hours."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.places.published import Calendar, read_calendar
from provisioning.database.models import Organisation

# Further back nothing is counted.
DAYS_BACK = 120
# Who has not received anybody for so long, and will not for so long, is closed on purpose.
CLOSED_DAYS = 14
_DAY = timedelta(days=1)


class OpenDays:
    """The days on which somebody is received, each worked out once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._of_relays: dict[tuple[int, date], bool] = {}

    @cached_property
    def organisations(self) -> list[tuple[Organisation, Calendar]]:
        """Give those that residents are booked for, with what each publishes, by name."""
        query = select(Organisation).where(Organisation.interprets == "")
        found = self._session.scalars(query.order_by(Organisation.name)).all()
        first = self._now.date() - (DAYS_BACK + 1) * _DAY
        return [(each, read_calendar(self._session, each, first)) for each in found]

    def today(self, calendar: Calendar) -> date:
        """Give the day that it is there."""
        return local_day(self._now, calendar.zone)

    def is_relay_open(self, relay_id: int, day: date) -> bool:
        """Tell whether an organisation received this relay's residents on that day."""
        key = relay_id, day
        if key not in self._of_relays:
            self._of_relays[key] = any(
                relay_id not in calendar.unserved_relays
                and calendar.has_hours_on(day, (relay_id,))
                for _, calendar in self.organisations
            )
        return self._of_relays[key]


def open_days_after(
    since: date, today: date, is_open: Callable[[date], bool], at_most: int
) -> int:
    """Count the open days after `since` and before `today`, up to `at_most`.

    None are counted of who is closed on purpose.
    """
    near = range(-CLOSED_DAYS, CLOSED_DAYS + 1)
    if not any(is_open(today + number * _DAY) for number in near):
        return 0
    counted, day = 0, today - _DAY
    last = max(since, today - DAYS_BACK * _DAY)
    while day > last and counted < at_most:
        counted += is_open(day)
        day -= _DAY
    return counted

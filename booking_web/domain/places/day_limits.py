# SPDX-License-Identifier: AGPL-3.0-or-later
"""The most appointments that an organisation wants in a day, in all and of one relay."""

from datetime import date

from sqlalchemy.orm import Session

from booking_web.base.local_time import day_bounds
from booking_web.domain.places.held_bits import count_starting
from booking_web.domain.places.published import Calendar
from booking_web.domain.places.slot_bits import start_of


class DayLimits:
    """Counts the appointments of a day where there is a maximum, each day once."""

    def __init__(
        self,
        session: Session,
        organisation_id: int,
        calendar: Calendar,
        besides: int | None,
    ) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._calendar = calendar
        self._besides = besides
        self._full: dict[tuple[date, int | None], bool] = {}

    def day_of(self, slot: int) -> date:
        """Give the organisation's day in which the slot begins."""
        return start_of(slot).astimezone(self._calendar.zone).date()

    def is_full(self, day: date) -> bool:
        """Tell whether the organisation wants no more appointments that day."""
        return self._reached(day, None, self._calendar.rules.max_per_day)

    def is_full_for(self, day: date, relay_id: int) -> bool:
        """Tell whether it wants no more of this relay's residents that day."""
        most = self._calendar.relay_max_per_day.get(relay_id)
        return self._reached(day, relay_id, most)

    def _reached(self, day: date, relay_id: int | None, most: int | None) -> bool:
        if most is None:
            return False
        key = (day, relay_id)
        if key not in self._full:
            taken = count_starting(
                self._session,
                self._organisation_id,
                day_bounds(day, self._calendar.zone),
                relay_id=relay_id,
                besides=self._besides,
            )
            self._full[key] = taken >= most
        return self._full[key]

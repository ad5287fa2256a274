# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which of a day's rows a page shows at once: those to come first, the others a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from flask import request

from booking_web.base.row_numbers import whole_or_none
from booking_web.tables.states import CALLABLE_AGAIN, OVER, AppointmentState

R = TypeVar("R")

ROWS_AT_ONCE = 20
# So long a row that is over stays in sight: its state may be a slip, and somebody may ask
# whether it was useful.
RECENT = timedelta(minutes=15)
# So long after its hour a row that nobody touched is not the next one any more.
BEHIND = timedelta(hours=1)


class Part(StrEnum):
    """A list of the day; its value is the id of the list on the page."""

    TO_COME = "day-to-come"
    RECENT = "day-recent"
    # Folded.
    OVER = "day-over"


# By which words of an address a part is leafed through.
PAGES = {Part.TO_COME: "suite", Part.OVER: "termines"}


def part_of(state: AppointmentState, since: datetime, now: datetime) -> Part:
    """Tell in which list a row of this state stands."""
    if state not in OVER:
        return Part.TO_COME
    return Part.RECENT if now - since < RECENT else Part.OVER


def is_behind(state: AppointmentState, starts_at: datetime, now: datetime) -> bool:
    """Tell whether the row's hour is long past, though it is not over: it goes last."""
    waits = state is AppointmentState.BOOKED or state in CALLABLE_AGAIN
    return waits and now - starts_at > BEHIND


@dataclass(frozen=True)
class DayPart(Generic[R]):
    """The rows of one list that are shown, and how many there are."""

    rows: Sequence[R]
    total: int
    page: int

    @property
    def left(self) -> int:
        """Tell how many rows come after those shown."""
        return max(0, self.total - self.page * ROWS_AT_ONCE)


def page_asked_for(part: Part) -> int:
    """Read which page of a list the address asks for, from 1 on."""
    asked = request.args.get(PAGES[part], "") if part in PAGES else ""
    return max(1, whole_or_none(asked) or 1)


def page_of(rows: Sequence[R], page: int) -> DayPart[R]:
    """Give one page of a list; beyond its end the first one."""
    first = (page - 1) * ROWS_AT_ONCE
    if first >= len(rows):
        page, first = 1, 0
    return DayPart(rows[first : first + ROWS_AT_ONCE], len(rows), page)

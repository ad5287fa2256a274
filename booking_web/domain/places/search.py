# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finds the earliest slots where a counter of the organisation and a kiosk are both free.

What is found is a proposal: kiosk_slot and counter_slot decide when it is booked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Table, bindparam, exists, select
from sqlalchemy.orm import Session

from booking_web.domain.places.day_limits import DayLimits
from booking_web.domain.places.grid import slots_touched
from booking_web.domain.places.interpreters import InterpretersFree
from booking_web.domain.places.published import Calendar, read_calendar
from booking_web.domain.places.relays import nearest_relays
from booking_web.domain.places.slot_bits import (
    first_slot_from,
    slot_number,
    slots_in,
    start_of,
)
from booking_web.domain.places.windows import Asked, FreeSlot, WindowSearch
from booking_web.tables.hours import Opening
from provisioning.database.models import Counter, Kiosk, Organisation

__all__ = [
    "Slot",
    "SlotSearch",
    "SlotsFound",
    "WhyNoSlot",
    "find_slots",
    "has_published_hours",
    "nearest_relays",
    "open_counters",
    "open_now",
    "publishes_hours",
    "within_hours",
]

_DAY = timedelta(days=1)
_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class SlotSearch:
    """What is looked for."""

    organisation_id: int
    # Nearest first. Each start is offered once, at the first of them that is free.
    relay_ids: Sequence[int]
    length: timedelta
    after: datetime
    # No start at or after it; None: the organisation's horizon.
    until: datetime | None = None
    limit: int = 12
    # An appointment that is to be moved: its own slots do not count.
    besides: int | None = None
    # A service whose interpreter must be free all the time; None: nobody interprets.
    interpreter_id: int | None = None


@dataclass(frozen=True)
class Slot:
    """A place that was free a moment ago, in UTC."""

    starts_at: datetime
    ends_at: datetime
    relay_id: int
    kiosk_id: int
    counter_id: int


class WhyNoSlot(StrEnum):
    """Why there is no slot."""

    # The organisation has published none, or only such as are over.
    NO_HOURS = "no_hours"
    NO_KIOSK = "no_kiosk"
    NO_COUNTER = "no_counter"
    # The organisation does not receive the residents of any of these relays.
    RELAY_NOT_SERVED = "relay_not_served"
    # Closed, or a public holiday, in all that was searched.
    CLOSED = "closed"
    # Open only before the time at which an appointment may be made at the earliest.
    TOO_SOON = "too_soon"
    # Open only after the last day that may be booked today.
    BEYOND_HORIZON = "beyond_horizon"
    # No range of hours is long enough.
    TOO_LONG = "too_long"
    # The most appointments that the organisation wants in a day.
    DAYS_FULL = "days_full"
    ALL_TAKEN = "all_taken"
    # Kiosk and counter are free, and no interpreter is.
    NO_INTERPRETER = "no_interpreter"


@dataclass(frozen=True)
class SlotsFound:
    """The slots, earliest first; without any, why."""

    slots: list[Slot]
    why: WhyNoSlot | None = None
    # The next day with hours after all that was searched, when known.
    next_opening: date | None = None
    # With CLOSED: the name of the holiday or the closure's label, when there is one.
    closed_for: str = ""


def find_slots(session: Session, search: SlotSearch, now: datetime) -> SlotsFound:
    """Give the earliest free slots, or why there are none."""
    organisation = session.get_one(Organisation, search.organisation_id)
    zone = ZoneInfo(organisation.time_zone)
    calendar = read_calendar(
        session, organisation, search.after.astimezone(zone).date()
    )
    served = [
        relay for relay in search.relay_ids if relay not in calendar.unserved_relays
    ]
    kiosks = _kiosks_of(session, served)
    if (why := _missing(session, search, calendar, served, kiosks)) is not None:
        return SlotsFound([], why)
    interpreters = _interpreters(session, search)
    first, end = _bounds(search, calendar, now, interpreters)
    windows = WindowSearch(
        session,
        Asked(
            organisation.id,
            {relay: kiosks[relay] for relay in served if relay in kiosks},
            slots_in(search.length),
            now,
            search.besides,
        ),
        calendar,
        DayLimits(session, organisation.id, calendar, search.besides),
        interpreters,
    )
    places = windows.earliest(first, end, search.limit)
    if places:
        return SlotsFound([_slot(place, search.length) for place in places])
    return _explained(search, calendar, windows, end, now)


def _interpreters(session: Session, search: SlotSearch) -> InterpretersFree | None:
    if search.interpreter_id is None:
        return None
    length, besides = slots_in(search.length), search.besides
    return InterpretersFree(
        session, search.interpreter_id, length, search.after, besides
    )


def has_published_hours(session: Session, organisation_id: int) -> bool:
    """Tell whether the organisation publishes hours at all, past or to come."""
    return bool(session.scalar(_PUBLISHES_HOURS, {"of": organisation_id}))


def publishes_hours(organisation_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Give the condition that this organisation publishes hours, for another's question."""
    opening = cast(Table, Opening.__table__).c
    counter = cast(Table, Counter.__table__).c
    return exists().where(
        counter.organisation_id == organisation_id, opening.counter_id == counter.id
    )


_PUBLISHES_HOURS = select(publishes_hours(bindparam("of", type_=Integer)))


def within_hours(
    session: Session,
    organisation_id: int,
    relay_id: int,
    starts_at: datetime,
    ends_at: datetime,
) -> bool:
    """Tell whether a counter is open to the relay's residents for this whole stretch."""
    return bool(open_counters(session, organisation_id, relay_id, starts_at, ends_at))


def open_counters(
    session: Session,
    organisation_id: int,
    relay_id: int,
    starts_at: datetime,
    ends_at: datetime,
) -> list[int]:
    """List the counters that publish hours for this whole stretch, free or not."""
    organisation = session.get_one(Organisation, organisation_id)
    since = starts_at.astimezone(ZoneInfo(organisation.time_zone)).date()
    calendar = read_calendar(session, organisation, since)
    if relay_id in calendar.unserved_relays:
        return []
    touched = slots_touched(starts_at, ends_at)
    first = slot_number(touched[0])
    wanted = (1 << len(touched)) - 1
    opened = calendar.open_slots(first, first + len(touched))
    return [
        counter_id
        for counter_id, by_relay in opened.items()
        if by_relay.open_to(relay_id).open & wanted == wanted
    ]


def open_now(
    session: Session, organisation_id: int, relay_id: int, now: datetime
) -> list[int]:
    """List the counters that are open at this moment, free or not.

    Who has come is taken even where the call may outlast the opening hours.
    """
    return open_counters(session, organisation_id, relay_id, now, now + _MOMENT)


def _kiosks_of(session: Session, relay_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    query = select(Kiosk.relay_id, Kiosk.id).where(Kiosk.relay_id.in_(relay_ids))
    for relay_id, kiosk_id in session.execute(query.order_by(Kiosk.id)):
        found.setdefault(relay_id, []).append(kiosk_id)
    return found


def _missing(
    session: Session,
    search: SlotSearch,
    calendar: Calendar,
    served: list[int],
    kiosks: dict[int, list[int]],
) -> WhyNoSlot | None:
    """Tell what is missing for any slot at all."""
    if not calendar.has_hours:
        counters = select(Counter.id).where(
            Counter.organisation_id == search.organisation_id
        )
        has_counter = session.scalar(counters.limit(1)) is not None
        return WhyNoSlot.NO_HOURS if has_counter else WhyNoSlot.NO_COUNTER
    if search.relay_ids and not served:
        return WhyNoSlot.RELAY_NOT_SERVED
    return None if kiosks else WhyNoSlot.NO_KIOSK


def _bounds(
    search: SlotSearch,
    calendar: Calendar,
    now: datetime,
    interpreters: InterpretersFree | None,
) -> tuple[int, int]:
    """Give the first slot that may be a start, and the one before which starts end."""
    first = first_slot_from(max(search.after, now + calendar.rules.lead))
    end = first_slot_from(_horizon(calendar, now))
    if interpreters is not None:
        # They too want to know early enough, and not too early.
        first = max(first, first_slot_from(now + interpreters.calendar.rules.lead))
        end = min(end, first_slot_from(_horizon(interpreters.calendar, now)))
    if search.until is not None:
        end = min(end, first_slot_from(search.until))
    return first, end


def _horizon(calendar: Calendar, now: datetime) -> datetime:
    today = now.astimezone(calendar.zone).date()
    after = today + timedelta(days=calendar.rules.horizon_days + 1)
    return datetime.combine(after, time(0), calendar.zone).astimezone(UTC)


def _slot(place: FreeSlot, length: timedelta) -> Slot:
    starts_at = start_of(place.slot)
    return Slot(
        starts_at,
        starts_at + length,
        place.relay_id,
        place.kiosk_id,
        place.counter_id,
    )


def _explained(
    search: SlotSearch,
    calendar: Calendar,
    windows: WindowSearch,
    end: int,
    now: datetime,
) -> SlotsFound:
    """Say why nothing was found, by what the search met on its way."""
    zone = calendar.zone
    asked_from = search.after.astimezone(zone).date()
    horizon = _horizon(calendar, now)
    searched_to = max(start_of(end - 1).astimezone(zone).date(), asked_from - _DAY)
    following = calendar.next_day_with_hours(searched_to, search.relay_ids)
    if windows.met_free:
        return SlotsFound([], WhyNoSlot.DAYS_FULL, following)
    if windows.met_without_interpreter:
        return SlotsFound([], WhyNoSlot.NO_INTERPRETER)
    if windows.met_starts:
        return SlotsFound([], WhyNoSlot.ALL_TAKEN, following)
    if windows.met_open:
        return SlotsFound([], WhyNoSlot.TOO_LONG, following)
    until = min(search.until or horizon, horizon)
    earliest = min(now + calendar.rules.lead, until)
    if search.after < earliest and calendar.is_open_between(
        slot_number(search.after), first_slot_from(earliest), search.relay_ids
    ):
        return SlotsFound([], WhyNoSlot.TOO_SOON, following)
    is_cut = search.until is None or search.until > horizon
    if following is not None and is_cut:
        return SlotsFound([], WhyNoSlot.BEYOND_HORIZON, following)
    return SlotsFound([], WhyNoSlot.CLOSED, following, calendar.closed_for(asked_from))

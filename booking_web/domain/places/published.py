# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an organisation has published: hours per counter, closures, rules. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.domain.places.grid import SLOT_MINUTES
from booking_web.domain.places.hours import (
    NO_SLOTS,
    ClosedRange,
    CounterHours,
    HoursRange,
    OpenSlots,
    Schedule,
    local_days,
    open_slots,
)
from booking_web.domain.places.public_holidays import (
    holiday_name,
    holidays_of,
    region_of,
)
from booking_web.tables.hours import (
    BookingRules,
    Closure,
    Opening,
    RelayRules,
)
from provisioning.database.models import Counter, Organisation

DEFAULT_HORIZON_DAYS = 60
# Nobody plans openings further ahead; where there is none, it is said so.
LOOK_AHEAD_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of an organisation, defaults filled in."""

    step_minutes: int
    lead: timedelta = timedelta(0)
    horizon_days: int = DEFAULT_HORIZON_DAYS
    max_per_day: int | None = None
    open_on_holidays: bool = False
    holiday_region: str = ""


@dataclass(frozen=True)
class Calendar:
    """Everything published by one organisation that may matter from some day on."""

    zone: ZoneInfo
    rules: Rules
    # By counter, then by relay; relay None: residents of every relay.
    schedules: dict[int, dict[int | None, Schedule]]
    unserved_relays: frozenset[int] = frozenset()
    relay_max_per_day: dict[int, int] = field(default_factory=dict)

    @property
    def has_hours(self) -> bool:
        """Tell whether any hours are published that are not over yet."""
        return any(self._each_schedule(None))

    def holidays_between(self, first: date, last: date) -> frozenset[date]:
        """Give the public holidays on which nobody is received."""
        if self.rules.open_on_holidays:
            return frozenset()
        return frozenset(
            day
            for year in range(first.year, last.year + 1)
            for day in holidays_of(year, self.rules.holiday_region)
        )

    def open_slots(self, first: int, end: int) -> dict[int, CounterHours]:
        """Give the slots from `first` to before `end` in which each counter is open."""
        days = local_days(first, end, self.zone)
        holidays = self.holidays_between(days[0].day, days[-1].day)
        # Many counters share one schedule, which is then laid out once.
        known: dict[Schedule, OpenSlots] = {}
        shared: dict[tuple[tuple[int | None, Schedule], ...], CounterHours] = {}

        def slots(schedule: Schedule | None) -> OpenSlots:
            if schedule is None:
                return NO_SLOTS
            if schedule not in known:
                known[schedule] = open_slots(
                    schedule, days, end - first, self.rules.step_minutes, holidays
                )
            return known[schedule]

        found = {}
        for counter_id, by_relay in self.schedules.items():
            key = tuple(by_relay.items())
            if key not in shared:
                general = slots(by_relay.get(None))
                own = {
                    relay_id: general | slots(schedule)
                    for relay_id, schedule in by_relay.items()
                    if relay_id is not None
                }
                shared[key] = CounterHours(general, own)
            found[counter_id] = shared[key]
        return found

    def is_open_between(self, first: int, end: int, relay_ids: Sequence[int]) -> bool:
        """Tell whether a counter is open to one of the relays in one of these slots."""
        return any(
            hours.open_to(relay_id).open
            for hours in self.open_slots(first, end).values()
            for relay_id in relay_ids
        )

    def has_hours_on(self, day: date, relay_ids: Sequence[int] | None = None) -> bool:
        """Tell whether a counter receives the residents of one of these relays that day."""
        if not self.rules.open_on_holidays and holiday_name(
            day, self.rules.holiday_region
        ):
            return False
        return any(
            schedule.has_hours_on(day) for schedule in self._each_schedule(relay_ids)
        )

    def next_day_with_hours(
        self, after: date, relay_ids: Sequence[int] | None = None
    ) -> date | None:
        """Give the first such day after `after`, within LOOK_AHEAD_DAYS."""
        for ahead in range(1, LOOK_AHEAD_DAYS + 1):
            day = after + timedelta(days=ahead)
            if self.has_hours_on(day, relay_ids):
                return day
        return None

    def closed_for(self, day: date) -> str:
        """Give the holiday or the label of the closure that shuts the whole day."""
        if not self.rules.open_on_holidays:
            if name := holiday_name(day, self.rules.holiday_region):
                return name
        for schedule in self._each_schedule(None):
            for closed in schedule.closures:
                if closed.is_whole_days and closed.first_day <= day <= closed.last_day:
                    return closed.label
        return ""

    def _each_schedule(self, relay_ids: Sequence[int] | None) -> Iterator[Schedule]:
        # Most counters share one schedule: each is looked at once.
        seen = set()
        for by_relay in self.schedules.values():
            for relay_id, schedule in by_relay.items():
                if schedule in seen:
                    continue
                if relay_id is None or relay_ids is None or relay_id in relay_ids:
                    seen.add(schedule)
                    yield schedule


def read_rules(session: Session, organisation: Organisation) -> Rules:
    """Give the organisation's rules, or the defaults."""
    row = session.get(BookingRules, organisation.id)
    step = (row and row.step_minutes) or organisation.appointment_minutes
    step = -(-step // SLOT_MINUTES) * SLOT_MINUTES
    region = region_of(organisation.time_zone, row.holiday_region if row else "")
    if row is None:
        return Rules(step_minutes=step, holiday_region=region)
    return Rules(
        step_minutes=step,
        lead=timedelta(minutes=row.lead_minutes),
        horizon_days=row.horizon_days,
        max_per_day=row.max_per_day,
        open_on_holidays=row.open_on_holidays,
        holiday_region=region,
    )


def read_calendar(
    session: Session, organisation: Organisation, since: date
) -> Calendar:
    """Give what the organisation publishes; hours that ended before `since` left out."""
    relay_rules = session.execute(
        select(RelayRules.relay_id, RelayRules.is_served, RelayRules.max_per_day).where(
            RelayRules.organisation_id == organisation.id
        )
    ).all()
    return Calendar(
        ZoneInfo(organisation.time_zone),
        read_rules(session, organisation),
        _read_schedules(session, organisation.id, since),
        frozenset(relay for relay, is_served, _ in relay_rules if not is_served),
        {relay: most for relay, _, most in relay_rules if most is not None},
    )


def _read_schedules(
    session: Session, organisation_id: int, since: date
) -> dict[int, dict[int | None, Schedule]]:
    # A range across midnight still opens the morning after its last day.
    ranges: dict[int, dict[int | None, list[HoursRange]]] = defaultdict(dict)
    known: dict[HoursRange, HoursRange] = {}
    query = (
        select(
            Opening.counter_id,
            Opening.first_day,
            Opening.last_day,
            Opening.weekdays,
            Opening.every_weeks,
            Opening.opens_minute,
            Opening.closes_minute,
            Opening.relay_id,
        )
        .join(Counter, Counter.id == Opening.counter_id)
        .where(
            Counter.organisation_id == organisation_id,
            or_(
                Opening.last_day.is_(None),
                Opening.last_day >= since - timedelta(days=1),
            ),
        )
        .order_by(Opening.counter_id, Opening.opens_minute, Opening.id)
    )
    for (
        counter_id,
        first,
        last,
        weekdays,
        weeks,
        opens,
        closes,
        relay_id,
    ) in session.execute(query):
        each = HoursRange(first, last, weekdays, weeks, opens, closes, relay_id)
        ranges[counter_id].setdefault(relay_id, []).append(known.setdefault(each, each))
    closures = _read_closures(session, organisation_id, since)
    shared: dict[Schedule, Schedule] = {}
    return {
        counter_id: {
            relay_id: _shared(
                shared,
                Schedule(tuple(listed), _of_counter(closures, counter_id)),
            )
            for relay_id, listed in by_relay.items()
        }
        for counter_id, by_relay in ranges.items()
    }


def _shared(known: dict[Schedule, Schedule], schedule: Schedule) -> Schedule:
    return known.setdefault(schedule, schedule)


def _read_closures(
    session: Session, organisation_id: int, since: date
) -> dict[int | None, list[ClosedRange]]:
    found: dict[int | None, list[ClosedRange]] = defaultdict(list)
    for row in session.scalars(
        select(Closure)
        .where(Closure.organisation_id == organisation_id, Closure.last_day >= since)
        .order_by(Closure.first_day, Closure.id)
    ):
        found[row.counter_id].append(closed_range(row))
    return found


def closed_range(row: Closure) -> ClosedRange:
    """Give the closure as the computation takes it."""
    if row.from_minute is None or row.until_minute is None:
        return ClosedRange(row.first_day, row.last_day, label=row.label)
    return ClosedRange(
        row.first_day, row.last_day, row.from_minute, row.until_minute, row.label
    )


def _of_counter(
    closures: dict[int | None, list[ClosedRange]], counter_id: int
) -> tuple[ClosedRange, ...]:
    listed: Iterable[ClosedRange] = (
        *closures.get(None, ()),
        *closures.get(counter_id, ()),
    )
    return tuple(listed)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The search for slots: against one that looks at each minute, and why there is none."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, literal, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.places.grid import SLOT, slots_touched
from booking_web.domain.places.next_start import next_start
from booking_web.domain.places.public_holidays import holiday_name
from booking_web.domain.places.search import (
    Slot,
    SlotSearch,
    WhyNoSlot,
    find_slots,
    has_published_hours,
    open_counters,
    within_hours,
)
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.hours import (
    BookingRules,
    Closure,
    Opening,
    RelayRules,
)
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk, Organisation

PARIS = ZoneInfo("Europe/Paris")
MONDAY_TO_FRIDAY = 31
ALL_DAYS = 127
HALF_HOUR = timedelta(minutes=30)
MSA, CAF = 1, 2
WASSIGNY, GUISE = 1, 2
# The conftest's MSA has counters 1 and 2, the CAF counter 3.
COUNTERS = {MSA: (1, 2), CAF: (3,)}


def opening(
    counter_id: int = 1, opens: str = "08:30", closes: str = "12:00", **values
) -> Opening:
    """Give hours on working days since 2026 began."""
    hours = {
        "counter_id": counter_id,
        "opens_minute": minutes(opens),
        "closes_minute": minutes(closes),
        "first_day": date(2026, 1, 1),
        "weekdays": MONDAY_TO_FRIDAY,
    }
    return Opening(**hours | values)


def minutes(clock: str) -> int:
    """Read "08:30"."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def search(**values) -> SlotSearch:
    """Look for half an hour at the MSA for the residents of Wassigny."""
    asked = {
        "organisation_id": MSA,
        "relay_ids": [WASSIGNY],
        "length": HALF_HOUR,
        "after": datetime(2026, 11, 24, 9, 2, tzinfo=UTC),
    }
    return SlotSearch(**asked | values)


def local(slots: list[Slot], zone: ZoneInfo = PARIS) -> list[str]:
    """Write starts as the clock on the wall shows them."""
    return [f"{slot.starts_at.astimezone(zone):%d/%m %H:%M}" for slot in slots]


def test_slots_begin_with_the_hours_and_follow_each_other(session, now) -> None:
    session.add_all([opening(), opening(opens="13:30", closes="15:00")])
    session.flush()
    found = find_slots(session, search(limit=8), now)
    assert local(found.slots) == [
        "24/11 10:30",
        "24/11 11:00",
        "24/11 11:30",
        "24/11 13:30",
        "24/11 14:00",
        "24/11 14:30",
        "25/11 08:30",
        "25/11 09:00",
    ]
    first = found.slots[0]
    assert (first.relay_id, first.kiosk_id, first.counter_id) == (1, 1, 1)
    assert first.ends_at - first.starts_at == HALF_HOUR
    assert found.why is None


def test_a_held_kiosk_and_a_held_counter_take_slots_away(session, booked, now) -> None:
    session.add_all([opening(), opening(2, "11:00", "12:00")])
    session.flush()
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    booked(at, organisation="caf")  # The kiosk of Wassigny, 10:30 to 11.
    booked(at + HALF_HOUR, relay="guise")  # Counter 1, 11:00 to 11:30.
    found = find_slots(session, search(limit=2), now)
    assert local(found.slots) == ["24/11 11:00", "24/11 11:30"]
    assert [slot.counter_id for slot in found.slots] == [2, 1]
    session.rollback()


def test_the_nearest_relay_that_is_free_is_offered(session, booked, now) -> None:
    session.add(opening())
    session.flush()
    booked(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), organisation="caf")
    found = find_slots(session, search(relay_ids=[WASSIGNY, GUISE], limit=2), now)
    assert [slot.relay_id for slot in found.slots] == [GUISE, WASSIGNY]


def test_an_appointment_that_is_moved_does_not_stand_in_its_own_way(
    session, booked, now
) -> None:
    session.add(opening())
    session.flush()
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    appointment = booked(at)
    assert find_slots(session, search(), now).slots[0].starts_at > at
    moved = find_slots(session, search(besides=appointment.id), now)
    assert moved.slots[0].starts_at == at


def test_slots_that_are_freed_are_offered_again(session, booked, now) -> None:
    session.add(opening())
    session.flush()
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    appointment = booked(at)
    for table in (KioskSlot, CounterSlot):
        session.execute(delete(table).where(table.appointment_id == appointment.id))
    assert find_slots(session, search(), now).slots[0].starts_at == at


def test_a_call_that_runs_over_holds_the_kiosk_now(session, booked, now) -> None:
    session.add(opening(opens="08:30", closes="12:00"))
    session.add(BookingRules(organisation_id=MSA, step_minutes=5))
    talkative = booked(
        now - timedelta(minutes=40), organisation="caf", now=now - timedelta(minutes=45)
    )
    talkative.state = AppointmentState.IN_CALL
    session.flush()
    on_the_slot = now.replace(minute=0)
    found = find_slots(session, search(after=on_the_slot), on_the_slot)
    assert local(found.slots[:1]) == ["24/11 10:05"]


@pytest.mark.parametrize(
    ("prepare", "asked", "why", "following"),
    [
        ([], {}, WhyNoSlot.NO_HOURS, None),
        ([opening(last_day=date(2026, 11, 1))], {}, WhyNoSlot.NO_HOURS, None),
        ([opening()], {"relay_ids": []}, WhyNoSlot.NO_KIOSK, None),
        ([opening()], {"relay_ids": [77]}, WhyNoSlot.NO_KIOSK, None),
        (
            [opening(), RelayRules(organisation_id=1, relay_id=1, is_served=False)],
            {},
            WhyNoSlot.RELAY_NOT_SERVED,
            None,
        ),
        (
            [opening()],
            {
                "until": datetime(2026, 11, 24, 12, tzinfo=UTC),
                "length": timedelta(hours=5),
            },
            WhyNoSlot.TOO_LONG,
            date(2026, 11, 25),
        ),
        (
            [opening(), BookingRules(organisation_id=1, lead_minutes=1440)],
            {"until": datetime(2026, 11, 24, 23, tzinfo=UTC)},
            WhyNoSlot.TOO_SOON,
            date(2026, 11, 25),
        ),
        (
            [opening(first_day=date(2027, 2, 1))],
            {},
            WhyNoSlot.BEYOND_HORIZON,
            date(2027, 2, 1),
        ),
        (
            [opening(), BookingRules(organisation_id=1, horizon_days=3)],
            {"after": datetime(2026, 12, 1, tzinfo=UTC)},
            WhyNoSlot.BEYOND_HORIZON,
            date(2026, 12, 1),
        ),
        (
            # Saturday 28 November.
            [opening()],
            {
                "after": datetime(2026, 11, 28, tzinfo=UTC),
                "until": datetime(2026, 11, 29, tzinfo=UTC),
            },
            WhyNoSlot.CLOSED,
            date(2026, 11, 30),
        ),
    ],
)
def test_why_there_is_no_slot_is_told(
    session, now, prepare, asked, why, following
) -> None:
    for row in prepare:
        session.merge(row)
    session.flush()
    found = find_slots(session, search(**asked), now)
    assert (found.slots, found.why, found.next_opening) == ([], why, following)


def test_a_holiday_is_named_and_the_day_after_it_told(session) -> None:
    session.add_all(
        [opening(weekdays=ALL_DAYS), RelayRules(organisation_id=MSA, relay_id=GUISE)]
    )
    session.flush()
    eve = datetime(2026, 12, 24, 22, tzinfo=UTC)
    christmas = search(
        after=datetime(2026, 12, 24, 23, tzinfo=UTC),
        until=datetime(2026, 12, 25, 23, tzinfo=UTC),
    )
    found = find_slots(session, christmas, eve)
    assert (found.why, found.closed_for) == (WhyNoSlot.CLOSED, "Noël")
    assert found.next_opening == date(2026, 12, 26)
    session.add(BookingRules(organisation_id=MSA, open_on_holidays=True))
    session.flush()
    assert local(find_slots(session, christmas, eve).slots)[0] == "25/12 08:30"


def test_a_closure_of_some_hours_leaves_the_others(session, now) -> None:
    session.add_all(
        [
            opening(),
            opening(2),
            Closure(
                organisation_id=MSA,
                counter_id=1,
                first_day=date(2026, 11, 25),
                last_day=date(2026, 11, 26),
                label="Formation",
            ),
            Closure(
                organisation_id=MSA,
                first_day=date(2026, 11, 25),
                last_day=date(2026, 11, 25),
                from_minute=minutes("09:00"),
                until_minute=minutes("11:30"),
                label="Réunion",
            ),
        ]
    )
    session.flush()
    day = search(
        after=datetime(2026, 11, 25, tzinfo=UTC),
        until=datetime(2026, 11, 26, tzinfo=UTC),
    )
    found = find_slots(session, day, now)
    assert local(found.slots) == ["25/11 08:30", "25/11 11:30"]
    assert {slot.counter_id for slot in found.slots} == {2}


def test_a_day_that_has_its_maximum_is_left_out(session, booked, now) -> None:
    session.add_all([opening(), BookingRules(organisation_id=MSA, max_per_day=1)])
    session.flush()
    booked(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), relay="guise")
    assert local(find_slots(session, search(limit=1), now).slots) == ["25/11 08:30"]
    today = search(until=datetime(2026, 11, 24, 23, tzinfo=UTC))
    found = find_slots(session, today, now)
    assert (found.why, found.next_opening) == (WhyNoSlot.DAYS_FULL, date(2026, 11, 25))


def test_a_relay_that_has_its_maximum_leaves_the_day_to_others(
    session, booked, now
) -> None:
    session.add_all(
        [opening(), RelayRules(organisation_id=MSA, relay_id=WASSIGNY, max_per_day=1)]
    )
    session.flush()
    booked(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    found = find_slots(session, search(relay_ids=[WASSIGNY, GUISE], limit=3), now)
    assert local(found.slots) == ["24/11 11:00", "24/11 11:30", "25/11 08:30"]
    assert [slot.relay_id for slot in found.slots] == [GUISE, GUISE, WASSIGNY]


def test_hours_of_one_relay_are_not_offered_to_another(session, now) -> None:
    session.add_all([opening(), opening(2, "14:00", "15:00", relay_id=GUISE)])
    session.flush()
    today = {"until": datetime(2026, 11, 24, 23, tzinfo=UTC)}
    afternoon = search(after=datetime(2026, 11, 24, 12, tzinfo=UTC), **today)
    assert find_slots(session, afternoon, now).slots == []
    both = search(after=afternoon.after, relay_ids=[WASSIGNY, GUISE], **today)
    found = find_slots(session, both, now).slots
    assert local(found) == ["24/11 14:00", "24/11 14:30"]
    assert {(slot.relay_id, slot.counter_id) for slot in found} == {(GUISE, 2)}


@pytest.mark.parametrize(
    ("zone", "rows", "after", "expected"),
    [
        # Summer time begins in Paris on 29 March 2026 at 2:00, ends on 25 October at 3:00.
        (
            "Europe/Paris",
            [{"opens": "01:00", "closes": "04:00", "weekdays": ALL_DAYS}],
            datetime(2026, 3, 28, 23, tzinfo=UTC),
            ["29/03 01:00", "29/03 01:30", "29/03 03:00", "29/03 03:30", "30/03 01:00"],
        ),
        (
            "Europe/Paris",
            [{"opens": "01:30", "closes": "03:30", "weekdays": ALL_DAYS}],
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            [
                "25/10 01:30",
                "25/10 02:00",
                "25/10 02:30",
                "25/10 02:00",
                "25/10 02:30",
                "25/10 03:00",
                "26/10 01:30",
            ],
        ),
        (
            "Europe/Paris",
            [{"opens": "08:30", "closes": "09:00", "weekdays": ALL_DAYS}],
            datetime(2028, 2, 28, 12, tzinfo=UTC),
            ["29/02 08:30", "01/03 08:30"],
        ),
        # Across midnight, every other Tuesday (24 November, 8 December).
        (
            "Europe/Paris",
            [
                {
                    "opens": "23:00",
                    "closes": "25:00",
                    "weekdays": 2,
                    "every_weeks": 2,
                    "first_day": date(2026, 11, 24),
                }
            ],
            datetime(2026, 11, 24, 9, tzinfo=UTC),
            [
                "24/11 23:00",
                "24/11 23:30",
                "25/11 00:00",
                "25/11 00:30",
                "08/12 23:00",
            ],
        ),
        (
            "Indian/Reunion",
            [{"opens": "08:00", "closes": "09:00", "weekdays": ALL_DAYS}],
            datetime(2026, 12, 19, 12, tzinfo=UTC),
            # 20 December, the end of slavery, is a holiday there.
            ["21/12 08:00", "21/12 08:30", "22/12 08:00"],
        ),
    ],
)
def test_hours_are_those_of_the_wall_clock(
    session, zone, rows, after, expected
) -> None:
    session.get_one(Organisation, MSA).time_zone = zone
    session.add_all([opening(**row) for row in rows])
    session.flush()
    found = find_slots(session, search(after=after, limit=len(expected)), after)
    assert local(found.slots, ZoneInfo(zone)) == expected
    starts = [slot.starts_at for slot in found.slots]
    assert starts == sorted(set(starts))


def test_the_hour_proposed_after_a_conflict_lies_in_published_hours(
    session, booked
) -> None:
    session.add_all([opening(closes="10:30"), opening(2, closes="10:30")])
    session.flush()
    at = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)  # 10:05, the last hour of the day.
    booked(at)
    with pytest.raises(PlaceTaken):
        booked(at)
    following = next_start(
        session,
        organisation_id=MSA,
        relay_id=WASSIGNY,
        length=timedelta(minutes=30),
        after=at,
        now=at,
    )
    assert following == datetime(2026, 11, 25, 7, 30, tzinfo=UTC)


def test_hours_published_and_within_them(session) -> None:
    assert not has_published_hours(session, MSA)
    session.add_all([opening(), opening(2, "11:00", "14:00")])
    session.flush()
    assert has_published_hours(session, MSA)
    assert not has_published_hours(session, CAF)
    at = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)  # 11:40.
    assert within_hours(session, MSA, WASSIGNY, at, at + timedelta(minutes=20))
    assert open_counters(session, MSA, WASSIGNY, at, at + HALF_HOUR) == [2]
    assert not within_hours(session, MSA, WASSIGNY, at, at + timedelta(hours=3))
    session.add(RelayRules(organisation_id=MSA, relay_id=WASSIGNY, is_served=False))
    session.flush()
    assert not within_hours(session, MSA, WASSIGNY, at, at + HALF_HOUR)


# A search that knows nothing of bits: it looks at each slot by the clock on the wall.


class Wall:
    """What is published, read once, and asked for each slot by the clock on the wall."""

    def __init__(self, session: Session) -> None:
        self.organisation = session.get_one(Organisation, MSA)
        self.zone = ZoneInfo(self.organisation.time_zone)
        self.rules = session.get_one(BookingRules, MSA)
        self.openings = session.scalars(select(Opening)).all()
        self.closures = session.scalars(select(Closure)).all()

    @cache
    def is_open(self, counter_id: int, relay_id: int, at: datetime) -> int:
        """Tell whether the counter is open at `at`: 3 where an appointment may start."""
        wall = at.astimezone(self.zone)
        minute = wall.hour * 60 + wall.minute
        if holiday_name(wall.date(), ""):
            return 0
        for closed in self.closures:
            if closed.first_day <= wall.date() <= closed.last_day:
                if closed.from_minute <= minute < closed.until_minute:
                    return 0
        step = self.rules.step_minutes or self.organisation.appointment_minutes
        found = 0
        for row in self.openings:
            if row.counter_id != counter_id or row.relay_id not in (None, relay_id):
                continue
            for back in (0, 1):
                since = minute + back * 1440
                if row.opens_minute <= since < row.closes_minute and begins_on(
                    row, wall.date() - timedelta(days=back)
                ):
                    found |= 1 if (since - row.opens_minute) % step else 3
        return found


def begins_on(row: Opening, day: date) -> bool:
    """Tell whether the range's weekdays and weeks have this day."""
    monday = day - timedelta(days=day.weekday())
    first_monday = row.first_day - timedelta(days=row.first_day.weekday())
    return (
        row.first_day <= day <= (row.last_day or date.max)
        and row.weekdays >> day.weekday() & 1 == 1
        and (monday - first_monday).days % (7 * row.every_weeks) == 0
    )


def brute_force(
    session: Session, asked: SlotSearch, end: datetime
) -> Iterator[tuple[datetime, int, int, int]]:
    """Give starts with relay, kiosk and counter, one slot after the other."""
    wall = Wall(session)
    held = {
        *session.execute(
            select(literal("kiosk"), KioskSlot.kiosk_id, KioskSlot.starts_at)
        ),
        *session.execute(
            select(literal("counter"), CounterSlot.counter_id, CounterSlot.starts_at)
        ),
    }
    kiosks = session.execute(select(Kiosk.relay_id, Kiosk.id).order_by(Kiosk.id)).all()
    at = asked.after
    while at < end:
        touched = slots_touched(at, at + asked.length)

        def is_free(kind: str, owner: int) -> bool:
            return not any((kind, owner, slot) in held for slot in touched)

        for relay_id in asked.relay_ids:
            free_counters = [
                counter
                for counter in COUNTERS[MSA]
                if wall.is_open(counter, relay_id, at) == 3
                and all(wall.is_open(counter, relay_id, slot) for slot in touched)
                and is_free("counter", counter)
            ]
            free_kiosks = [
                kiosk
                for relay, kiosk in kiosks
                if relay == relay_id and is_free("kiosk", kiosk)
            ]
            if free_kiosks and free_counters:
                yield at, relay_id, free_kiosks[0], free_counters[0]
                break
        at += SLOT


a_range = st.builds(
    opening,
    st.sampled_from(COUNTERS[MSA]),
    weekdays=st.integers(1, 127),
    every_weeks=st.sampled_from([1, 1, 2]),
    relay_id=st.sampled_from([None, None, GUISE]),
    first_day=st.dates(date(2026, 10, 5), date(2026, 10, 26)),
    last_day=st.sampled_from([None, None, date(2026, 10, 26)]),
    opens_minute=st.integers(0, 287).map(lambda slot: slot * 5),
)
a_stretch = st.tuples(st.integers(0, 3 * 288), st.integers(1, 60))


def with_length(row: Opening, length: int) -> Opening:
    """Set the end of a range."""
    row.closes_minute = row.opens_minute + length * 5
    return row


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(
        st.builds(with_length, a_range, st.integers(1, 200)), min_size=1, max_size=4
    ),
    closed=st.lists(st.tuples(st.integers(0, 1300), st.integers(1, 140)), max_size=2),
    held=st.lists(st.tuples(st.sampled_from([1, 2, 3]), a_stretch), max_size=6),
    length=st.integers(5, 90),
    step=st.sampled_from([None, 5, 20, 45]),
    zone=st.sampled_from(["Europe/Paris", "America/Cayenne", "Pacific/Tahiti"]),
    begins=st.integers(0, 287),
)
def test_the_search_finds_what_looking_at_each_slot_finds(
    database, rows, closed, held, length, step, zone, begins
) -> None:
    # The night of the 24th has 25 hours in Paris.
    after = datetime(2026, 10, 23, 12, tzinfo=UTC) + begins * SLOT
    with database.write() as session:
        session.get_one(Organisation, MSA).time_zone = zone
        session.add_all(rows)
        session.add(BookingRules(organisation_id=MSA, step_minutes=step))
        for from_minute, more in closed:
            session.add(
                Closure(
                    organisation_id=MSA,
                    first_day=date(2026, 10, 24),
                    last_day=date(2026, 10, 25),
                    from_minute=from_minute,
                    until_minute=min(from_minute + more, 1440),
                )
            )
        hold(session, held, after)
        asked = search(
            relay_ids=[GUISE, WASSIGNY],
            length=timedelta(minutes=length),
            after=after,
            until=after + timedelta(days=2),
            limit=10_000,
        )
        found = [
            (slot.starts_at, slot.relay_id, slot.kiosk_id, slot.counter_id)
            for slot in find_slots(session, asked, after).slots
        ]
        expected = list(brute_force(session, asked, after + timedelta(days=2)))
        few = find_slots(session, search(**vars(asked) | {"limit": 3}), after).slots
        session.rollback()
    assert found == expected
    assert [slot.starts_at for slot in few] == [each[0] for each in expected[:3]]


def hold(
    session: Session, held: list[tuple[int, tuple[int, int]]], since: datetime
) -> None:
    """Hold stretches of kiosk 1, kiosk 2 or counter 1 (owner 3) for an appointment."""
    appointment = Appointment(
        submission="held",
        kiosk_id=1,
        counter_id=3,
        organisation_id=CAF,
        resident_name="M. Dupont",
        starts_at=since,
        ends_at=since + HALF_HOUR,
        state=AppointmentState.BOOKED,
        state_since=since,
        created_by_id=1,
        created_at=since,
    )
    session.add(appointment)
    session.flush()
    wanted = {
        (owner, first + offset)
        for owner, (first, length) in held
        for offset in range(length)
    }
    for owner, slot in wanted:
        values = {
            "starts_at": since + slot * SLOT,
            "appointment_id": appointment.id,
        }
        if owner == 3:
            session.add(CounterSlot(counter_id=1, **values))
        else:
            session.add(KioskSlot(kiosk_id=owner, **values))
    session.flush()

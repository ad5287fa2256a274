# SPDX-License-Identifier: AGPL-3.0-or-later
"""The grid of slots, held against a slow and obvious search."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking_web.domain.places.choosing import (
    Place,
    Side,
    Taken,
    choose_place,
    next_free_place,
)
from booking_web.domain.places.grid import (
    SLOT,
    free_run,
    proposed_starts,
    slot_of,
    slots_touched,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 8:00 in Paris

instants = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)
).map(lambda naive: naive.replace(tzinfo=UTC))
lengths = st.integers(1, 480).map(lambda minutes: timedelta(minutes=minutes))
grids = st.sets(st.integers(0, 47), max_size=40).map(
    lambda numbers: {MONDAY + number * SLOT for number in numbers}
)


@given(instants, lengths)
def test_an_appointment_touches_exactly_the_slots_it_overlaps(start, length) -> None:
    end = start + length
    slot = slot_of(start) - 3 * SLOT
    overlapping = []
    while slot < end + 3 * SLOT:
        if slot < end and slot + SLOT > start:
            overlapping.append(slot)
        slot += SLOT
    assert slots_touched(start, end) == overlapping


@given(instants, lengths, instants, lengths)
def test_two_appointments_that_overlap_share_a_slot(a, a_length, b, b_length) -> None:
    b = a + (b - a) % timedelta(hours=6)
    overlap = a < b + b_length and b < a + a_length
    shared = set(slots_touched(a, a + a_length)) & set(slots_touched(b, b + b_length))
    assert not overlap or shared


@given(st.integers(0, 47), st.sampled_from([5, 12, 30, 45]), grids, grids, grids)
def test_the_next_free_place_is_the_one_that_a_slow_search_finds(
    after, minutes, kiosk, counter_1, counter_2
) -> None:
    start = MONDAY + after * SLOT
    length = timedelta(minutes=minutes)

    def is_free(at: datetime) -> bool:
        wanted = set(slots_touched(at, at + length))
        return not wanted & kiosk and (not wanted & counter_1 or not wanted & counter_2)

    expected = next(
        at for at in (start + number * SLOT for number in range(500)) if is_free(at)
    )
    found = next_free_place(
        start, length, {7: kiosk}, {1: counter_1, 2: counter_2}, PARIS
    )
    if expected.astimezone(PARIS).hour < 17:
        assert found is not None
        assert (found.starts_at, found.kiosk_id) == (expected, 7)
        held = {1: counter_1, 2: counter_2}[found.counter_id]
        assert not held & set(slots_touched(expected, expected + length))


def test_a_place_needs_the_kiosk_and_a_counter_at_the_same_time() -> None:
    slot = {MONDAY}
    end = MONDAY + SLOT
    taken_by_turns = ({1: set()}, {1: slot}), ({1: slot}, {1: set()})
    assert [choose_place(MONDAY, end, *held) for held in taken_by_turns] == [
        Taken(Side.COUNTER),
        Taken(Side.KIOSK),
    ]
    place = choose_place(MONDAY, end, {1: slot, 2: set()}, {1: slot, 2: set()})
    assert place == Place(MONDAY, kiosk_id=2, counter_id=2)


def test_none_at_all_is_told_from_all_taken() -> None:
    end, free = MONDAY + SLOT, {1: set()}
    assert choose_place(MONDAY, end, {}, free) == Taken(Side.KIOSK, is_missing=True)
    assert choose_place(MONDAY, end, free, {}) == Taken(Side.COUNTER, is_missing=True)


def test_hours_are_proposed_in_the_day_and_never_on_sunday() -> None:
    saturday_evening = datetime(2026, 11, 28, 16, 58, tzinfo=UTC)  # 17:58 in Paris
    starts = proposed_starts(saturday_evening, timedelta(minutes=30), PARIS)
    assert next(starts).astimezone(PARIS) == datetime(2026, 11, 30, 8, 0, tzinfo=PARIS)


def test_hours_follow_the_wall_clock_over_the_change_to_winter_time() -> None:
    friday_evening = datetime(2026, 10, 24, 16, 0, tzinfo=UTC)  # 18:00 in Paris, summer
    start = next(proposed_starts(friday_evening, SLOT, PARIS))
    assert start == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)  # 8:00 in Paris, winter


def test_a_run_ends_before_the_first_held_slot() -> None:
    held = {MONDAY + 3 * SLOT}
    middle = MONDAY + timedelta(minutes=2)
    run = [MONDAY, MONDAY + SLOT, MONDAY + 2 * SLOT]
    assert free_run(middle, timedelta(hours=1), held) == run
    assert free_run(MONDAY + 3 * SLOT, timedelta(hours=1), held) == []

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk and a counter found in one statement, or nothing said."""

from datetime import timedelta

import pytest

from booking_web.domain.places.choosing import Place
from booking_web.domain.places.place_at_once import place_at_once

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def place(session, now):
    def find(starts_at, relay=1, organisation=1, preferred=()):
        return place_at_once(
            session,
            relay,
            organisation,
            starts_at,
            starts_at + HALF_AN_HOUR,
            now,
            preferred_counter_ids=preferred,
        )

    return find


def test_the_first_free_kiosk_and_counter_are_given(place, now) -> None:
    hour = now + timedelta(hours=2)
    assert place(hour) == Place(hour, kiosk_id=1, counter_id=1)
    assert place(hour, relay=2, organisation=2) == Place(hour, 2, 3)


def test_the_preferred_counter_is_given_where_it_is_one_of_the_organisation(
    place, now
) -> None:
    hour = now + timedelta(hours=2)
    assert place(hour, preferred=[2]) == Place(hour, 1, 2)
    assert place(hour, preferred=[3]) == Place(hour, 1, 1)
    assert place(hour, preferred=[3, 2]) == Place(hour, 1, 2)


@pytest.mark.parametrize("minutes", [-25, 0, 25])
def test_what_is_held_for_any_part_of_the_time_is_passed_over(
    place, booked, now, minutes
) -> None:
    hour = now + timedelta(hours=2)
    booked(starts_at=hour)
    other = hour + timedelta(minutes=minutes)
    assert place(other) is None
    assert place(other, relay=2) == Place(other, 2, 2)


def test_the_present_slot_is_left_to_those_who_know_of_calls_that_run_over(
    place, now
) -> None:
    assert place(now) is None
    assert place(now + timedelta(minutes=2)) is None
    assert place(now + timedelta(minutes=3)) is not None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Small numbers: not told, and not to be computed from what is told."""

from itertools import product

import pytest

from booking_web.domain.statistics.masking import (
    FEWEST,
    Masking,
    masked_pages,
    roughly,
)

MASKING = Masking("a secret")


def possible(told: int | None) -> range:
    """Give the numbers that may be behind what is told."""
    if told is None:
        return range(FEWEST)
    return range(max(FEWEST, told - FEWEST + 1), told + FEWEST)


@pytest.mark.parametrize("number", range(FEWEST))
def test_fewer_than_five_are_not_told_none_included(number) -> None:
    assert MASKING.count(number, "honoured") is None


def test_other_numbers_are_told_as_a_multiple_of_five_beside_them() -> None:
    for number in range(FEWEST, 200):
        told = MASKING.count(number, "honoured")
        assert told is not None and told % FEWEST == 0
        assert number in possible(told)
        assert told == number or number % FEWEST
        # The same question has the same answer.
        assert told == MASKING.count(number, "honoured")


def test_another_site_rounds_otherwise() -> None:
    other = Masking("another secret")
    numbers = range(FEWEST, 200)
    assert [other.count(each, "a") for each in numbers] != [
        MASKING.count(each, "a") for each in numbers
    ]


def test_numbers_are_right_on_the_whole() -> None:
    told = [MASKING.count(7, f"cell {each}") or 0 for each in range(2000)]
    assert 6.8 < sum(told) / len(told) < 7.2


def test_no_small_number_follows_from_the_other_line_and_the_total() -> None:
    for small, other in product(range(FEWEST), range(40)):
        told = MASKING.count(other, "other")
        total = MASKING.count(small + other, "total")
        left = {
            each
            for each in range(FEWEST)
            if any(each + beside in possible(total) for beside in possible(told))
        }
        assert len(left) > 1, (small, other)


def test_kilometres_and_pages_are_told_roughly() -> None:
    assert [roughly(each) for each in (0, 7, 46, 117, 23_456)] == [
        0,
        7,
        46,
        120,
        23_000,
    ]
    assert [masked_pages(each) for each in (9, 14, 1234)] == [None, 10, 1230]

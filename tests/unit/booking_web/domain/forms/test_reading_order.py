# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields come as a person fills them in: page by page, line by line, left to right."""

import pytest

from booking_web.domain.forms.description import Place, Rectangle
from booking_web.domain.forms.order import in_reading_order


def ordered(*places: tuple[str, int, float, float, float, float]) -> list[str]:
    return in_reading_order(
        [
            (Place(name, page, Rectangle(x, y, width, height), 0), name)
            for name, page, x, y, width, height in places
        ]
    )


@pytest.mark.parametrize(
    "places, names",
    [
        ([("b", 2, 0, 0, 9, 9), ("a", 1, 0, 500, 9, 9)], ["a", "b"]),
        ([("b", 1, 300, 100, 90, 14), ("a", 1, 50, 100, 90, 14)], ["a", "b"]),
        # Drawn by hand, no two fields of a line stand at the same height.
        ([("b", 1, 300, 98, 90, 14), ("a", 1, 50, 102, 90, 14)], ["a", "b"]),
        ([("b", 1, 50, 120, 90, 14), ("a", 1, 300, 100, 90, 14)], ["a", "b"]),
        # A small box stands on the line of the text beside it.
        ([("b", 1, 80, 100, 90, 18), ("a", 1, 50, 104, 9, 9)], ["a", "b"]),
        # A block begins where its first line is, not in its middle.
        (
            [
                ("c", 1, 300, 180, 90, 14),
                ("a", 1, 50, 100, 200, 200),
                ("b", 1, 300, 140, 90, 14),
            ],
            ["a", "b", "c"],
        ),
    ],
)
def test_places_come_in_the_order_of_reading(places, names) -> None:
    assert ordered(*places) == names

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages on the table: turned, cropped, moved, dropped; what cannot be is refused."""

import math

import pytest

from booking_web.domain.documents.laid_pages import (
    Crop,
    LaidPage,
    LastPage,
    NoRectangle,
    NoSuchPage,
    Turn,
    crop_page,
    drop_page,
    find_page,
    move_page,
    pages_of,
    put_in_place,
    turn_page,
)

SHA = "a" * 64


@pytest.fixture
def pages() -> list[LaidPage]:
    return pages_of(7, SHA, 3, 1)


def keys(pages: list[LaidPage]) -> list[int]:
    return [page.key for page in pages]


def test_four_turns_to_one_side_bring_a_page_back(pages) -> None:
    for degrees in (90, 180, 270, 0):
        pages = turn_page(pages, 2, Turn.RIGHT)
        assert find_page(pages, 2).turn == degrees
    assert find_page(turn_page(pages, 2, Turn.LEFT), 2).turn == 270
    assert find_page(turn_page(pages, 2, Turn.HALF), 2).turn == 180
    assert find_page(pages, 1).turn == 0


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        # The upper left quarter of what is seen, as it lies in the document.
        (0, (0.0, 0.0, 0.5, 0.25)),
        (90, (0.0, 0.5, 0.25, 1.0)),
        (180, (0.5, 0.75, 1.0, 1.0)),
        (270, (0.75, 0.0, 1.0, 0.5)),
    ],
)
def test_what_is_cropped_is_what_was_seen_whichever_way_it_is_turned(
    turn, expected
) -> None:
    page = LaidPage(1, 7, SHA, 1, turn=turn)
    seen = Crop(0, 0, 0.5, 0.25)
    [cropped] = crop_page([page], 1, seen)
    assert cropped.crop is not None
    assert (
        cropped.crop.left,
        cropped.crop.top,
        cropped.crop.right,
        cropped.crop.bottom,
    ) == pytest.approx(expected)
    assert cropped.seen_crop == seen


def test_a_crop_to_the_edges_is_none(pages) -> None:
    cropped = crop_page(pages, 1, Crop(0.1, 0.1, 0.9, 0.9))
    assert not find_page(cropped, 1).is_as_scanned
    assert crop_page(cropped, 1, Crop(0, 0.001, 1, 0.9995)) == pages


@pytest.mark.parametrize(
    "sides",
    [
        (-0.1, 0, 1, 1),
        (0, 0, 1.1, 1),
        (0.5, 0, 0.5, 1),
        (0.8, 0, 0.2, 1),
        (0, 0, 0.01, 1),
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
    ],
)
def test_what_is_no_rectangle_on_a_page_is_refused(sides) -> None:
    with pytest.raises(NoRectangle):
        Crop(*sides)


def test_a_page_is_moved_and_stays_at_the_ends(pages) -> None:
    assert keys(move_page(pages, 1, 1)) == [2, 1, 3]
    assert keys(move_page(pages, 3, -1)) == [1, 3, 2]
    assert keys(move_page(pages, 1, -1)) == [1, 2, 3]
    assert keys(move_page(pages, 3, 10_000)) == [1, 2, 3]
    assert keys(move_page(pages, 3, -10_000)) == [3, 1, 2]


def test_the_last_page_is_not_dropped(pages) -> None:
    left = drop_page(drop_page(pages, 1), 3)
    assert keys(left) == [2]
    with pytest.raises(LastPage):
        drop_page(left, 2)


def test_a_page_that_is_gone_is_told(pages) -> None:
    for key in (0, -1, 4, 10_000):
        with pytest.raises(NoSuchPage):
            turn_page(pages, key, Turn.LEFT)


def test_what_comes_takes_the_place_of_the_page_that_was_bad(pages) -> None:
    come = pages_of(8, SHA, 2, 4)
    assert keys(put_in_place(pages, 2, come)) == [1, 4, 5, 3]


def test_a_page_is_stored_and_read_again(pages) -> None:
    laid = crop_page(turn_page(pages, 2, Turn.LEFT), 2, Crop(0.1, 0.2, 0.3, 0.4))
    assert [LaidPage.from_json(each.to_json()) for each in laid] == laid

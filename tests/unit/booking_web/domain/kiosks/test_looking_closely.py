# SPDX-License-Identifier: AGPL-3.0-or-later
"""How closely a page is shown, step by step: within limits, and never beside the page."""

import itertools

import pytest

from booking_web.domain.kiosks.looking_closely import (
    READING,
    STEPS,
    Look,
    further,
    opened,
    regular,
    stepped,
)
from booking_web.domain.kiosks.screen_content import WHOLE, Closer


def test_one_goes_closer_from_the_top_of_the_page_and_back_to_all_of_it() -> None:
    seen, zooms = WHOLE, []
    for _ in range(7):
        seen = stepped(seen, Look.CLOSER)
        zooms.append(seen.zoom)
    assert zooms == [1.5, 2, 3, 4, 6, 6, 6]
    # What was at the top stays at the top.
    assert stepped(WHOLE, Look.CLOSER) == Closer(1.5, 0.5, 0.3333)
    for _ in range(7):
        seen = stepped(seen, Look.FARTHER)
    assert seen == WHOLE
    assert stepped(Closer(4, 0.2, 0.9), Look.WHOLE) == WHOLE


def test_a_page_is_read_to_its_end_with_no_line_left_out() -> None:
    seen = stepped(stepped(stepped(WHOLE, Look.CLOSER), Look.CLOSER), Look.CLOSER)
    end = seen.y + 0.5 / seen.zoom
    for _ in range(10):
        seen = stepped(seen, Look.DOWN)
        assert seen.y - 0.5 / seen.zoom <= end
        end = seen.y + 0.5 / seen.zoom
    assert end == pytest.approx(1, abs=0.001)
    assert stepped(seen, Look.DOWN) == seen


@pytest.mark.parametrize(
    "size, zoom",
    [
        ((595, 842), READING),
        ((842, 595), 1.514),
        # A long receipt is not made larger than a letter; a card alone fills the screen.
        ((300, 1500), READING),
        ((856, 540), 1),
    ],
)
def test_a_page_opens_at_its_top_with_its_lines_as_wide_as_the_screen(
    size, zoom
) -> None:
    seen = opened(*size)
    assert seen.zoom == zoom
    assert seen.y == pytest.approx(0.5 / zoom, abs=0.001)
    width, height = size
    in_sight = 16 / 9 * height / width / zoom
    assert in_sight >= 0.8


def test_who_reads_on_comes_to_the_end_and_then_there_is_no_more() -> None:
    seen, steps = opened(595, 842), 0
    while (on := further(seen)) is not None:
        assert seen.y < on.y <= seen.y + 1 / seen.zoom
        seen, steps = on, steps + 1
    assert steps == 4 and seen.y + 0.5 / seen.zoom == pytest.approx(1, abs=0.001)
    assert further(WHOLE) is None


def test_nothing_beside_the_page_is_ever_in_the_middle() -> None:
    for zoom, look in itertools.product(STEPS, Look):
        seen = Closer(zoom, 0.5, 0.5)
        for _ in range(20):
            seen = stepped(seen, look)
            edge = 0.5 / seen.zoom
            assert STEPS[0] <= seen.zoom <= STEPS[-1]
            assert edge - 0.001 <= seen.x <= 1 - edge + 0.001
            assert edge - 0.001 <= seen.y <= 1 - edge + 0.001


def test_a_zoom_between_the_steps_goes_on_to_the_next() -> None:
    assert stepped(Closer(2.4, 0.5, 0.5), Look.CLOSER).zoom == 3
    assert stepped(Closer(2.4, 0.5, 0.5), Look.FARTHER).zoom == 2
    assert regular(Closer(900, 7, -3)) == Closer(6, 0.9167, 0.0833)

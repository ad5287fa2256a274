# SPDX-License-Identifier: AGPL-3.0-or-later
"""White cells on a tinted picture are rows of letters, or boxes to tick."""

import random

from PIL import Image, ImageDraw

from booking_web.domain.forms.cells_seen import cells_seen, rows_and_boxes
from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.guides import Comb

TINT, WHITE = 235, 254


def page() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("L", (1190, 400), TINT)
    return picture, ImageDraw.Draw(picture)


def cell(drawing: ImageDraw.ImageDraw, x: int, y: int, width: int = 10) -> None:
    """Draw a cell, in points; two pixels are one."""
    drawing.rectangle((2 * x, 2 * y, 2 * (x + width) - 1, 2 * (y + 13) - 1), WHITE)


def test_cells_in_a_row_are_one_comb_and_one_alone_is_a_box() -> None:
    picture, drawing = page()
    for number in range(8):
        cell(drawing, 50 + 14 * number, 40)
    cell(drawing, 300, 40)
    combs, boxes = rows_and_boxes(cells_seen(picture, 2))
    assert combs == [Comb(Rectangle(48, 40, 112, 12.5), 8)]
    assert boxes == [Rectangle(300, 40, 10, 12.5)]


def test_two_words_on_one_line_are_two_combs() -> None:
    picture, drawing = page()
    for x in (50, 64, 100, 114, 128):
        cell(drawing, x, 40)
    combs, boxes = rows_and_boxes(cells_seen(picture, 2))
    assert sorted(each.cells for each in combs) == [2, 3] and boxes == []


def test_the_dust_of_a_scan_is_no_end_of_a_cell() -> None:
    picture, drawing = page()
    for number in range(8):
        cell(drawing, 50 + 14 * number, 40)
    dust = random.Random(1)
    for _ in range(300):
        picture.putpixel((dust.randrange(1190), dust.randrange(400)), 225)
    combs, _ = rows_and_boxes(cells_seen(picture, 2))
    assert [each.cells for each in combs] == [8]


def test_a_white_page_has_no_cells() -> None:
    picture = Image.new("L", (1190, 400), 255)
    ImageDraw.Draw(picture).rectangle((100, 100, 120, 124), outline=0)
    assert cells_seen(picture, 2) == []


def test_the_round_insides_of_letters_are_no_boxes_but_a_framed_box_is_one() -> None:
    picture, drawing = page()
    drawing.rectangle((0, 0, 1190, 100), WHITE)
    # A box with a thick edge, and beside it a letter with a bowl of its size.
    drawing.rectangle((200, 30, 220, 50), WHITE, outline=60, width=3)
    drawing.ellipse((228, 32, 246, 50), WHITE, outline=60, width=3)
    cell(drawing, 50, 80)
    combs, boxes = rows_and_boxes(cells_seen(picture, 2))
    assert combs == []
    assert sorted(round(each.x) for each in boxes) == [50, 102]


def test_cells_between_pale_lines_on_white_are_found_but_not_the_gaps() -> None:
    picture, drawing = page()
    drawing.rectangle((60, 100, 900, 260), WHITE)
    for x in (100, 132, 178, 210, 256, 288, 320, 352):
        drawing.rectangle((x, 150, x + 26, 174), 255, outline=240)
    drawing.rectangle((700, 150, 720, 170), 255, outline=240)
    combs, boxes = rows_and_boxes(cells_seen(picture, 2))
    found = sorted(combs, key=lambda each: each.rectangle.x)
    assert [each.cells for each in found] == [2, 2, 4]
    assert [round(each.x) for each in boxes] == [350]

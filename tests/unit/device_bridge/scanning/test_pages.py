# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages are straightened and judged by what is on them."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from device_bridge.scanning.pages import (
    find_skew,
    is_blank,
    is_blurred,
    make_small,
    save_page,
    straighten_page,
)


def text_page(width=1240, height=1754):
    """Draw lines of short strokes, as text looks from afar."""
    page = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(page)
    for top in range(150, height - 150, 36):
        for left in range(130, width - 130, 14):
            if (left * 7 + top) % 5:
                draw.line((left, top, left + 6, top + 14), fill="black", width=3)
    return page


@pytest.mark.parametrize("degrees", [-4.0, -1.5, 1.0, 3.0])
def test_a_page_laid_down_askew_is_found_to_the_quarter_degree(degrees):
    page = text_page().rotate(degrees, fillcolor="white")

    assert find_skew(make_small(page)) == pytest.approx(-degrees, abs=0.3)


def test_a_straight_page_is_not_turned():
    assert find_skew(make_small(text_page())) == 0.0


def chequers(width, height, side):
    """Draw a chessboard: its rows only show when it is turned."""
    board = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(board)
    for top in range(0, height, side):
        for left in range(top % (2 * side), width, 2 * side):
            draw.rectangle((left, top, left + side - 1, top + side - 1), fill=255)
    return board


def signature(width=1240, height=1754):
    """Draw a page with nothing but one stroke of a pen."""
    page = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(page).line((700, 1400, 950, 1360, 1000, 1420), fill="navy", width=5)
    return page


@pytest.mark.parametrize(
    "picture",
    [
        Image.effect_noise((900, 1200), 80),
        chequers(1240, 1754, 59),
        Image.radial_gradient("L").resize((1240, 1754)),
        signature(),
    ],
    ids=["noise", "chequers", "gradient", "signature"],
)
def test_a_picture_without_lines_is_not_turned(picture):
    assert find_skew(make_small(picture)) == 0.0


@pytest.mark.parametrize("paper", ["white", "#e9e4d8", "#c0c0c0"])
def test_paper_without_ink_is_blank_whatever_its_colour(paper):
    page = Image.new("RGB", (1240, 1754), paper)

    assert is_blank(make_small(page))


def test_a_signature_alone_is_not_blank():
    assert not is_blank(make_small(signature()))


def test_the_shadow_at_the_edge_is_not_ink():
    page = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 20, 1754), fill="black")

    assert is_blank(make_small(page))


def test_a_page_out_of_focus_is_told_from_a_sharp_one():
    page = text_page()

    assert not is_blurred(page)
    assert is_blurred(page.filter(ImageFilter.GaussianBlur(6)))


@pytest.mark.parametrize("width, lines", [(1240, 1), (2480, 40)])
def test_one_line_of_text_is_enough_to_tell_whether_it_is_in_focus(width, lines):
    page = Image.new("L", (width, width * 7 // 5), "white")
    draw = ImageDraw.Draw(page)
    for line in range(lines):
        draw.text((200, 200 + 40 * line), "Demande d'aide " * 4, "black", font_size=34)

    assert not is_blurred(page)
    assert is_blurred(page.filter(ImageFilter.GaussianBlur(6)))


def test_a_page_that_lies_askew_is_turned_and_keeps_its_resolution(tmp_path):
    file = tmp_path / "page.jpg"
    save_page(text_page().rotate(2.0, fillcolor="white"), file, 150)

    verdict = straighten_page(file)

    with Image.open(file) as page:
        assert (page.format, page.size) == ("JPEG", (1240, 1754))
        assert page.info["dpi"] == (150, 150)
        assert find_skew(make_small(page)) == 0.0
    assert verdict.turned_degrees == pytest.approx(-2.0, abs=0.3)
    assert not (verdict.is_blank or verdict.is_blurred)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("mode, kept_mode", [("1", "L"), ("L", "L"), ("RGB", "RGB")])
def test_a_straight_page_is_judged_and_stays_as_it_is(tmp_path, mode, kept_mode):
    file = tmp_path / "page.jpg"
    save_page(text_page().convert(mode), file, 300)
    before = file.read_bytes()

    verdict = straighten_page(file)

    with Image.open(file) as page:
        assert (page.mode, page.info["dpi"]) == (kept_mode, (300, 300))
    assert file.read_bytes() == before
    assert verdict.turned_degrees == 0.0
    assert not (verdict.is_blank or verdict.is_blurred)

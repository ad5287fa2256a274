# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages are straightened and judged by what is on them."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from device_bridge.pages import find_skew, is_blank, is_blurred, keep_page, make_small


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


def test_a_picture_without_lines_is_not_turned():
    noise = Image.effect_noise((900, 1200), 80)

    assert find_skew(make_small(noise)) == 0.0


@pytest.mark.parametrize("paper", ["white", "#e9e4d8", "#c0c0c0"])
def test_paper_without_ink_is_blank_whatever_its_colour(paper):
    page = Image.new("RGB", (1240, 1754), paper)

    assert is_blank(make_small(page))


def test_a_signature_alone_is_not_blank():
    page = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(page).line((700, 1400, 950, 1360, 1000, 1420), fill="navy", width=5)

    assert not is_blank(make_small(page))


def test_the_shadow_at_the_edge_is_not_ink():
    page = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 20, 1754), fill="black")

    assert is_blank(make_small(page))


def test_a_page_out_of_focus_is_told_from_a_sharp_one():
    page = text_page()

    assert not is_blurred(page)
    assert is_blurred(page.filter(ImageFilter.GaussianBlur(6)))


def test_a_page_is_kept_as_jpeg_with_its_resolution(tmp_path):
    raw, kept = tmp_path / "raw.ppm", tmp_path / "page.jpg"
    text_page().rotate(2.0, fillcolor="white").save(raw)

    verdict = keep_page(raw, kept, 150)

    with Image.open(kept) as page:
        assert (page.format, page.size) == ("JPEG", (1240, 1754))
        assert page.info["dpi"] == (150, 150)
    assert verdict.turned_degrees == pytest.approx(-2.0, abs=0.3)
    assert not verdict.is_blank

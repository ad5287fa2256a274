# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mark and a photo are drawn anew: small, upright, with nothing in them but what is seen."""

import io

import pytest
from PIL import Image, ImageFile

from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.small_pictures import (
    MARK_PIXELS,
    PHOTO_PIXELS,
    draw_mark,
    draw_photo,
)
from tests.factories.small_pictures import SECRET_PLACE, mark_png, photo_jpeg, saved


def drawn(draw, content: bytes) -> tuple[dict[str, object], Image.Image, bytes]:
    target = io.BytesIO()
    told = draw(io.BytesIO(content), target)
    return told, Image.open(io.BytesIO(target.getvalue())), target.getvalue()


def test_a_mark_loses_its_margin_and_keeps_what_is_seen_through() -> None:
    told, mark, _ = drawn(draw_mark, mark_png(size=(600, 200), margin=40))
    assert mark.format == "PNG" and mark.size == (600, 200) == told["size"]
    assert mark.convert("RGBA").getpixel((300, 100)) == (11, 74, 36, 255)
    ring = Image.new("RGBA", (300, 300), (200, 0, 0, 255))
    ring.paste((0, 0, 0, 0), (50, 50, 250, 250))
    _, mark, _ = drawn(draw_mark, saved(ring, "PNG"))
    assert mark.convert("RGBA").getpixel((150, 150))[3] == 0


@pytest.mark.parametrize(
    ("colour", "is_light"), [("#ffffff", True), ("#ffd27d", True), ("#0b4a24", False)]
)
def test_a_mark_that_white_paper_would_hide_is_known(colour, is_light) -> None:
    told, _, _ = drawn(draw_mark, mark_png(colour))
    assert told["is_light"] is is_light


def test_a_large_mark_becomes_as_large_as_the_screen_draws_it() -> None:
    told, mark, content = drawn(draw_mark, mark_png(size=(4000, 1000), margin=0))
    assert told["size"] == (4000, 1000)
    assert mark.width == MARK_PIXELS[0] and mark.height <= MARK_PIXELS[1]
    assert len(content) < 100_000


def test_a_photo_is_square_upright_and_tells_nothing_else() -> None:
    # The camera was held on its side: what is above lies at the left of the file.
    content = photo_jpeg((1200, 900), orientation=6)
    assert SECRET_PLACE.encode() in content
    told, photo, kept = drawn(draw_photo, content)
    assert photo.format == "JPEG" and photo.size == (PHOTO_PIXELS, PHOTO_PIXELS)
    assert told["size"] == (900, 1200)
    assert SECRET_PLACE.encode() not in kept and not photo.getexif()
    # Turned by a quarter, what was the upper half is at the right.
    left, right = photo.getpixel((60, 360)), photo.getpixel((660, 360))
    assert left[2] > 200 > left[0] and right[0] > 200 > right[2]


def test_a_small_photo_is_not_blown_up() -> None:
    _, photo, _ = drawn(draw_photo, photo_jpeg((300, 260)))
    assert photo.size == (260, 260)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Refusal.NOT_A_DOCUMENT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.NOT_A_DOCUMENT),
        (b"%PDF-1.7\n", Refusal.NOT_A_DOCUMENT),
        (saved(Image.new("RGB", (90, 90)), "GIF"), Refusal.NOT_A_DOCUMENT),
        (saved(Image.new("RGB", (90, 90)), "WEBP"), Refusal.NOT_A_DOCUMENT),
        (mark_png()[:400], Refusal.DAMAGED),
        (photo_jpeg()[:3000], Refusal.DAMAGED),
        (saved(Image.new("1", (8000, 6000)), "PNG"), Refusal.BOMB),
    ],
)
@pytest.mark.parametrize("draw", [draw_mark, draw_photo])
def test_what_is_no_picture_is_refused(draw, content, reason, monkeypatch) -> None:
    # As WeasyPrint leaves it.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(DocumentRefused) as refused:
        draw(io.BytesIO(content), io.BytesIO())
    assert refused.value.reason is reason


def test_a_mark_with_nothing_drawn_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        draw_mark(io.BytesIO(saved(Image.new("RGBA", (90, 90)), "PNG")), io.BytesIO())
    assert refused.value.reason is Refusal.EMPTY


def test_a_moving_picture_is_refused() -> None:
    frames = [Image.new("RGB", (90, 90), each) for each in ("red", "blue")]
    moving = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(DocumentRefused) as refused:
        draw_mark(io.BytesIO(moving), io.BytesIO())
    assert refused.value.reason is Refusal.NOT_A_DOCUMENT

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is seen on scanned pages before anybody says whose they are: codes, and ink.

The importer of zxing-cpp; run it in a process of its own: the scan is a stranger's.
"""

import io
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter, ImageOps, ImageSequence, UnidentifiedImageError

from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.mark import looks_like_a_mark

Point = tuple[float, float]

# An A4 page at 200 dots per inch: fine enough for the mark, and quick.
LONGER_SIDE_PIXELS = 2340
# 100 megapixels: an A3 page at 600 dots per inch.
MAX_PIXELS = 100_000_000
MAX_PAGES = 60
_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
# A page is looked at that small to tell whether it is blank: single specks are gone.
_BLANK_SIDE_PIXELS = 800
# The edges of the glass, and the shadow of the lid.
_EDGE = 0.05
_FAINTER_THAN_INK = 55
_BLANK_SHARE = 0.0006


@dataclass(frozen=True)
class CodeSeen:
    """A code that may be a mark.

    `corners` are in pixels of the page's picture, y down: the code's own upper left, upper
    right, lower right and lower left.
    """

    content: bytes
    corners: tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class PageSeen:
    """One scanned page, counted from 1, as a picture of that many pixels."""

    number: int
    width: int
    height: int
    codes: tuple[CodeSeen, ...]
    is_blank: bool

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        told = asdict(self)
        for each in told["codes"]:
            each["content"] = each["content"].hex()
        return told

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "PageSeen":
        """Give back what `to_json` gave."""
        codes = tuple(
            CodeSeen(
                bytes.fromhex(each["content"]),
                tuple((x, y) for x, y in each["corners"]),  # type: ignore[arg-type]
            )
            for each in told["codes"]
        )
        return cls(**{**told, "codes": codes})


def look_at(content: bytes, wanted: Collection[int]) -> list[PageSeen]:
    """Tell what is seen on pages of a PDF, or of a JPEG, PNG or TIFF picture.

    `wanted` are their numbers; those beyond the last page are left out. Raises FormRefused.
    """
    return [
        _page_seen(number, picture)
        for number, picture in scanned_pages(content, wanted)
    ]


def scanned_pages(
    content: bytes, wanted: Collection[int]
) -> Iterator[tuple[int, Image.Image]]:
    """Give some pages of a scan with their numbers, in grey; raises FormRefused."""
    if content[:1024].lstrip().startswith(b"%PDF"):
        return _pages_of_pdf(content, wanted)
    return _pages_of_picture(content, wanted)


def _pages_of_pdf(
    content: bytes, wanted: Collection[int]
) -> Iterator[tuple[int, Image.Image]]:
    try:
        with pypdfium2.PdfDocument(content) as pdf:
            if len(pdf) > MAX_PAGES:
                raise FormRefused(FormRefusal.TOO_MANY_PAGES)
            for number in sorted(set(wanted) & set(range(1, len(pdf) + 1))):
                page = pdf[number - 1]
                scale = LONGER_SIDE_PIXELS / max(*page.get_size(), 1.0)
                drawn = page.render(scale=scale, grayscale=True).to_pil()
                yield number, drawn.convert("L")
    except pypdfium2.PdfiumError as error:
        raise FormRefused(FormRefusal.DAMAGED) from error


def _pages_of_picture(
    content: bytes, wanted: Collection[int]
) -> Iterator[tuple[int, Image.Image]]:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF")) as whole:
            if getattr(whole, "n_frames", 1) > MAX_PAGES:
                raise FormRefused(FormRefusal.TOO_MANY_PAGES)
            for number, frame in enumerate(ImageSequence.Iterator(whole), start=1):
                if number in wanted:
                    grey = ImageOps.exif_transpose(frame).convert("L")
                    grey.thumbnail((LONGER_SIDE_PIXELS, LONGER_SIDE_PIXELS))
                    yield number, grey
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
    ) as error:
        raise FormRefused(FormRefusal.DAMAGED) from error


def _page_seen(number: int, picture: Image.Image) -> PageSeen:
    codes = _codes(picture)
    # A page may bear hardly more than its mark.
    is_blank = not codes and _is_blank(picture)
    return PageSeen(number, *picture.size, codes, is_blank)


def _codes(picture: Image.Image) -> tuple[CodeSeen, ...]:
    """Give the codes that have the form of a mark; a bad scan is tried in other lights."""
    for light in (_as_it_is, _softened, _enlarged):
        tried = light(picture)
        scale = picture.width / tried.width
        found = zxingcpp.read_barcodes(tried, formats=_CODES, try_invert=False)
        codes = tuple(
            CodeSeen(each.bytes, _corners(each.position, scale))
            for each in found
            if looks_like_a_mark(each.bytes)
        )
        if codes:
            return codes
    return ()


def _as_it_is(picture: Image.Image) -> Image.Image:
    return picture


def _softened(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def _enlarged(picture: Image.Image) -> Image.Image:
    size = (round(picture.width * 1.6), round(picture.height * 1.6))
    return picture.resize(size, Image.Resampling.BICUBIC).filter(
        ImageFilter.GaussianBlur(1.2)
    )


def _corners(
    position: zxingcpp.Position, scale: float
) -> tuple[Point, Point, Point, Point]:
    first, second, third, fourth = (
        (each.x * scale, each.y * scale)
        for each in (
            position.top_left,
            position.top_right,
            position.bottom_right,
            position.bottom_left,
        )
    )
    return first, second, third, fourth


def _is_blank(picture: Image.Image) -> bool:
    small = picture.copy()
    small.thumbnail((_BLANK_SIDE_PIXELS, _BLANK_SIDE_PIXELS), Image.Resampling.BOX)
    small = small.filter(ImageFilter.MedianFilter(3))
    across, down = round(small.width * _EDGE), round(small.height * _EDGE)
    inner = small.crop((across, down, small.width - across, small.height - down))
    shades = inner.histogram()
    paper = max(range(256), key=shades.__getitem__)
    ink = sum(shades[: max(paper - _FAINTER_THAN_INK, 0)])
    return ink < _BLANK_SHARE * inner.width * inner.height

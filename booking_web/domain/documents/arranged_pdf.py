# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes a document of pages that were laid: what was cropped away or dropped is not in it.

Run it in the examination's own process. A page that is cropped or marked is drawn anew as
a picture; the others keep every pixel, and lose what a camera or a program wrote of itself.
"""

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf

from booking_web.domain.documents.drawn_page import DrawnPage, draw_part
from booking_web.domain.documents.errors import DocumentRefused, Refusal

# What of a page is taken over: no notes of other programs, no threads to other pages.
_KEPT_KEYS = frozenset(
    {
        *("/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit"),
        *("/Resources", "/Contents"),
    }
)
_TELLING_KEYS = ("/Metadata", "/PieceInfo", "/Thumb", "/LastModified")
# JPEG (ITU T.81): the markers of a program's own notes, but for JFIF's, colour profiles
# and Adobe's, by which the colours are read.
_NOTES = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xE2, 0xEE}
_START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class OrderedPage:
    """A page to be put into the document: of which source, turned, cropped."""

    source: int
    page: int
    turn: int
    # Left, top, right, bottom in fractions of the page, before it is turned.
    crop: tuple[float, float, float, float] | None = None

    @classmethod
    def of_order(cls, told: dict[str, Any]) -> "OrderedPage":
        """Give the page of an order's part."""
        crop = told.get("crop")
        return cls(
            told["source"], told["page"], told["turn"], tuple(crop) if crop else None
        )


def arrange(
    source: BinaryIO,
    lengths: Sequence[int],
    target: BinaryIO,
    pages: Sequence[OrderedPage],
    mark: str,
) -> int:
    """Write a PDF of these pages; give how many.

    `source` has the PDFs one after the other, of these lengths. Each page says `mark`
    across it, where there is one. Raises DocumentRefused.
    """
    contents = [source.read(length) for length in lengths]
    try:
        with ExitStack() as open_pdfs, pikepdf.new() as made:
            pdfs = [
                open_pdfs.enter_context(pikepdf.open(io.BytesIO(content)))
                for content in contents
            ]
            for pdf in pdfs:
                # A form's fields and notes are drawn above the page: they become its own.
                pdf.flatten_annotations()
            for page in pages:
                taken = pdfs[page.source].pages[page.page - 1]
                if page.crop is None and not mark:
                    _take_over(made, taken, page.turn)
                else:
                    drawn = draw_part(
                        contents[page.source], page.page, page.turn, page.crop, mark
                    )
                    _put_picture(made, drawn)
            made.remove_unreferenced_resources()
            _forget_notes(made)
            made.save(target, deterministic_id=True)
            return len(made.pages)
    except MemoryError as error:
        raise DocumentRefused(Refusal.BOMB) from error
    except (pikepdf.PdfError, ValueError, RuntimeError, IndexError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error


def _take_over(made: pikepdf.Pdf, taken: pikepdf.Page, turn: int) -> None:
    made.pages.append(taken)
    page = made.pages[-1]
    for key in set(page.obj.keys()) - _KEPT_KEYS - {"/Parent"}:
        del page.obj[key]
    if turn:
        page.rotate(turn, relative=True)


def _put_picture(made: pikepdf.Pdf, drawn: DrawnPage) -> None:
    image = made.make_stream(drawn.jpeg)
    image.Type = pikepdf.Name.XObject
    image.Subtype = pikepdf.Name.Image
    image.Width, image.Height = drawn.width_pixels, drawn.height_pixels
    image.BitsPerComponent = 8
    image.ColorSpace = (
        pikepdf.Name.DeviceGray if drawn.is_grey else pikepdf.Name.DeviceRGB
    )
    image.Filter = pikepdf.Name.DCTDecode
    made.add_blank_page(page_size=(drawn.width_points, drawn.height_points))
    page = made.pages[-1]
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
    placed = f"q {drawn.width_points:.3f} 0 0 {drawn.height_points:.3f} 0 0 cm"
    page.obj.Contents = made.make_stream(f"{placed} /Scan Do Q".encode())


def _forget_notes(made: pikepdf.Pdf) -> None:
    for item in made.objects:
        if not isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            continue
        for key in _TELLING_KEYS:
            if key in item:
                del item[key]
        is_picture = (
            isinstance(item, pikepdf.Stream)
            and item.get("/Subtype") == "/Image"
            and item.get("/Filter") in ("/DCTDecode", ["/DCTDecode"])
        )
        if is_picture:
            packed = bytes(item.read_raw_bytes())
            plain = without_notes(packed)
            if plain != packed:
                item.write(plain, filter=pikepdf.Name.DCTDecode)


def without_notes(jpeg: bytes) -> bytes:
    """Give a JPEG without what its camera wrote into it; each pixel stays."""
    kept = [jpeg[:2]]
    at = 2
    # Segments: a marker (0xFF and its kind), and a length that counts itself.
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _START_OF_SCAN:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] not in _NOTES:
            kept.append(jpeg[at:end])
        at = end
    kept.append(jpeg[at:])
    return b"".join(kept)

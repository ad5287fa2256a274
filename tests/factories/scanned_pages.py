# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans as a kiosk makes them: a picture on each page, with words that are drawn on it."""

import io

import img2pdf
import pikepdf
from PIL import Image, ImageDraw, ImageFont

# A4 at 100 dpi.
SIZE = (827, 1169)
CAMERA_NOTE = "written by a camera"


def scanned_page(
    words: str, colour: str = "red", size: tuple[int, int] = SIZE
) -> bytes:
    """Give a JPEG: its upper half has this colour, its lower half is white with the words."""
    picture = Image.new("RGB", size, "white")
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, 0, size[0], size[1] // 2 - 1), fill=colour)
    font = ImageFont.load_default(60)
    drawing.text((60, size[1] * 3 // 4), words, fill="black", font=font)
    kept = io.BytesIO()
    notes = Image.Exif()
    notes[0x010E] = CAMERA_NOTE
    picture.save(kept, "JPEG", quality=90, exif=notes)
    return kept.getvalue()


def scan_of(*pages: bytes) -> bytes:
    """Give the PDF of these pages, each an A4 sheet."""
    sheet = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
    made = img2pdf.convert(list(pages), layout_fun=img2pdf.get_layout_fun(sheet))
    return bytes(made)


def scan_of_colours(*colours: str) -> bytes:
    """Give a scan whose pages are told apart by the colour of their upper half."""
    return scan_of(
        *(scanned_page(f"page {n}", each) for n, each in enumerate(colours, start=1))
    )


def hidden_in(pdf: bytes) -> bytes:
    """Give all that a PDF holds, each stream unpacked, for those who look for something."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        parts = [pdf]
        for item in opened.objects:
            if isinstance(item, pikepdf.Stream):
                raw = bytes(item.read_raw_bytes())
                parts.append(raw)
                try:
                    parts.append(bytes(item.read_bytes()))
                except pikepdf.PdfError:
                    continue
    return b"\n".join(parts)

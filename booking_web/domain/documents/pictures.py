# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a photograph to a PDF page, and from a PDF's first page to a small picture.

Run it in the examination's own process. The only importer of img2pdf and pypdfium2.
"""

import io
from collections.abc import Sequence
from typing import BinaryIO

import img2pdf
import pypdfium2
from PIL import Image, ImageOps

from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.strangers_picture import open_strangers_picture

# 100 megapixels: what the largest telephones take, and an A3 page at 600 dpi.
MAX_PIXELS = 100_000_000
PREVIEW_PIXELS = 320
# Enough for a card that was cropped out of its page to be known on the table.
PAGE_PIXELS = 560
# Enough for a page as high as a large screen; more would only take longer.
SCREEN_PIXELS = 1800
# As a scan of 300 dpi, or nearly: what a part of the page shows on a whole screen.
LARGE_PIXELS = 3300
LARGE_QUALITY = 80
A4_MM = (210.0, 297.0)
MARGIN_MM = 10.0


def picture_to_pdf(source: BinaryIO, target: BinaryIO) -> None:
    """Put a JPEG or PNG on an A4 page, upright as the camera held it.

    Raises DocumentRefused.
    """
    picture = open_strangers_picture(source, MAX_PIXELS)
    width, height = picture.size
    try:
        data = _plain(picture, source)
    except (OSError, ValueError, SyntaxError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error
    except MemoryError as error:
        raise DocumentRefused(Refusal.BOMB) from error
    page = A4_MM if height >= width else A4_MM[::-1]
    layout = img2pdf.get_layout_fun(
        pagesize=tuple(img2pdf.mm_to_pt(each) for each in page),
        border=(img2pdf.mm_to_pt(MARGIN_MM),) * 2,
        fit=img2pdf.FitMode.into,
    )
    try:
        target.write(img2pdf.convert(data, layout_fun=layout))
    except (img2pdf.ImageOpenError, ValueError, OSError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error


def check_that_it_can_be_drawn(pdf: BinaryIO) -> None:
    """Raise DocumentRefused where no page would come out of a printer or on a screen.

    It is really drawn: a page that is endless work shows here, within our limits, and not
    each time that somebody looks at it.
    """
    pdf.seek(0)
    try:
        _draw(pdf, 1, PREVIEW_PIXELS)
    except pypdfium2.PdfiumError as error:
        raise DocumentRefused(Refusal.DAMAGED) from error


def preview(source: BinaryIO, target: BinaryIO) -> None:
    """Draw the first page as a PNG whose longer side has PREVIEW_PIXELS."""
    _draw(source, 1, PREVIEW_PIXELS).save(target, "PNG", optimize=True)


def draw_page(source: BinaryIO, number: int, target: BinaryIO) -> None:
    """Draw a page as a PNG for a screen, its longer side SCREEN_PIXELS.

    Raises DocumentRefused.
    """
    try:
        picture = _draw(source, number, SCREEN_PIXELS)
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error
    picture.save(target, "PNG", compress_level=3)


def draw_large(source: BinaryIO, number: int, target: BinaryIO) -> None:
    """Draw a page as a JPEG to be looked at closely, its longer side LARGE_PIXELS.

    Raises DocumentRefused.
    """
    try:
        picture = _draw(source, number, LARGE_PIXELS)
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error
    picture.save(target, "JPEG", quality=LARGE_QUALITY)


def draw_thumbnails(
    source: BinaryIO, numbers: Sequence[int], target: BinaryIO
) -> list[int]:
    """Draw pages as small JPEGs, one after the other; give how long each is.

    Raises DocumentRefused.
    """
    lengths = []
    data = source.read()
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            for number in numbers:
                kept = io.BytesIO()
                _draw_page(pdf, number, PAGE_PIXELS).save(kept, "JPEG", quality=75)
                lengths.append(target.write(kept.getvalue()))
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error
    return lengths


def _draw(source: BinaryIO, number: int, pixels: int) -> Image.Image:
    with pypdfium2.PdfDocument(source.read()) as pdf:
        return _draw_page(pdf, number, pixels)


def _draw_page(pdf: pypdfium2.PdfDocument, number: int, pixels: int) -> Image.Image:
    page = pdf[number - 1]
    scale = pixels / max(*page.get_size(), 1.0)
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    return drawn.convert("RGB")


def _plain(picture: Image.Image, source: BinaryIO) -> bytes:
    """Give the picture without transparency and without what the camera wrote into it.

    A JPEG that needs no turn stays as it is: not a single pixel is lost.
    """
    is_jpeg = picture.format == "JPEG"
    is_upright = picture.getexif().get(0x0112, 1) == 1
    if is_jpeg and is_upright and picture.mode in ("L", "RGB"):
        source.seek(0)
        return source.read()
    turned = ImageOps.exif_transpose(picture)
    if "A" in turned.getbands() or "transparency" in turned.info:
        on_paper = Image.new("RGB", turned.size, "white")
        layer = turned.convert("RGBA")
        on_paper.paste(layer, mask=layer.getchannel("A"))
        turned = on_paper
    elif turned.mode not in ("L", "RGB", "1"):
        turned = turned.convert("RGB")
    kept = io.BytesIO()
    if is_jpeg:
        turned.save(kept, "JPEG", quality=95, subsampling=0)
    else:
        # It is unpacked again at once: to pack it well would only take seconds.
        turned.save(kept, "PNG", compress_level=1)
    return kept.getvalue()

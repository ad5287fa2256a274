# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms as a library keeps them, drafts of them, and pictures to compare."""

import io
from collections.abc import Mapping
from functools import cache
from hashlib import sha256

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageStat

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import FieldKind, FormDescription, Rectangle
from booking_web.domain.forms.engine import Draft
from booking_web.domain.forms.reader import FormRead, FormReader


@cache
def read_form(content: bytes) -> FormRead:
    """Have a form read as that of a stranger: once, since each time costs a process."""
    with memory_file("form", content) as file:
        return FormReader().read(file)


def draft_of(form: FormRead, values: Mapping[str, str], key: str = "") -> Draft:
    """Give a draft of a form with some values."""
    key = f"{sha256(form.pdf).hexdigest()} {key}"
    return Draft(key, form.description, lambda: form.pdf, dict(values))


def some_values(description: FormDescription, text: str) -> dict[str, str]:
    """Give a value for each field: `text`, or the last of its choices."""
    return {
        each.key: each.options[-1].value if each.options else text
        for each in description.fields
        if each.kind is not FieldKind.SIGNATURE
    }


def picture(content: bytes) -> Image.Image:
    """Open a PNG or JPEG."""
    return Image.open(io.BytesIO(content)).convert("RGB")


def page_drawn(pdf: bytes, number: int, width_pixels: int) -> Image.Image:
    """Draw a page of a PDF as any reader does, its fields not being looked at."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[number - 1]
        across, down = page.get_size()
        size = (width_pixels, round(down * width_pixels / across))
        bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGR)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        pdfium.FPDF_RenderPageBitmap(bitmap.raw, page.raw, 0, 0, *size, 0, 0)
        drawn: Image.Image = bitmap.to_pil()
        return drawn.convert("RGB")


def part(page: Image.Image, drawn: Rectangle, page_width: float) -> Image.Image:
    """Cut out of a page the part that was drawn alone."""
    scale = page.width / page_width
    left, top = round(drawn.x * scale), round(drawn.y * scale)
    width, height = round(drawn.width * scale), round(drawn.height * scale)
    return page.crop((left, top, left + width, top + height))


def ink(image: Image.Image) -> float:
    """Tell how much of a picture is written upon, 0 to 1."""
    return 1 - ImageStat.Stat(image.convert("L")).mean[0] / 255


def difference(one: Image.Image, other: Image.Image) -> float:
    """Tell how much two pictures differ, 0 to 1."""
    apart = ImageChops.difference(one.convert("L"), other.convert("L"))
    return ImageStat.Stat(apart).mean[0] / 255

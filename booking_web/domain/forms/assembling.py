# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes one PDF of pages of several, turned upright; what is on them stays as it was.

An importer of pikepdf; run it in a process of its own: the PDFs are strangers'.
"""

import io
import math
from collections.abc import Sequence
from contextlib import ExitStack
from typing import BinaryIO

import pikepdf

from booking_web.domain.forms.fields_found import find_sheets
from booking_web.domain.forms.page_taken import PageTaken

# In degrees: less is not seen, and the page stays untouched.
_ASKEW_ENOUGH = 0.3


def assemble(
    sources: Sequence[bytes], pages: Sequence[PageTaken], target: BinaryIO
) -> None:
    """Write the pages in this order to `target`; the same ones give the same bytes."""
    with ExitStack() as opened, pikepdf.new() as made:
        pdfs = [opened.enter_context(pikepdf.open(io.BytesIO(s))) for s in sources]
        for taken in pages:
            made.pages.append(pdfs[taken.source].pages[taken.page - 1])
        sheets = find_sheets(made)
        for page, sheet, taken in zip(made.pages, sheets, pages, strict=True):
            if abs(taken.askew) >= _ASKEW_ENOUGH:
                left, bottom, right, top = sheet.corners
                _straighten(
                    made, page, taken.askew, (left + right) / 2, (bottom + top) / 2
                )
            page.rotate((sheet.turned + taken.turn) % 360, relative=False)
        made.remove_unreferenced_resources()
        made.save(target, linearize=False, deterministic_id=True)


def _straighten(
    pdf: pikepdf.Pdf, page: pikepdf.Page, askew: float, across: float, up: float
) -> None:
    """Turn what is drawn around the middle of the page, clockwise as it is seen."""
    angle = -math.radians(askew)
    cosine, sine = math.cos(angle), math.sin(angle)
    numbers = (
        *(cosine, sine, -sine, cosine),
        across - cosine * across + sine * up,
        up - sine * across - cosine * up,
    )
    matrix = " ".join(f"{each:.6f}" for each in numbers)
    page.contents_add(pdf.make_stream(f"q {matrix} cm\n".encode()), prepend=True)
    page.contents_add(pdf.make_stream(b"\nQ\n"))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts marks on the pages of a final PDF.

An importer of pikepdf, pypdfium2 and segno; run it in a process of its own.
"""

import io
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import pikepdf
import pypdfium2
import segno

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.fields_found import find_sheets
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.white_margin import (
    LETTERS,
    MODULES,
    MarkPlace,
    mark_place,
)


def print_marks(
    content: bytes,
    marks: Sequence[tuple[bytes, tuple[str, str]]],
    kept_free: Mapping[int, Sequence[Rectangle]],
    target: BinaryIO,
) -> list[Rectangle | None]:
    """Write the PDF with a mark on each page: its bytes and its readable lines.

    `kept_free` are the parts of each page, counted from 1, that stay as they are. Gives
    where each code stands, None for a page that has no white room and stays without.
    """
    with pypdfium2.PdfDocument(content) as drawn:
        places = [
            mark_place(drawn[index], kept_free.get(index + 1, ()))
            for index in range(len(drawn))
        ]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        letters = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
            )
        )
        sheets = find_sheets(pdf)
        for page, place, sheet, (code, lines) in zip(
            pdf.pages, places, sheets, marks, strict=True
        ):
            if place is not None:
                drawing = _drawing(place, code, lines, sheet.height)
                _put(pdf, page, sheet, letters, drawing)
        pdf.save(target)
    return [place.code if place else None for place in places]


def _drawing(
    place: MarkPlace, code: bytes, lines: tuple[str, str], height: float
) -> bytes:
    """Give a mark as what draws it, y up from the lower edge of the page as it is seen."""
    version = (MODULES - 17) // 4
    symbol = segno.make_qr(
        code, version=version, error="m", mode="byte", boost_error=False
    )
    module = place.code.width / MODULES
    drawn = ["0 g"]
    for row, cells in enumerate(symbol.matrix):
        bottom = height - place.code.y - (row + 1) * module
        for start, end in _runs(cells):
            left = place.code.x + start * module
            drawn.append(
                f"{left:.3f} {bottom:.3f} {(end - start) * module:.3f} {module:.3f} re"
            )
    drawn.append("f")
    for text, (x, y) in zip(lines, place.lines):
        drawn.append(f"BT /L {LETTERS:g} Tf {x:.2f} {height - y:.2f} Td ({text}) Tj ET")
    return "\n".join(drawn).encode("ascii")


def _runs(cells: Sequence[int]) -> list[tuple[int, int]]:
    """Give beginning and end of each dark run of a row."""
    edges = [0, *(1 if each else 0 for each in cells), 0]
    turns = [at for at in range(len(cells) + 1) if edges[at] != edges[at + 1]]
    return list(zip(turns[::2], turns[1::2]))


def _put(
    pdf: pikepdf.Pdf,
    page: pikepdf.Page,
    sheet: Sheet,
    letters: pikepdf.Object,
    drawing: bytes,
) -> None:
    look = pdf.make_stream(
        drawing,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=pikepdf.Array([0, 0, sheet.width, sheet.height]),
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(L=letters)),
    )
    name = page.add_resource(look, pikepdf.Name.XObject, prefix="Mark")
    foot, right, up = (
        sheet.in_pdf(Rectangle(x, sheet.height - y, 0, 0))[:2]
        for x, y in ((0, 0), (1, 0), (0, 1))
    )
    numbers = (
        *(right[0] - foot[0], right[1] - foot[1]),
        *(up[0] - foot[0], up[1] - foot[1]),
        *foot,
    )
    matrix = " ".join(f"{each:.4f}" for each in numbers)
    # What the page's own drawing leaves behind must not turn or colour the mark.
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(pdf.make_stream(f"\nQ q {matrix} cm {name} Do Q\n".encode()))

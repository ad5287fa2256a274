# SPDX-License-Identifier: AGPL-3.0-or-later
"""The process that lays papers out: `python -m booking_web.telling.papers.paper_work`.

What people typed may make a layout endless: it is one here, within limits, and not in a
process that answers others. It keeps nothing of a paper.
"""

import io
from contextlib import ExitStack
from importlib import import_module
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image

from booking_web.base.limited_work import Orders, allow, limit_each_order
from booking_web.telling.papers.letters import drawable
from booking_web.telling.slips.paper import (
    ARABIC_FONTS,
    FONTS,
    pages_in_our_letters,
    pdf_of,
)

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 8
IDLE_SECONDS = 900.0
# Stands in a paper where its size in points belongs.
SIZE = "@size@"
MOST_ANCHORS = 150
# WeasyPrint counts in CSS's pixels.
POINTS_A_PIXEL = 0.75
_TRIAL = "<html lang=fr><title>x</title><p>é</p>"


def main() -> None:
    """Carry out orders until none comes any more."""
    # It reads what it finds of the machine's, such as types of files, and is kept in then.
    import_module("weasyprint")
    limit_each_order(MEMORY_BYTES)
    # The library and the machine's fonts are read now, not while somebody waits.
    pdf_of(pages_in_our_letters(_TRIAL))
    orders = Orders()
    while True:
        with ExitStack() as files:
            came = orders.wait(IDLE_SECONDS, files)
            if came is None:
                return
            allow(CPU_SECONDS)
            orders.answer(_answer(*came))


def _answer(order: dict[str, Any], files: list[BinaryIO]) -> dict[str, Any]:
    try:
        written, pdf_file, picture_file = files
        page, strangers = drawable(written.read().decode(), FONTS, ARABIC_FONTS)
        size, document, pdf = _laid_out(page, order["sizes"], order["sheets"])
        pdf_file.write(pdf)
        with pypdfium2.PdfDocument(pdf) as drawn:
            beyond = _letters_beyond(drawn, order["sheets"])
            wanted = min(len(drawn), order["sheets"]) if order["width"] else 0
            pictures = [_picture(drawn[at], order["width"]) for at in range(wanted)]
            picture_file.writelines(pictures)
        for each in (pdf_file, picture_file):
            each.flush()
    except (MemoryError, Exception) as error:
        # Its name alone: its text may quote the paper.
        return {"failed": type(error).__name__}
    return {
        "size": size,
        "pages": len(document.pages),
        "beyond": beyond,
        "strangers": strangers,
        "anchors": _anchors(document.pages),
        "pictures": [len(each) for each in pictures],
    }


def _laid_out(page: str, sizes: list[float], sheets: int) -> tuple[float, Any, bytes]:
    """Lay it out at the largest of the sizes that needs no more sheets than these.

    Where none does, at the smallest, on as many as it needs.
    """
    # The sizes go down. Most papers are short, and some far too long: both are known at once.
    for size in (sizes[0], sizes[-1]):
        document = _at(page, size)
        if _fits(document, sheets):
            break
    best = size, document
    # The others are looked for by halves.
    low, high = 1, len(sizes) - 2
    if size == sizes[0] or not _fits(document, sheets):
        high = 0
    while low <= high:
        middle = (low + high) // 2
        document = _at(page, sizes[middle])
        if _fits(document, sheets):
            best, high = (sizes[middle], document), middle - 1
        else:
            low = middle + 1
    size, document = best
    return size, document, pdf_of(document)


def _at(page: str, size: float) -> Any:
    return pages_in_our_letters(page.replace(SIZE, f"{size:.2f}"))


def _fits(document: Any, sheets: int) -> bool:
    return len(document.pages) <= sheets


def _anchors(pages: list[Any]) -> dict[str, tuple[int, float]]:
    """Give the page of each named place, and how far below its edge it is, in points."""
    places = [
        (name, (number, round(POINTS_A_PIXEL * place[1], 1)))
        for number, page in enumerate(pages, start=1)
        for name, place in page.anchors.items()
    ]
    # What goes on on the next page begins on the first.
    return dict(reversed(places[:MOST_ANCHORS]))


def _letters_beyond(document: pypdfium2.PdfDocument, sheets: int) -> int:
    """Count what stands on more sheets than there should be."""
    numbers = range(sheets, len(document))
    return sum(document[each].get_textpage().count_chars() for each in numbers)


def _picture(page: pypdfium2.PdfPage, width: int) -> bytes:
    drawn: Image.Image = page.render(scale=width / page.get_width()).to_pil()
    png = io.BytesIO()
    drawn.save(png, "PNG", compress_level=3)
    return png.getvalue()


if __name__ == "__main__":
    main()

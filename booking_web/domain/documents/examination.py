# SPDX-License-Identifier: AGPL-3.0-or-later
"""The examination's own process: `python -m booking_web.domain.documents.examination`.

Whatever a file makes a library do, it does here. One order comes, with the stranger's
file and the one that is to take the result. Then the process ends: none sees two files.
"""

from typing import Any, BinaryIO

from booking_web.base.limited_work import answer_one, limit
from booking_web.base.own_process import memory_file
from booking_web.domain.documents.arranged_pdf import OrderedPage, arrange
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.pictures import (
    check_that_it_can_be_drawn,
    draw_large,
    draw_page,
    draw_thumbnails,
    picture_to_pdf,
    preview,
)
from booking_web.domain.documents.sanitising import sanitise
from booking_web.domain.documents.small_pictures import draw_mark, draw_photo

MEMORY_BYTES = 1536 * 1024 * 1024
# Ten times what the largest scan of a kiosk takes; whoever waits is told within seconds.
CPU_SECONDS = 6
SNIFFED_BYTES = 1024
# One that waits that long for a file ends: a quiet evening needs no memory.
IDLE_SECONDS = 600.0


def main() -> None:
    """Wait for a file and examine it, or draw a page of it."""
    limit(MEMORY_BYTES, CPU_SECONDS)
    answer_one(_answer, IDLE_SECONDS)


def _answer(order: dict[str, Any], files: list[BinaryIO]) -> dict[str, Any]:
    source, target = files
    try:
        answer = _work(order, source, target)
        target.flush()
        if order["work"] in ("examine", "arrange"):
            check_that_it_can_be_drawn(target)
    except DocumentRefused as refused:
        return {"refused": refused.reason.value}
    except MemoryError:
        return {"refused": Refusal.BOMB.value}
    except Exception as error:
        # Its name alone: its text may quote the file.
        return {"failed": type(error).__name__}
    return answer


def _work(
    order: dict[str, Any], source: BinaryIO, target: BinaryIO
) -> dict[str, object]:
    if order["work"] == "examine":
        return _examine(source, target, order["max_pages"])
    if order["work"] == "arrange":
        pages = [OrderedPage.of_order(each) for each in order["pages"]]
        return {
            "pages": arrange(source, order["lengths"], target, pages, order["mark"])
        }
    if order["work"] == "thumbnails":
        return {"lengths": draw_thumbnails(source, order["pages"], target)}
    if order["work"] == "mark":
        return draw_mark(source, target)
    if order["work"] == "photo":
        return draw_photo(source, target)
    if order["work"] == "page":
        draw_page(source, order["page"], target)
    elif order["work"] == "large":
        draw_large(source, order["page"], target)
    else:
        preview(source, target)
    return {}


def _examine(source: BinaryIO, target: BinaryIO, max_pages: int) -> dict[str, object]:
    source.seek(0)
    start = source.read(SNIFFED_BYTES)
    source.seek(0)
    if not start:
        raise DocumentRefused(Refusal.EMPTY)
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        with memory_file("page") as page:
            picture_to_pdf(source, page)
            page.seek(0)
            return {"pages": sanitise(page, target, max_pages)}
    # ISO 32000 lets the header stand anywhere in the first 1,024 bytes.
    if b"%PDF-" not in start:
        raise DocumentRefused(Refusal.NOT_A_DOCUMENT)
    return {"pages": sanitise(source, target, max_pages)}


if __name__ == "__main__":
    main()

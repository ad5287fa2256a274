# SPDX-License-Identifier: AGPL-3.0-or-later
"""The examination's own process: `python -m booking_web.documents.examination`.

Standard input is the stranger's file, the descriptor named by `--output` takes what comes
of it, standard output says in one line of JSON how it went. Limits on memory and time
are set before the first byte is read: whatever the file makes a library do, it does here.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from typing import BinaryIO

from booking_web.documents.errors import DocumentRefused, Refusal
from booking_web.documents.pictures import (
    check_that_it_can_be_drawn,
    draw_page,
    picture_to_pdf,
    preview,
)
from booking_web.documents.sanitising import sanitise

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 30
SNIFFED_BYTES = 1024


def main() -> None:
    """Examine, or draw a page of, what stands on standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=("examine", "preview", "page"))
    parser.add_argument("--output", type=int, required=True)
    parser.add_argument("--max-pages", type=int, default=1)
    parser.add_argument("--page", type=int, default=1)
    told = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Unbuffered, so that nothing is read before the limits stand.
    source = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    with os.fdopen(told.output, "w+b") as target:
        try:
            answer = _work(told, source, target)
            target.flush()
            if told.work == "examine":
                check_that_it_can_be_drawn(target)
        except DocumentRefused as refused:
            answer = {"refused": refused.reason.value}
        except MemoryError:
            answer = {"refused": Refusal.BOMB.value}
    print(json.dumps(answer))


def _work(
    told: argparse.Namespace, source: BinaryIO, target: BinaryIO
) -> dict[str, object]:
    if told.work == "examine":
        return _examine(source, target, told.max_pages)
    if told.work == "page":
        draw_page(source, told.page, target)
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
        with tempfile.TemporaryFile() as page:
            picture_to_pdf(source, page)
            page.seek(0)
            return {"pages": sanitise(page, target, max_pages)}
    # ISO 32000 lets the header stand anywhere in the first 1,024 bytes.
    if b"%PDF-" not in start:
        raise DocumentRefused(Refusal.NOT_A_DOCUMENT)
    return {"pages": sanitise(source, target, max_pages)}


if __name__ == "__main__":
    main()

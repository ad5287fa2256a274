# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes scanned pages on a thread of its own, while the next one is read.

Unpacking and compressing a page leave Python's lock alone, so that both go on at once:
a feeder need not stop for the disk.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from device_bridge.scanning.pages import save_page
from device_bridge.scanning.scanner import Source

# One page is written and one waits while a third is read: memory stays bounded.
PAGES_WAITING = 1
# What an A4 page in colour at 400 dpi has. A larger one is written before the next is
# asked for: three of them would take gigabytes.
SIDE_BY_SIDE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as the scanner gave it, with `samples` bytes a pixel, and where it goes."""

    data: bytes | bytearray
    width: int
    height: int
    samples: int
    resolution_dpi: int
    file: Path
    source: Source


class PageWriter:
    """Writes pages in their order, one scan after the other.

    `tell` is called for each, on the writer's thread, once it is on the disk. After one
    that could not be written no other of its scan is: what was told has no gap.
    """

    def __init__(self, tell: Callable[[RawPage], None]) -> None:
        self._tell = tell
        self._executor = ThreadPoolExecutor(1, "page-writer")
        self._waiting: deque[Future[None]] = deque()
        self._has_failed = False
        # The thread is made now: none is while a driver has threads of its own.
        self._executor.submit(lambda: None).result()

    def put(self, page: RawPage) -> None:
        """Take a page to be written; raise the OSError of one taken before."""
        while len(self._waiting) > PAGES_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._executor.submit(self._write, page))
        if len(page.data) > SIDE_BY_SIDE_BYTES:
            self._waiting.pop().result()

    def end_scan(self) -> None:
        """Return once every page is written; raise the OSError of one that is not."""
        try:
            while self._waiting:
                self._waiting.popleft().result()
        finally:
            # What is left belongs to a scan that failed, and is passed over.
            self._executor.submit(self._forget).result()

    def _forget(self) -> None:
        self._waiting.clear()
        self._has_failed = False

    def _write(self, page: RawPage) -> None:
        if self._has_failed:
            return
        try:
            save_page(_picture(page), page.file, page.resolution_dpi)
        except BaseException:
            self._has_failed = True
            raise
        self._tell(page)


def _picture(page: RawPage) -> Image.Image:
    mode = "RGB" if page.samples == 3 else "L"
    size = page.width, page.height
    return Image.frombuffer(mode, size, page.data, "raw", mode, 0, 1)

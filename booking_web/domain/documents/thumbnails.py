# SPDX-License-Identifier: AGPL-3.0-or-later
"""Small pictures of the pages that are laid, turned and cropped as they lie.

What a page looks like in its document is drawn once, some pages at a time, and kept
encrypted beside the content.
"""

import json
import threading

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.laid_pages import LaidPage
from booking_web.domain.documents.laid_pictures import as_it_lies

PAGES_IN_A_PART = 6
# Ends the list of lengths that a part begins with.
_END = b"\n"


class Thumbnails:
    """The small pictures of one site's documents; any thread may call it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        # A page of the table asks for all its pictures at once: each part is drawn once.
        self._drawing = threading.Lock()

    def picture(self, page: LaidPage, pages: int) -> bytes:
        """Give a JPEG of a laid page, of a document of so many pages.

        Raises DocumentRefused or StoreUnavailable.
        """
        part, index = divmod(page.page - 1, PAGES_IN_A_PART)
        found = self._part(page.sha256, part, pages)
        return as_it_lies(_nth(found, index), page)

    def _part(self, sha256: str, part: int, pages: int) -> bytes:
        store = self._archive.store
        known = store.read_pages(sha256, part)
        if known is not None:
            return known
        with self._drawing:
            known = store.read_pages(sha256, part)
            return known if known is not None else self._draw(sha256, part, pages)

    def _draw(self, sha256: str, part: int, pages: int) -> bytes:
        first = part * PAGES_IN_A_PART + 1
        numbers = range(first, min(first + PAGES_IN_A_PART, pages + 1))
        store = self._archive.store
        with store.in_memory(sha256) as pdf:
            drawn = self._archive.examiner.draw_thumbnails(pdf, numbers)
        packed = json.dumps([len(each) for each in drawn]).encode() + _END
        packed += b"".join(drawn)
        with memory_file("pictures", packed) as file, store.exclusively():
            if self._archive.is_needed(sha256):
                store.put_pages(sha256, part, file)
        return packed


def _nth(packed: bytes, index: int) -> bytes:
    told, _, pictures = packed.partition(_END)
    lengths = json.loads(told)
    start = sum(lengths[:index])
    return pictures[start : start + lengths[index]]

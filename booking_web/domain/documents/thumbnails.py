# SPDX-License-Identifier: AGPL-3.0-or-later
"""Small pictures of the pages that are laid, turned and cropped as they lie.

What a page looks like in its document is drawn once, some pages at a time, and kept
encrypted beside the content. Here only pictures are opened that we drew ourselves.
"""

import io
import json
import threading

from PIL import Image

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.laid_pages import LaidPage

PAGES_IN_A_PART = 6
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
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


def as_it_lies(picture: bytes, page: LaidPage) -> bytes:
    """Crop and turn a picture of the page in its document, as the page is laid."""
    if page.is_as_scanned:
        return picture
    kept = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as whole:
        if page.crop is not None:
            wide, high = whole.size
            left, top = int(page.crop.left * wide), int(page.crop.top * high)
            right = max(left + 1, round(page.crop.right * wide))
            bottom = max(top + 1, round(page.crop.bottom * high))
            part = whole.crop((left, top, right, bottom))
        else:
            part = whole
        if page.turn:
            part = part.transpose(_TURNS[page.turn])
        part.convert("RGB").save(kept, "JPEG", quality=80)
    return kept.getvalue()


def _nth(packed: bytes, index: int) -> bytes:
    told, _, pictures = packed.partition(_END)
    lengths = json.loads(told)
    start = sum(lengths[:index])
    return pictures[start : start + lengths[index]]

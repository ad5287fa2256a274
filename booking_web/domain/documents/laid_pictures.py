# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of pages, cropped and turned as the pages lie: only those that we drew ourselves.

Nothing is opened here that a stranger sent.
"""

import io

from PIL import Image

from booking_web.domain.documents.laid_pages import Crop, LaidPage

_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_QUALITY = 80


def as_it_lies(picture: bytes, page: LaidPage, kind: str = "JPEG") -> bytes:
    """Crop and turn a picture of the page in its document, as the page is laid.

    `kind` is what comes of it: JPEG or PNG.
    """
    kept = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as whole:
        if page.is_as_scanned and whole.format == kind:
            return picture
        part = whole.crop(_box(page.crop, *whole.size)) if page.crop else whole
        if page.turn:
            part = part.transpose(_TURNS[page.turn])
        part.convert("RGB").save(kept, kind, quality=_QUALITY, compress_level=1)
    return kept.getvalue()


def size_as_it_lies(picture: bytes, page: LaidPage) -> tuple[int, int]:
    """Give how wide and high that picture of the page is once it is laid."""
    with Image.open(io.BytesIO(picture)) as whole:
        left, top, right, bottom = (
            _box(page.crop, *whole.size) if page.crop else (0, 0, *whole.size)
        )
    size = right - left, bottom - top
    return size[::-1] if page.turn in (90, 270) else size


def _box(crop: Crop, wide: int, high: int) -> tuple[int, int, int, int]:
    left, top = int(crop.left * wide), int(crop.top * high)
    right, bottom = round(crop.right * wide), round(crop.bottom * high)
    return left, top, max(left + 1, right), max(top + 1, bottom)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposes where the paper ends on a scan: a card on the glass, a receipt on a white sheet.

Looks at small pictures only that we drew ourselves.
"""

import io

from PIL import Image, ImageFilter

from booking_web.domain.documents.laid_pages import SMALLEST_SIDE, Crop

# Lighter than this is the scanner's lid.
_LID = 235
# Specks of dust are smaller than what a filter of so many pixels leaves.
_DUST_PIXELS = 5
_MARGIN = 0.01


def propose_crop(picture: bytes) -> Crop | None:
    """Give the rectangle that holds all that is not white; None where it is the whole."""
    with Image.open(io.BytesIO(picture)) as opened:
        grey = opened.convert("L").filter(ImageFilter.MedianFilter(_DUST_PIXELS))
    box = grey.point(lambda light: 255 if light < _LID else 0).getbbox()
    if box is None:
        return None
    wide, high = grey.size
    left, top = max(0.0, box[0] / wide - _MARGIN), max(0.0, box[1] / high - _MARGIN)
    right = min(1.0, box[2] / wide + _MARGIN)
    bottom = min(1.0, box[3] / high + _MARGIN)
    if min(right - left, bottom - top) < SMALLEST_SIDE:
        return None
    found = Crop(left, top, right, bottom)
    return None if found.is_whole else found

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes a page's picture light enough for a thin line; pure."""

import io

from PIL import Image

# A form is black, white and a few tints: letters stay as sharp as they were.
COLOURS = 64
# A page that was scanned or has a photograph is lighter as a JPEG, which comes into view
# coarse at first.
HEAVY_BYTES = 120_000
QUALITY = 60


def light_picture(picture: Image.Image) -> bytes:
    """Give it as a PNG of few colours, or as a JPEG where that is lighter."""
    few = picture.quantize(
        COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    png = _saved(few, "PNG", compress_level=6)
    if len(png) <= HEAVY_BYTES:
        return png
    jpeg = _saved(picture, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return min(png, jpeg, key=len)


def media_type(picture: bytes) -> str:
    """Tell what `light_picture` gave."""
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def _saved(picture: Image.Image, kind: str, **options: int | bool) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a stranger's picture to a small one of ours: a mark, or a photo of a face.

Drawn anew: nothing that a camera or a program wrote into the file is left, only what is seen.
Run it in the examination's own process.
"""

import io
from typing import BinaryIO

from PIL import Image, ImageOps, ImageStat

from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.strangers_picture import open_strangers_picture

# 40 megapixels: what a telephone takes.
MAX_PIXELS = 40_000_000
# As large as the second screen draws it, and light enough for a thin line.
MARK_PIXELS = (900, 450)
MARK_COLOURS = 256
LIGHT_MARK_BYTES = 60_000
PHOTO_PIXELS = 720
PHOTO_QUALITY = 80
# A face stands above the middle of its picture.
FACE_AT = (0.5, 0.35)
# Below this contrast to white a line is lost on paper (WCAG 2.1, 1.4.11).
LOST_ON_PAPER = 3.0


def draw_mark(source: BinaryIO, target: BinaryIO) -> dict[str, object]:
    """Draw a mark as a PNG, its empty margin cut away; give its size and whether it is light.

    Raises DocumentRefused.
    """
    picture = open_strangers_picture(source, MAX_PIXELS).convert("RGBA")
    seen = picture.getchannel("A").getbbox()
    if seen is None:
        raise DocumentRefused(Refusal.EMPTY)
    mark = Image.new("RGBA", (seen[2] - seen[0], seen[3] - seen[1]))
    mark.paste(picture.crop(seen))
    size = mark.size
    mark.thumbnail(MARK_PIXELS, Image.Resampling.LANCZOS)
    is_light = _contrast_to_white(mark) < LOST_ON_PAPER
    target.write(_as_png(mark))
    return {"size": size, "drawn": mark.size, "is_light": is_light}


def draw_photo(source: BinaryIO, target: BinaryIO) -> dict[str, object]:
    """Draw a photo as a square JPEG, upright as the camera held it; give its size.

    Raises DocumentRefused.
    """
    upright = ImageOps.exif_transpose(open_strangers_picture(source, MAX_PIXELS))
    size = upright.size
    pixels = min(PHOTO_PIXELS, *size)
    cut = ImageOps.fit(upright, (pixels, pixels), centering=FACE_AT).convert("RGBA")
    photo = Image.new("RGB", cut.size, "white")
    photo.paste(cut, mask=cut.getchannel("A"))
    photo.save(target, "JPEG", quality=PHOTO_QUALITY)
    return {"size": size, "drawn": photo.size}


def _as_png(mark: Image.Image) -> bytes:
    kept = io.BytesIO()
    mark.save(kept, "PNG", optimize=True)
    if kept.tell() <= LIGHT_MARK_BYTES:
        return kept.getvalue()
    fewer = io.BytesIO()
    method = Image.Quantize.FASTOCTREE
    mark.quantize(MARK_COLOURS, method=method).save(fewer, "PNG", optimize=True)
    return min(kept.getvalue(), fewer.getvalue(), key=len)


def _contrast_to_white(mark: Image.Image) -> float:
    """Give the contrast of what is drawn to white (WCAG 2.1, "contrast ratio")."""
    drawn = mark.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0)
    if drawn.getbbox() is None:
        return 1.0
    means = ImageStat.Stat(mark.convert("RGB"), mask=drawn).mean
    red, green, blue = (_linear(mean / 255) for mean in means)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a camera's picture shows anything. Pure, but for reading a JPEG."""

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

# Of 255. A covered lens gives noise around black; a lit room is far above.
BLACK_BELOW = 18
# Every so many bytes are enough to know the light of a picture.
_STEP = 16


@dataclass(frozen=True, slots=True)
class Light:
    """How light a picture is on the average, of 255."""

    mean: int

    @property
    def is_black(self) -> bool:
        """Say whether there is nothing to see."""
        return self.mean < BLACK_BELOW


def light_of(frames: bytes, pixel_format: str, size: int) -> Light | None:
    """Give the light of the last frame; None where there is none, or it cannot be read.

    The format is V4L2's: YUYV (a frame has `size` bytes) or MJPG.
    """
    if pixel_format == "MJPG":
        return _light_of_jpeg(frames)
    if pixel_format != "YUYV" or size <= 0 or len(frames) < size:
        return None
    last = frames[len(frames) - size :]
    luma = last[: size - size % 2 : 2][::_STEP]
    return Light(sum(luma) // len(luma)) if luma else None


def _light_of_jpeg(frames: bytes) -> Light | None:
    start = frames.rfind(b"\xff\xd8\xff")
    if start < 0:
        return None
    try:
        with Image.open(io.BytesIO(frames[start:])) as picture:
            grey = picture.convert("L").resize((32, 24)).tobytes()
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    return Light(sum(grey) // len(grey))

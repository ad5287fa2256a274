# SPDX-License-Identifier: AGPL-3.0-or-later
"""A picture that a stranger sends is opened here alone, and read to its end.

Run it in the examination's own process.
"""

from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from booking_web.domain.documents.errors import DocumentRefused, Refusal

# Of a JPEG (T.81, B.1.1.3: SOI and a marker) and of a PNG (ISO/IEC 15948, 5.2).
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def open_strangers_picture(source: BinaryIO, max_pixels: int) -> Image.Image:
    """Give a JPEG or PNG, wholly read, with what its camera wrote into it (EXIF).

    Raises DocumentRefused: for another kind of file, one with more than `max_pixels`, one
    that moves, and one that ends before its picture does.
    """
    Image.MAX_IMAGE_PIXELS = None
    # Some libraries set it for their whole process: half a picture is none.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        picture = Image.open(source, formats=("JPEG", "PNG"))
        width, height = picture.size
        if width * height > max_pixels:
            raise DocumentRefused(Refusal.BOMB)
        if getattr(picture, "n_frames", 1) != 1:
            raise DocumentRefused(Refusal.NOT_A_DOCUMENT)
        picture.load()
    except UnidentifiedImageError as error:
        source.seek(0)
        begins_as_one = source.read(8).startswith(BEGINNINGS)
        reason = Refusal.DAMAGED if begins_as_one else Refusal.NOT_A_DOCUMENT
        raise DocumentRefused(reason) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error
    except MemoryError as error:
        raise DocumentRefused(Refusal.BOMB) from error
    return picture

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures as people have them: a mark on nothing, a photo that a telephone took."""

import io

from PIL import Image, ImageDraw

# What a telephone writes into a photo, and nobody is to know.
SECRET_PLACE = "49.9N 3.6E, chez Paule"


def mark_png(
    colour: str = "#0b4a24", size: tuple[int, int] = (600, 200), margin: int = 40
) -> bytes:
    """Give a mark in one colour on nothing, with an empty margin around it."""
    picture = Image.new("RGBA", (size[0] + 2 * margin, size[1] + 2 * margin))
    box = (margin, margin, margin + size[0] - 1, margin + size[1] - 1)
    ImageDraw.Draw(picture).rectangle(box, fill=colour)
    return saved(picture, "PNG")


def photo_jpeg(size: tuple[int, int] = (900, 1200), orientation: int = 1) -> bytes:
    """Give a photo that tells where it was taken, its upper half red, its lower half blue."""
    picture = Image.new("RGB", size, "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0], size[1] // 2), fill="red")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET_PLACE
    return saved(picture, "JPEG", exif=exif)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Give the bytes of its file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which size a camera's picture is sent in, so that nothing squeezes it on the way (pure)."""

from collections.abc import Collection
from dataclasses import replace

from sip_endpoints.settings import Picture


def picture_of_camera(wanted: Picture, sizes: Collection[tuple[int, int]]) -> Picture:
    """Give the picture that is wanted, in the nearest size that the camera itself has.

    The stack would scale another one over the size that is wanted, whatever its shape: the faces
    of an old camera, which has 4:3 alone, would be broad. Sent as it is, it is shown whole. Sizes
    that are not known change nothing.
    """
    if not sizes:
        return wanted
    area = wanted.width * wanted.height
    shape = wanted.width / wanted.height

    def unlikeness(size: tuple[int, int]) -> tuple[int, float]:
        width, height = size
        return abs(width * height - area), abs(width / height - shape)

    width, height = min(sizes, key=unlikeness)
    return replace(wanted, width=width, height=height)

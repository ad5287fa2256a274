# SPDX-License-Identifier: AGPL-3.0-or-later
"""A camera's picture is sent in a size that it has: the nearest one to what is wanted."""

import pytest

from sip_endpoints.pjsua.camera_size import picture_of_camera
from sip_endpoints.settings import Picture

WANTED = Picture(560, 640, 360, 20)
USUAL = {(320, 240), (352, 288), (640, 360), (640, 480), (1280, 720), (1920, 1080)}
OLD = {(320, 240), (352, 288), (640, 480), (800, 600)}


@pytest.mark.parametrize(
    ("sizes", "sent"),
    [
        (USUAL, (640, 360)),
        (OLD, (640, 480)),
        ({(1280, 720)}, (1280, 720)),
        ({(480, 640), (640, 480)}, (640, 480)),
        (set(), (640, 360)),
    ],
)
def test_the_nearest_size_is_sent(
    sizes: set[tuple[int, int]], sent: tuple[int, int]
) -> None:
    found = picture_of_camera(WANTED, sizes)
    assert (found.width, found.height) == sent
    assert (found.bitrate_kbps, found.frames_per_second) == (560, 20)


def test_a_larger_picture_that_the_camera_has_is_sent_as_it_is() -> None:
    large = Picture(1500, 1280, 720, 20)
    assert picture_of_camera(large, USUAL) == large
    assert picture_of_camera(large, OLD) == Picture(1500, 800, 600, 20)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever the other side sends is whole and undistorted on a kiosk's screen, with dark margins."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.kiosk_session import KioskSession
from stage.processes import Program
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for
from tests.integration.sip_endpoints.first_screen.conftest import KIOSK
from tests.integration.sip_endpoints.first_screen.seen_bars import NoBars, bars_in

pytestmark = pytest.mark.real

COUNSELLOR = "counsellor-msa-1"
# An old camera, a telephone held upright, and what is usual; each within 1920 x 1080.
SHAPES = {
    "640x480": (240, 0, 1440, 1080),
    "360x640": (656, 0, 608, 1080),
    "1280x720": (0, 0, 1920, 1080),
    "640x360": (0, 0, 1920, 1080),
}


@pytest.fixture
def telephone(asterisk_stage: Stage) -> Iterator[Program]:
    """Give a counsellor's telephone whose picture changes its shape at each SIGUSR1."""
    bundle = asterisk_stage.bundle_for_another(COUNSELLOR)
    words = [sys.executable, "-m", "measure.bare_telephone", str(bundle)]
    words += ["--role", "counsellor"]
    for shape in SHAPES:
        words += ["--size", shape]
    telephone = Program(
        "shapes",
        words,
        directory=asterisk_stage.directory,
        log=asterisk_stage.directory / "log" / "shapes.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )
    telephone.start()
    telephone.wait_until(lambda: asterisk_stage.asterisk.is_registered(COUNSELLOR))
    yield telephone
    telephone.stop()


def is_at(session: KioskSession, place: tuple[int, int, int, int]) -> bool:
    try:
        return bars_in(session.picture(), 0, 1920).is_near(*place)
    except NoBars:
        return False


def test_each_shape_is_whole_and_undistorted_also_one_that_changes_in_the_call(
    ami: BareAmi, session: KioskSession, kiosk: Endpoint, telephone: Program
) -> None:
    ami.place_call(KIOSK, "msa", "gv-311-1", appointment="311")
    ami.wait_event("AgentConnect")
    # Back at the first one, in the same call.
    for shape in (*SHAPES, "640x480"):

        def is_sent(shape: str = shape) -> bool:
            video = (kiosk.call() or {}).get("video") or {}
            return f"{video.get('width')}x{video.get('height')}" == shape

        wait_for(is_sent, f"{shape} comes", poll_seconds=0.1)
        place = SHAPES[shape]
        wait_for(lambda: is_at(session, place), f"{shape} at {place}", poll_seconds=0.2)
        os.kill(telephone.pid, signal.SIGUSR1)

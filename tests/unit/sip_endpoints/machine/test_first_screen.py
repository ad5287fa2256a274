# SPDX-License-Identifier: AGPL-3.0-or-later
"""What lies behind the counsellor: one program for each picture, and none that is left over."""

import json
from pathlib import Path

import pytest
from PIL import Image

from sip_endpoints.call.camera_rules import CameraStage
from sip_endpoints.machine.session.first_screen import (
    NOTICE_SOUND,
    OVERLAP_SECONDS,
    SwayFirstScreen,
    picture_of,
)
from sip_endpoints.machine.session.outputs import Session, pages_ground_order
from sip_endpoints.machine.session.start_page import ENGLISH, FRENCH
from sip_endpoints.machine.system.programs import Ran
from tests.unit.sip_endpoints.conftest import Clock


class Drawing:
    """One picture on one output."""

    def __init__(self, output: str, picture: Path) -> None:
        self.what = (output, picture.name)
        self.is_ended = False

    def terminate(self) -> None:
        self.is_ended = True

    def poll(self) -> int | None:
        return 0 if self.is_ended else None


class Ground:
    """A session with these outputs, and what was drawn in it."""

    def __init__(self, clock: Clock, language: str = "fr") -> None:
        self.outputs: object = [
            output("DP-1", "2"),
            output("HDMI-A-1", "1"),
        ]
        self.code = 0
        self.drawings: list[Drawing] = []
        self.clock = clock
        session = Session(Path("/run/sway.sock"), self.run)
        self.screen = SwayFirstScreen(session, language, self.draw, clock)

    def run(self, arguments: object, **more: object) -> Ran:
        return Ran(self.code, json.dumps(self.outputs), "")

    def draw(self, output: str, picture: Path) -> Drawing:
        self.drawings.append(Drawing(output, picture))
        return self.drawings[-1]

    @property
    def seen(self) -> list[tuple[str, str]]:
        return [each.what for each in self.drawings if not each.is_ended]


def output(name: str, workspace: str) -> dict[str, object]:
    return {"name": name, "active": True, "current_workspace": workspace}


def test_between_calls_the_session_says_it_by_itself(clock: Clock) -> None:
    assert Ground(clock).seen == []


def test_another_language_is_laid_over_it(clock: Clock) -> None:
    ground = Ground(clock, "en")
    assert ground.seen == [("HDMI-A-1", "camera-off.en.png")]
    ground.screen.show(CameraStage.NOTICE)
    ground.screen.show(CameraStage.OFF)
    assert ground.seen == [("HDMI-A-1", "camera-off.en.png")]


@pytest.mark.parametrize(
    ("asked", "shown"), [("", "fr"), ("en", "en"), ("de", "fr"), ("../../x", "fr")]
)
def test_the_appointments_language_counts_where_it_is_drawn(
    clock: Clock, asked: str, shown: str
) -> None:
    ground = Ground(clock)
    ground.screen.show(CameraStage.NOTICE, asked)
    assert ground.seen == [("HDMI-A-1", f"camera-notice.{shown}.png")]
    ground.screen.show(CameraStage.OFF)
    assert ground.seen == []


def test_a_picture_goes_only_once_the_next_one_covers_it(clock: Clock) -> None:
    ground = Ground(clock)
    ground.screen.show(CameraStage.NOTICE)
    ground.screen.show(CameraStage.ON)
    ground.screen.tend()
    both = [("HDMI-A-1", f"camera-{name}.fr.png") for name in ("notice", "on")]
    assert ground.seen == both
    clock.now += OVERLAP_SECONDS
    ground.screen.tend()
    assert ground.seen == both[1:]


def test_at_the_end_of_a_call_all_of_them_go_at_once(clock: Clock) -> None:
    ground = Ground(clock)
    ground.screen.show(CameraStage.NOTICE)
    ground.screen.show(CameraStage.ON)
    ground.screen.show(CameraStage.OFF)
    assert ground.seen == []


def test_screens_that_were_exchanged_are_known_at_the_next_call(clock: Clock) -> None:
    ground = Ground(clock)
    ground.outputs = [output("DP-1", "1"), output("HDMI-A-1", "2")]
    ground.screen.show(CameraStage.OFF)
    ground.screen.show(CameraStage.NOTICE)
    assert ground.seen == [("DP-1", "camera-notice.fr.png")]


def test_a_session_that_answers_nothing_holds_nobody_up(clock: Clock) -> None:
    ground = Ground(clock)
    ground.code = 1
    ground.screen.show(CameraStage.OFF)
    ground.screen.show(CameraStage.NOTICE)
    # Where it was is the best guess.
    assert ground.seen == [("HDMI-A-1", "camera-notice.fr.png")]


def test_a_program_that_is_missing_is_told_and_the_call_goes_on(clock: Clock) -> None:
    def missing(output: str, picture: Path) -> Drawing:
        raise FileNotFoundError("swaybg")

    ground = Ground(clock)
    screen = SwayFirstScreen(
        Session(Path("/run/sway.sock"), ground.run), "fr", missing, clock
    )
    for stage in CameraStage:
        screen.show(stage)
        screen.tend()


@pytest.mark.parametrize("stage", CameraStage)
@pytest.mark.parametrize("language", (FRENCH, ENGLISH))
def test_there_is_a_picture_for_each_moment_in_each_language(
    stage: CameraStage, language: str
) -> None:
    with Image.open(picture_of(stage, language)) as picture:
        assert picture.size == (1920, 1080)


def test_the_sound_of_the_notice_is_there() -> None:
    assert NOTICE_SOUND.is_file()


@pytest.mark.parametrize(
    ("language", "drawn"), [("fr", "fr"), ("en", "en"), ("de", "fr")]
)
def test_the_pages_own_screen_says_nothing_of_the_camera(
    clock: Clock, language: str, drawn: str
) -> None:
    ground = Ground(clock)
    outputs = Session(Path("/x"), ground.run).outputs()
    order = pages_ground_order(outputs, language)
    assert order is not None
    assert order.startswith('output DP-1 background "/')
    assert order.endswith(f'/pages-away.{drawn}.png" fill #12303b')
    with Image.open(order.split('"')[1]) as picture:
        assert picture.size == (1920, 1080)
    ground.outputs = [output("DP-1", "1")]
    assert pages_ground_order(Session(Path("/x"), ground.run).outputs()) is None

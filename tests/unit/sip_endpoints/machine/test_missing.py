# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is unplugged is seen, told once, and looked for where this kiosk has it at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from sip_endpoints.machine.agent.plugs import PAUSE_SECONDS, PlugWatch
from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.session.missing import (
    EVERY_SECONDS,
    Missing,
    MissingWatch,
    note,
    wanted_of,
)
from sip_endpoints.machine.session.session_watch import IDLE_LOOKS, SessionWatch
from sip_endpoints.machine.system.choices import NONE, Devices
from sip_endpoints.settings import AUTO, COLORBAR, NULL_AUDIO
from tests.unit.sip_endpoints.conftest import Clock

CAMERA = Found(Kind.CAMERA, "cam", "cam")
MICROPHONE = Found(Kind.MICROPHONE, "mic", "mic")
LOUDSPEAKER = Found(Kind.LOUDSPEAKER, "loud", "loud")


class Ground:
    """A kiosk with all of its devices, and what is told of them."""

    def __init__(
        self,
        clock: Clock,
        devices: Devices = Devices(),
        camera: str = AUTO,
        audio: str = AUTO,
    ) -> None:
        self.clock = clock
        self.screen: Missing | None = None
        self.sound = [MICROPHONE, LOUDSPEAKER]
        self.cameras = [CAMERA]
        self.told: list[tuple[str, ...]] = []
        self.watch = MissingWatch(
            wanted_of(devices, camera, audio),
            self,
            lambda: self.sound,
            lambda: self.cameras,
            self.told.append,
            clock,
        )

    def look(self) -> Missing | None:
        return self.screen

    def pass_looks(self, count: int) -> None:
        for _ in range(count):
            self.clock.now += EVERY_SECONDS
            self.watch.look()


def test_what_is_away_for_two_looks_is_told_once_and_again_when_it_is_back(
    clock: Clock,
) -> None:
    ground = Ground(clock)
    ground.pass_looks(3)
    ground.screen, ground.cameras, ground.sound = Missing.SECOND_SCREEN, [], []
    ground.pass_looks(1)
    assert ground.told == [()]
    ground.pass_looks(3)
    all_of_it = ("second_screen", "camera", "microphone", "loudspeaker")
    assert ground.told == [(), all_of_it]
    ground.screen, ground.cameras = None, [CAMERA]
    ground.sound = [MICROPHONE, LOUDSPEAKER]
    ground.pass_looks(1)
    assert ground.told == [(), all_of_it, ()]


def test_between_two_looks_nothing_is_asked(clock: Clock) -> None:
    ground = Ground(clock)
    ground.watch.look()
    ground.sound = []
    ground.watch.look()
    clock.now += EVERY_SECONDS
    ground.watch.look()
    assert ground.told == [()]


@pytest.mark.parametrize(
    ("devices", "camera", "audio"),
    [
        (Devices(camera=NONE, microphone=NONE, loudspeaker=NONE), AUTO, AUTO),
        (Devices(), COLORBAR, NULL_AUDIO),
    ],
)
def test_what_a_kiosk_does_without_is_not_missed(
    clock: Clock, devices: Devices, camera: str, audio: str
) -> None:
    ground = Ground(clock, devices, camera, audio)
    ground.cameras, ground.sound = [], []
    ground.pass_looks(3)
    assert ground.told == [()]


def test_a_device_that_was_chosen_is_missed_where_only_another_is_there(
    clock: Clock,
) -> None:
    ground = Ground(clock, replace(Devices(), loudspeaker="big"))
    ground.pass_looks(3)
    assert ground.told[-1] == ("loudspeaker",)


def test_several_of_a_kind_are_no_missing_one(clock: Clock) -> None:
    ground = Ground(clock)
    ground.cameras = [CAMERA, replace(CAMERA, name="other")]
    ground.pass_looks(3)
    assert ground.told == [()]


def test_a_self_test_is_due_once_no_call_is_up_and_not_for_each_contact(
    tmp_path: Path,
) -> None:
    file, calls = tmp_path / "missing", [True]
    watch = PlugWatch(file, lambda: calls[0])
    assert not watch.look(0)
    note(file, ("second_screen",))
    assert not watch.look(1)
    calls[0] = False
    assert watch.look(2)
    assert not watch.look(3)
    note(file, ())
    assert not watch.look(4)
    assert watch.look(2 + PAUSE_SECONDS)


def test_a_session_that_is_another_ends_the_telephone_once_nobody_calls(
    tmp_path: Path, clock: Clock
) -> None:
    socket, ended, calls = tmp_path / "wayland-1", list[bool](), [True]
    socket.touch()
    watch = SessionWatch(socket, lambda: calls[0], lambda: ended.append(True), clock)

    def pass_looks(count: int) -> None:
        for _ in range(count):
            clock.now += 1
            watch.poll()

    pass_looks(2 * IDLE_LOOKS)
    socket.unlink()
    pass_looks(2)
    (tmp_path / "new").touch()
    (tmp_path / "new").rename(socket)
    pass_looks(2 * IDLE_LOOKS)
    assert ended == []
    calls[0] = False
    pass_looks(IDLE_LOOKS - 1)
    assert ended == []
    pass_looks(1)
    assert ended == [True]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a telephone goes silent for a sound server that ended, and when it opens sound again."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from sip_endpoints.pjsua.sound_server import (
    AGAIN_SECONDS,
    ANSWER_SECONDS,
    PATIENCE_SECONDS,
    Change,
    SoundServer,
    is_plugin_used,
    sound_socket,
)
from stage.waiting import wait_for

ANSWERS, NO_LOUDSPEAKER = ("echo", "Volume: 0.40"), ("true",)
SILENT, NOT_THERE = ("sleep", "60"), ("no-such-program",)


class Server:
    """A socket that takes connections, and can be killed and begin anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open = ExitStack()

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self._listening = self._open.enter_context(socket.socket(socket.AF_UNIX))
        self._listening.bind(str(self.path))
        self._listening.listen()

    def take(self) -> socket.socket:
        """Take the connection that waits, and tell something that nobody asked for."""
        line, _ = self._listening.accept()
        self._open.enter_context(line)
        line.send(b"hello")
        return line

    def kill(self) -> None:
        self._open.close()


class Clock:
    """Looks at the watched server, later each time."""

    def __init__(self, watched: SoundServer) -> None:
        self.now = 100.0
        self.watched = watched

    def look(self, later: float = AGAIN_SECONDS) -> Change | None:
        self.now += later
        return self.watched.look(self.now)


@pytest.fixture
def server(tmp_path: Path):
    server = Server(tmp_path / "pipewire-0")
    yield server
    server.kill()


@pytest.fixture
def watching(server: Server):
    with ExitStack() as at_end:

        def watch(*ask: str) -> Clock:
            watched = SoundServer(server.path, ask)
            at_end.callback(watched.close)
            return Clock(watched)

        yield watch


def lose(server: Server, clock: Clock) -> None:
    server.start()
    assert clock.look() is None
    server.take()
    assert clock.look() is None
    server.kill()
    assert clock.look(0) is Change.LOST


def test_a_server_that_ends_is_told_once_and_again_when_it_answers(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*ANSWERS)
    lose(server, clock)
    assert [clock.look() for _ in range(5)] == [None] * 5
    server.start()
    assert wait_for(clock.look, "it is back") is Change.BACK
    assert clock.look() is None
    server.kill()
    assert clock.look(0) is Change.LOST


def test_of_a_server_that_was_never_there_nothing_is_told(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*ANSWERS)
    assert [clock.look() for _ in range(5)] == [None] * 5
    server.start()
    assert [clock.look() for _ in range(5)] == [None] * 5


def test_a_server_without_a_loudspeaker_is_waited_for_but_not_for_ever(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*NO_LOUDSPEAKER)
    lose(server, clock)
    server.start()
    began = clock.now
    assert wait_for(clock.look, "it is back") is Change.BACK
    assert clock.now - began > PATIENCE_SECONDS


def test_a_server_that_takes_connections_and_answers_nothing_is_never_waited_on(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*SILENT)
    lose(server, clock)
    server.start()
    looks = [clock.look() for _ in range(int(3 * ANSWER_SECONDS / AGAIN_SECONDS))]
    assert looks == [None] * len(looks)


def test_where_nothing_is_there_to_ask_with_a_server_that_takes_us_is_enough(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*NOT_THERE)
    lose(server, clock)
    assert clock.look() is None
    server.start()
    assert [clock.look(), clock.look()] == [None, Change.BACK]


def test_sound_that_did_not_open_is_tried_again_after_another_answer(
    server: Server, watching: Callable[..., Clock]
):
    clock = watching(*ANSWERS)
    lose(server, clock)
    server.start()
    assert wait_for(clock.look, "it is back") is Change.BACK
    clock.watched.wait_again(clock.now)
    assert clock.look(0) is None
    assert wait_for(clock.look, "it is back") is Change.BACK


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({}, None),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/pipewire-0"),
        (
            {"XDG_RUNTIME_DIR": "/run/user/1", "PIPEWIRE_RUNTIME_DIR": "/run/sound"},
            "/run/sound/pipewire-0",
        ),
        ({"XDG_RUNTIME_DIR": "/run", "PIPEWIRE_REMOTE": "other"}, "/run/other"),
        ({"PIPEWIRE_REMOTE": "/run/sound/own"}, "/run/sound/own"),
    ],
)
def test_the_socket_is_looked_for_where_pipewires_programs_do(
    environment: dict[str, str], path: str | None
):
    assert sound_socket(environment) == (Path(path) if path else None)


def test_sound_that_goes_elsewhere_is_left_alone(tmp_path: Path):
    maps = tmp_path / "maps"
    assert not is_plugin_used(maps)
    maps.write_text("7f0 r-xp /usr/lib/alsa-lib/libasound_module_pcm_pulse.so\n")
    assert not is_plugin_used(maps)
    maps.write_text("7f0 r-xp /usr/lib/alsa-lib/libasound_module_pcm_pipewire.so\n")
    assert is_plugin_used(maps)

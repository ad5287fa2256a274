# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the sound server (PipeWire) that this telephone's sound goes through still lives.

ALSA does not tell: its threads spin, and what the microphone gives stays as it was. An idle
connection to the server's socket ends with the server.
"""

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path

from sip_endpoints.log import Log

log = Log(__name__)

NAME = "pipewire-0"
# ALSA's plug-in: where it is not mapped, no sound of this process goes to PipeWire.
PLUGIN = "libasound_module_pcm_pipewire"
OWN_MAPS = Path("/proc/self/maps")
# A server that has just begun takes connections before it has a loudspeaker.
ASK = ("wpctl", "get-volume", "@DEFAULT_AUDIO_SINK@")
TOLD = b"Volume:"
AGAIN_SECONDS, ANSWER_SECONDS = 0.5, 3.0
# Then the sound is opened whatever it answers: the loudspeaker may be unplugged, and the
# microphone is not.
PATIENCE_SECONDS = 15.0


class Change(Enum):
    """What became of the server."""

    LOST = auto()
    BACK = auto()


def sound_socket(environment: Mapping[str, str]) -> Path | None:
    """Give where PipeWire's own programs look for it; None where they would not find it."""
    name = environment.get("PIPEWIRE_REMOTE") or NAME
    folder = environment.get("PIPEWIRE_RUNTIME_DIR") or environment.get(
        "XDG_RUNTIME_DIR"
    )
    if name.startswith("/"):
        return Path(name)
    return Path(folder) / name if folder else None


def is_plugin_used(maps: Path = OWN_MAPS) -> bool:
    """Tell whether ALSA's way to PipeWire is part of this process."""
    try:
        return PLUGIN in maps.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


class SoundServer:
    """Looks without ever waiting; nothing is told of a server that was never there."""

    def __init__(self, path: Path, ask: Sequence[str] = ASK) -> None:
        self._path = path
        self._ask = ask
        self._line: socket.socket | None = None
        self._is_lost = False
        self._try_at = self._since = 0.0
        self._question: subprocess.Popen[bytes] | None = None
        self._ask_at = 0.0

    def look(self, now: float) -> Change | None:
        """Tell a server that ended, and later that it answers again."""
        if self._line is not None and not _is_open(self._line):
            self.close()
            if not self._is_lost:
                self._is_lost = True
                return Change.LOST
        if self._line is None and now >= self._try_at:
            self._try_at = self._ask_at = now + AGAIN_SECONDS
            self._line, self._since = _connected(self._path), now
        if self._is_lost and self._line is not None and self._has_answered(now):
            self._is_lost = False
            return Change.BACK
        return None

    def wait_again(self, now: float) -> None:
        """Ask anew: the sound did not open, whatever was answered."""
        self._is_lost = True
        self._since, self._ask_at = now, now + AGAIN_SECONDS

    def close(self) -> None:
        """Let go of the connection, and of a question under way."""
        self._end_question()
        if self._line is not None:
            self._line.close()
            self._line = None

    def _has_answered(self, now: float) -> bool:
        if self._question is None:
            return now >= self._ask_at and self._begin_question(now)
        if self._question.poll() is None:
            if now >= self._ask_at + ANSWER_SECONDS:
                self._ask_at = now
                self._end_question()
            return False
        told = self._question.communicate()[0]
        self._question, self._ask_at = None, now + AGAIN_SECONDS
        return TOLD in told or now - self._since > PATIENCE_SECONDS

    def _begin_question(self, now: float) -> bool:
        """Ask; where nothing is there to ask with, a server that takes us is enough."""
        self._ask_at = now
        try:
            self._question = subprocess.Popen(
                self._ask,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"LC_ALL": "C"},
            )
        except OSError as error:
            log.info("the sound server is not asked", reason=str(error))
            return True
        return False

    def _end_question(self) -> None:
        if self._question is not None:
            self._question.kill()
            self._question.communicate()
            self._question = None


def _connected(path: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX)
    line.setblocking(False)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        return None
    return line


def _is_open(line: socket.socket) -> bool:
    try:
        return line.recv(4096) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False

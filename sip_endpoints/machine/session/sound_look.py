# SPDX-License-Identifier: AGPL-3.0-or-later
"""What PipeWire lists, looked at without ever waiting; one that hangs is ended.

A PipeWire that hangs keeps its socket: nobody hears of it, the call is silent, and whoever asks it
waits. So the question runs beside the session's loop, and a server that leaves it unanswered is
killed: its unit starts it anew, and the telephone opens its sound again.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from sip_endpoints.log import Log
from sip_endpoints.machine.devices.found import Found
from sip_endpoints.machine.devices.sound import read_sound, sound_environment
from sip_endpoints.machine.session.hung_server import end_server, server_of

log = Log(__name__)

ASK = ("pw-dump",)
SOCKET = "pipewire-0"
# A machine that is busy to its limit answers within two.
HUNG_SECONDS = 10.0


class SoundLook:
    """Gives what the last answer listed; None before there is one."""

    def __init__(
        self,
        runtime: Path,
        ask: Sequence[str] = ASK,
        hung_seconds: float = HUNG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runtime = runtime
        self._ask = ask
        self._hung_seconds = hung_seconds
        self._clock = clock
        self._question: subprocess.Popen[bytes] | None = None
        # It may be more than a pipe holds.
        self._answer: IO[bytes] = tempfile.TemporaryFile()
        self._asked_at = 0.0
        self._found: list[Found] | None = None
        self._server: int | None = None

    def __call__(self) -> list[Found] | None:
        """Take an answer that has come, and ask again."""
        if self._question is not None:
            self._hear(self._question)
        if self._question is None:
            self._begin()
        return self._found

    def close(self) -> None:
        """Let go of a question under way; it may not be looked at afterwards."""
        self._end_question()
        self._answer.close()

    def _end_question(self) -> None:
        if self._question is not None:
            self._question.kill()
            self._question.wait()
            self._question = None

    def _begin(self) -> None:
        self._asked_at = self._clock()
        self._server = server_of(self._runtime / SOCKET)
        self._answer.seek(0)
        self._answer.truncate()
        try:
            self._question = subprocess.Popen(
                self._ask,
                stdin=subprocess.DEVNULL,
                stdout=self._answer,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **sound_environment(self._runtime)},
            )
        except OSError as error:
            log.warning("the sound is not looked at", why=str(error))
            self._found = []

    def _hear(self, question: "subprocess.Popen[bytes]") -> None:
        if question.poll() is not None:
            self._question = None
            self._found = self._read()
        elif self._clock() - self._asked_at >= self._hung_seconds:
            self._end_question()
            self._found = []
            end_server(self._server, SOCKET)

    def _read(self) -> list[Found]:
        """Nothing is there where PipeWire does not run."""
        self._answer.seek(0)
        try:
            return read_sound(json.loads(self._answer.read() or b"[]"))
        except ValueError:
            return []

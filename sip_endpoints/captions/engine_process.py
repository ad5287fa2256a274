# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service's end of the engine: fed without ever waiting, watched, killed without harm."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Also what the wipe looks for among the processes after a call.
MODULE = "sip_endpoints.captions.engine"
SAMPLE_BYTES = 2
# Sound that waits longer than this is worth nothing: what is said now is to be read now.
BEHIND_SECONDS = 3.0
# A model of hundreds of megabytes from a slow disk; a sentence of a small processor.
LOAD_SECONDS, HUNG_SECONDS = 60.0, 10.0
READ_BYTES = 1 << 16


class EngineProcess:
    """One engine, for one call in one language."""

    def __init__(self, folder: Path, language: str, rate: int) -> None:
        self._rate = rate
        self._unsent = bytearray()
        self._received = b""
        self._fed = 0
        # Since when it takes no more than the pipe holds.
        self._full_since: float | None = None
        self.is_ready = False
        # When it last had to leave out what was said, as it came too fast.
        self.dropped_at: float | None = None
        self._began = self._alive_at = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(folder), language, str(rate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Nothing that a library writes of what it heard goes into a log.
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        for pipe in (self._stdin, self._stdout):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Give its number."""
        return self._process.pid

    def fileno(self) -> int:
        """Give what becomes readable when it tells something."""
        return self._stdout.fileno()

    def feed(self, sound: bytes) -> None:
        """Take whole samples; before the model is loaded, and where it is behind, drop them."""
        if not self.is_ready:
            return
        self._unsent += sound
        if len(self._unsent) > BEHIND_SECONDS * self._rate * SAMPLE_BYTES:
            # The half of a sample that was sent keeps its other half.
            del self._unsent[self._fed % SAMPLE_BYTES :]
            self.dropped_at = time.monotonic()
        self.flush()

    def flush(self) -> None:
        """Hand over as much as it takes now."""
        while self._unsent:
            try:
                sent = os.write(self._stdin.fileno(), self._unsent)
            except BlockingIOError:
                self._full_since = self._full_since or time.monotonic()
                return
            except OSError:
                # It has ended, which its other pipe tells.
                return
            self._fed += sent
            self._full_since = None
            del self._unsent[:sent]

    def told(self) -> Iterator[dict[str, Any]]:
        """Give what it told since; EOFError once it is gone."""
        try:
            data = os.read(self._stdout.fileno(), READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            raise EOFError
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._alive_at = time.monotonic()
            message: dict[str, Any] = json.loads(line)
            self.is_ready = self.is_ready or "ready" in message
            yield message

    @property
    def is_hung(self) -> bool:
        """Tell whether it should have said something for long."""
        now = time.monotonic()
        if not self.is_ready:
            return now - self._began > LOAD_SECONDS
        if self._full_since is None:
            return False
        return now - max(self._full_since, self._alive_at) > HUNG_SECONDS

    def kill(self) -> None:
        """End it at once, with all that it heard."""
        self._process.kill()
        self._process.wait()
        self._unsent.clear()
        self._received = b""
        for pipe in (self._stdin, self._stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                continue

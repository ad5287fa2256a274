# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes captions of a call: sound from the telephone, words to the page, one engine a call.

A call is a connection on the Unix socket: a line that says what comes, then sound. When it ends,
the engine is killed and what was written is gone, in this process and on the screen.
"""

import json
import selectors
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sip_endpoints.captions.engine_process import SAMPLE_BYTES, EngineProcess
from sip_endpoints.captions.models import CaptionsFault, find_model
from sip_endpoints.captions.page_stream import Board
from sip_endpoints.captions.transcript import Shown, State, Transcript
from sip_endpoints.log import Log

log = Log(__name__)

TURN_SECONDS = 0.2
READ_BYTES = 1 << 16
HEADER_BYTES = 1024
RATES = (16000, 48000)
# What one engine could not do another may, but not for ever.
STARTS, AGAIN_SECONDS = 3, 5.0
# So long the screen says that sentences are missing.
LATE_SECONDS = 6.0


class CallSound:
    """The telephone's connection: what it said of the call, and its sound since."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._header = self._half = b""
        self.about: dict[str, Any] | None = None

    def fileno(self) -> int:
        """Give what becomes readable when there is sound."""
        return self._connection.fileno()

    def read(self) -> bytes:
        """Give new samples, perhaps none; EOFError when the call is over or speaks nonsense."""
        try:
            data = self._connection.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise EOFError from error
        if not data:
            raise EOFError
        if self.about is not None:
            return self._whole(data)
        self._header += data
        line, end, sound = self._header.partition(b"\n")
        if not end:
            if len(self._header) > HEADER_BYTES:
                raise EOFError
            return b""
        self.about, self._header = _about(line), b""
        return self._whole(sound)

    def _whole(self, data: bytes) -> bytes:
        sound = self._half + data
        end = len(sound) - len(sound) % SAMPLE_BYTES
        self._half = sound[end:]
        return sound[:end]

    def close(self) -> None:
        """Hang up on the telephone."""
        self._connection.close()


def _about(line: bytes) -> dict[str, Any]:
    try:
        about = json.loads(line)
        if isinstance(about["language"], str) and about["rate"] in RATES:
            return dict(about)
    except (ValueError, TypeError, KeyError) as error:
        raise EOFError from error
    raise EOFError


class CaptionsService:
    """The one call of the kiosk, from its first sound to its end."""

    def __init__(self, listener: socket.socket, folder: Path, board: Board) -> None:
        self._listener = listener
        self._folder = folder
        self._board = board
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._sound: CallSound | None = None
        self._engine: EngineProcess | None = None
        self._transcript = Transcript()
        self._starts = 0
        self._start_at = 0.0
        self._is_stopped = False

    @property
    def engine_pid(self) -> int | None:
        """Give the number of the engine's process, where one runs."""
        return self._engine.pid if self._engine else None

    def run(self, is_over: Callable[[], bool]) -> None:
        """Serve until asked to stop."""
        try:
            while not is_over():
                self.turn(TURN_SECONDS)
        finally:
            self._end()
            self._selector.close()

    def turn(self, timeout_seconds: float) -> None:
        """Do what there is to do, or wait for it."""
        for key, _ in self._selector.select(timeout_seconds):
            key.data()
        if self._sound is not None and self._sound.about is not None:
            self._tend(self._sound.about)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        # A telephone that began anew has one call at most, and that is it.
        self._end()
        self._sound = CallSound(connection)
        self._selector.register(self._sound, selectors.EVENT_READ, self._read_sound)

    def _read_sound(self) -> None:
        assert self._sound is not None
        try:
            sound = self._sound.read()
        except EOFError:
            self._end()
            return
        if self._engine is not None and sound:
            self._engine.feed(sound)

    def _tend(self, about: dict[str, Any]) -> None:
        engine, now = self._engine, time.monotonic()
        if engine is None:
            if self._starts < STARTS and now >= self._start_at:
                self._start(about)
        elif engine.is_hung:
            self._give_up("the engine hangs")
        else:
            engine.flush()
        self._show()

    def _start(self, about: dict[str, Any]) -> None:
        self._starts += 1
        try:
            find_model(self._folder, about["language"])
            self._engine = EngineProcess(self._folder, about["language"], about["rate"])
        except CaptionsFault as fault:
            # Nobody waits for captions in a language for which there is no model.
            self._starts = STARTS
            log.warning("no captions", why=str(fault))
            return
        except OSError as error:
            self._give_up(f"the engine does not start: {error.strerror}")
            return
        self._selector.register(self._engine, selectors.EVENT_READ, self._read_engine)

    def _read_engine(self) -> None:
        assert self._engine is not None
        try:
            for message in self._engine.told():
                if "fault" in message:
                    self._starts = STARTS
                    log.warning("no captions", why=message["fault"])
                elif "ready" in message:
                    self._is_stopped = False
                    log.info("captions begin", seconds=message["ready"])
                elif "text" in message:
                    self._transcript.take(message["text"], is_final=message["final"])
        except (EOFError, OSError):
            self._give_up("the engine ended")
        except ValueError:
            self._give_up("the engine speaks nonsense")
        self._show()

    def _give_up(self, why: str) -> None:
        """Leave the engine, and have another try a little later."""
        log.warning("captions stopped", why=why, starts=self._starts)
        # What nobody has read does not have to be said to have ended.
        self._is_stopped |= self._engine is not None and self._engine.is_ready
        self._end_engine()
        self._transcript.clear()
        self._start_at = time.monotonic() + AGAIN_SECONDS

    def _show(self) -> None:
        engine, about = self._engine, self._sound and self._sound.about
        if not about:
            self._board.show(Shown())
        elif engine is not None and engine.is_ready:
            dropped = engine.dropped_at
            is_late = dropped is not None and time.monotonic() - dropped < LATE_SECONDS
            state = State.LATE if is_late else State.ON
            self._board.show(Shown(state, about["language"], self._transcript.lines))
        else:
            state = State.STOPPED if self._is_stopped else State.OFF
            self._board.show(Shown(state, about["language"]))

    def _end(self) -> None:
        """Forget the call: its sound, its engine, its words."""
        if self._sound is not None:
            self._selector.unregister(self._sound)
            self._sound.close()
            self._sound = None
        self._end_engine()
        self._transcript.clear()
        self._starts, self._start_at, self._is_stopped = 0, 0.0, False
        self._show()

    def _end_engine(self) -> None:
        if self._engine is not None:
            self._selector.unregister(self._engine)
            self._engine.kill()
            self._engine = None

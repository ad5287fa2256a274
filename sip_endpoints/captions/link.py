# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone's end: the counsellor's voice alone, from the sound bridge to the captions.

The captions' process may be slow, absent or killed: nothing here waits, and what is not taken
is dropped. The sound goes through a pipe that has a name for the moment it is opened.
"""

import fcntl
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from sip_endpoints.call.phone import (
    CallGoneError,
    OrderRefusedError,
    Phone,
    PhoneError,
)
from sip_endpoints.call.record import CallRecord
from sip_endpoints.log import Log

log = Log(__name__)

AGAIN_SECONDS = 2.0
READ_BYTES, READS_AT_ONCE = 1 << 16, 4
# Two seconds of 48 kHz, in whole samples.
UNSENT_BYTES = 192_000
# What stands before the first sample of a WAV file.
HEAD_BYTES = 44
# F_SETPIPE_SZ of Linux: ten seconds, should this loop be held up.
SET_PIPE_SIZE, PIPE_BYTES = 1031, 1 << 20
PIPE = "counsellor.wav"
# In which counsellors speak to somebody who has an interpreter.
OWN_LANGUAGE = "fr"
# Whoever is written down is told so, in the call, before the first word.
TOLD = (
    "Une machine écrit ce que vous dites sur l'écran de l'usager. Rien n'en est gardé."
)


class CaptionsLink:
    """One call's captions; a source of the endpoint's loop."""

    def __init__(self, path: Path, phone: Phone) -> None:
        self._path = path
        self._phone = phone
        self._record: CallRecord | None = None
        self._socket: socket.socket | None = None
        self._pipe: int | None = None
        self._head = 0
        self._unsent = bytearray()
        self._next_try = 0.0
        self._is_told = False
        self._language = ""

    def begin(self, record: CallRecord, *, is_interpreted: bool = False) -> None:
        """Have captions from now on: the counsellor is there, and not the queue's music.

        Whom an interpreter is with speaks their own language, whatever the kiosk's is.
        """
        language = OWN_LANGUAGE if is_interpreted else record.language or OWN_LANGUAGE
        if self._record is not record:
            self.end()
            self._record, self._is_told = record, False
        elif language != self._language:
            self._next_try = 0.0
            self._leave()
        self._language = language

    def agree_media(self, call: int) -> None:
        """Listen to the streams that were agreed on anew."""
        if self._record is not None and self._record.call == call:
            self._leave()

    def end(self) -> None:
        """Hear nothing more, and keep nothing."""
        self._record, self._next_try = None, 0.0
        self._leave()

    def poll(self) -> None:
        """Bring what was said since to who writes it."""
        if self._record is None:
            return
        if self._socket is None and not self._join(self._record):
            return
        self._read()
        self._send()

    def status(self) -> dict[str, Any]:
        """Return what `status` shows."""
        return {"wanted": self._record is not None, "heard": self._socket is not None}

    def close(self) -> None:
        """Leave."""
        self.end()

    def _join(self, record: CallRecord) -> bool:
        now = time.monotonic()
        if now < self._next_try:
            return False
        self._next_try = now + AGAIN_SECONDS
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            return False
        self._socket = connection
        try:
            rate = self._listen(record.call)
        except (OSError, PhoneError) as error:
            log.warning("no sound for captions", why=str(error))
            self._leave()
            return False
        self._tell(record)
        about = {"language": self._language, "rate": rate}
        self._unsent += json.dumps(about).encode() + b"\n"
        return True

    def _tell(self, record: CallRecord) -> None:
        if self._is_told:
            return
        self._is_told = True
        try:
            self._phone.send_message(record.call, TOLD)
        except (CallGoneError, OrderRefusedError) as error:
            log.warning("counsellor not told of captions", why=str(error))

    def _listen(self, call: int) -> int:
        """Have the peer's sound come through a pipe of ours; give its rate."""
        name = self._path.parent / PIPE
        name.unlink(missing_ok=True)
        os.mkfifo(name, 0o600)
        try:
            self._pipe = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
            fcntl.fcntl(self._pipe, SET_PIPE_SIZE, PIPE_BYTES)
            self._head = HEAD_BYTES
            return self._phone.tap(call, name)
        finally:
            name.unlink()

    def _read(self) -> None:
        for _ in range(READS_AT_ONCE):
            if self._pipe is None:
                return
            try:
                data = os.read(self._pipe, READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                # The stack has let go of it: the next try finds out why.
                self._leave()
                return
            skipped = min(self._head, len(data))
            self._head -= skipped
            if len(self._unsent) + len(data) <= UNSENT_BYTES:
                self._unsent += data[skipped:]

    def _send(self) -> None:
        while self._socket is not None and self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                return
            except OSError:
                self._leave()
                return
            del self._unsent[:sent]

    def _leave(self) -> None:
        if self._pipe is not None:
            self._phone.untap()
            os.close(self._pipe)
            self._pipe = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._unsent.clear()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: what one peer says, written to a pipe that somebody reads."""

import fcntl
import os
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import TapError

OPEN_FILES = Path("/proc/self/fd")


class VoiceTap:
    """One tap at a time; belongs to the stack's one thread."""

    def __init__(self) -> None:
        self._recorder: pj.AudioMediaRecorder | None = None

    def begin(self, call: pj.Call, pipe: Path) -> int:
        """Write what the call's peer says to a pipe that is open for reading; give the rate.

        16 bits, one channel, after the head of a WAV file. Raises TapError.
        """
        self.end()
        recorder = pj.AudioMediaRecorder()
        try:
            voice = call.getAudioMedia(-1)
            recorder.createRecorder(str(pipe))
            _never_wait(pipe)
            rate = int(recorder.getPortInfo().format.clockRate)
            voice.startTransmit(recorder)
        except pj.Error as error:
            raise TapError(f"the voice is not tapped: {error.reason}") from error
        except OSError as error:
            raise TapError(f"the voice is not tapped: {error.strerror}") from error
        self._recorder = recorder
        return rate

    def end(self) -> None:
        """Write no more; the recorder goes here, on the owner thread, and takes its port."""
        self._recorder = None


def _never_wait(pipe: Path) -> None:
    """Have the sound's own thread drop what a full pipe does not take: it carries the call."""
    for each in OPEN_FILES.iterdir():
        try:
            is_pipe = each.readlink() == pipe
            flags = fcntl.fcntl(int(each.name), fcntl.F_GETFL) if is_pipe else 0
        except OSError:
            continue
        if is_pipe and flags & os.O_ACCMODE == os.O_WRONLY:
            fcntl.fcntl(int(each.name), fcntl.F_SETFL, flags | os.O_NONBLOCK)
            return
    raise TapError("the voice is not tapped: its pipe was not opened")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: a call outlives its sound server, and has its sound back."""

import os
import time
from collections.abc import Mapping

import pjsua2 as pj

from sip_endpoints.log import Log
from sip_endpoints.pjsua.callbacks import PjsuaCall
from sip_endpoints.pjsua.joined_sound import join_room
from sip_endpoints.pjsua.sound_server import (
    Change,
    SoundServer,
    is_plugin_used,
    sound_socket,
)
from sip_endpoints.settings import NULL_AUDIO

log = Log(__name__)

DEFAULT_DEVICE = -1


class KeptSound:
    """Silence in the place of a sound server that ended, until it answers again."""

    def __init__(self, calls: Mapping[int, PjsuaCall]) -> None:
        self._calls = calls
        self._server: SoundServer | None = None

    def begin(self, audio: str) -> None:
        """Begin to look, where the sound that was found goes through such a server."""
        path = sound_socket(os.environ)
        if audio != NULL_AUDIO and path is not None and is_plugin_used():
            self._server = SoundServer(path)

    def tend(self, now: float) -> None:
        """Look; on the owner thread."""
        if self._server is None:
            return
        match self._server.look(now):
            case Change.LOST:
                log.warning("the sound server ended: silence until it is back")
                self._be_silent()
            case Change.BACK:
                self._open_again(self._server)

    def end(self) -> None:
        """Look no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _be_silent(self) -> None:
        """Go on by a clock of the stack's own, also for a call that begins meanwhile."""
        try:
            pj.Endpoint.instance().audDevManager().setNullDev()
        except pj.Error as error:
            log.warning("the sound is not closed", reason=error.reason)

    def _open_again(self, server: SoundServer) -> None:
        """Choose the devices again; what opens them is a call that is joined to the room."""
        devices = pj.Endpoint.instance().audDevManager()
        try:
            # Closed first: to choose while a clock runs would open them, also between calls.
            devices.setNoDev()
            devices.setCaptureDev(DEFAULT_DEVICE)
            for call in self._calls.values():
                if not call.is_apart:
                    join_room(call)
        except pj.Error as error:
            log.warning("the sound does not open yet", reason=error.reason)
            self._be_silent()
            server.wait_again(time.monotonic())
        else:
            log.info("the sound server is back")

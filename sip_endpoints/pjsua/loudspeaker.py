# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: recordings played on the telephone's own loudspeaker."""

import time
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import PromptError

# Until the sound card has played what the bridge gave it.
TAIL_SECONDS = 0.5


class Loudspeaker:
    """Plays one recording at a time; belongs to the stack's one thread."""

    def __init__(self) -> None:
        self._player: pj.AudioMediaPlayer | None = None
        self._ends_at = 0.0

    def play(self, endpoint: pj.Endpoint, file: Path) -> None:
        """Play a WAV file instead of one that still plays; raise PromptError."""
        self.end()
        player = pj.AudioMediaPlayer()
        try:
            player.createPlayer(str(file), pj.PJMEDIA_FILE_NO_LOOP)
            found = player.getInfo()
            rate = player.getPortInfo().format.clockRate
            player.startTransmit(endpoint.audDevManager().getPlaybackDevMedia())
        except pj.Error as error:
            raise PromptError(f"{file.name}: {error.reason}") from error
        self._player = player
        seconds = found.sizeSamples / max(rate, 1)
        self._ends_at = time.monotonic() + seconds + TAIL_SECONDS

    def end_if_over(self, now: float) -> None:
        """Let go of a recording that has been played."""
        if self._player is not None and now >= self._ends_at:
            self.end()

    def end(self) -> None:
        """Be silent; the player goes here, on the owner thread, and takes its port."""
        self._player = None

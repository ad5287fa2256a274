# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: recordings played on the telephone's own loudspeaker."""

import time
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import PromptError

# Until the sound card has played what the bridge gave it.
TAIL_SECONDS = 0.5
# That a recording has come to its end is told to its player by another thread of pjproject's,
# a moment later; where the player is gone by then, the telephone goes with it (seen).
# Sooner than pjsua closes a card that nobody uses: a port is taken while it runs.
TOLD_WITHIN_SECONDS = 0.5
# pjsua has 32 players.
MOST_SILENT = 16
# Of that, what a telephone that ends waits for.
CLOSING_SECONDS = 0.1


class Loudspeaker:
    """Plays one recording at a time; belongs to the stack's one thread."""

    def __init__(self) -> None:
        self._player: pj.AudioMediaPlayer | None = None
        self._card: pj.AudioMedia | None = None
        self._ends_at = 0.0
        # Those that are silent, and when each may go.
        self._silent: list[tuple[float, pj.AudioMediaPlayer]] = []

    def play(self, endpoint: pj.Endpoint, file: Path) -> None:
        """Play a WAV file instead of one that still plays; raise PromptError."""
        self.end()
        player = pj.AudioMediaPlayer()
        try:
            player.createPlayer(str(file), pj.PJMEDIA_FILE_NO_LOOP)
            found = player.getInfo()
            rate = player.getPortInfo().format.clockRate
            card = endpoint.audDevManager().getPlaybackDevMedia()
            player.startTransmit(card)
        except pj.Error as error:
            raise PromptError(f"{file.name}: {error.reason}") from error
        self._player, self._card = player, card
        seconds = found.sizeSamples / max(rate, 1)
        self._ends_at = time.monotonic() + seconds + TAIL_SECONDS

    def end_if_over(self, now: float) -> None:
        """Let go of a recording that has been played, and of players that may go."""
        if self._player is not None and now >= self._ends_at:
            self.end()
        while self._silent and now >= self._silent[0][0]:
            self._silent.pop(0)

    def end(self) -> None:
        """Be silent; the player goes on the owner thread, later where it was broken off."""
        now = time.monotonic()
        player, self._player = self._player, None
        if player is None or now >= self._ends_at:
            return
        try:
            player.stopTransmit(self._card)
        except pj.Error:
            # The card has gone, and its port with it: it is silent.
            pass
        self._silent.append((now + TOLD_WITHIN_SECONDS, player))
        del self._silent[:-MOST_SILENT]

    def close(self) -> None:
        """Let go of all: the stack is about to end."""
        self.end()
        if self._silent:
            time.sleep(CLOSING_SECONDS)
        self._silent.clear()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wipe as the running bridge drives it: asked for, told to the telephone, delivered."""

import threading
import time
from collections.abc import Callable
from typing import Any

from device_bridge.ledger.store import StoreError
from device_bridge.wiping.companion import Broadcast, ScreenCompanion
from device_bridge.wiping.traces import Cause, Part
from device_bridge.wiping.wiper import Standing, Wiper, WipeState

# The telephone reads what it is told between two turns of its loop, some 20 ms each.
TELEPHONE_HEARS_SECONDS = 0.1


class Wiping:
    """`deliver` and `told` belong to any thread, all else to that of the link."""

    def __init__(
        self,
        wiper: Wiper,
        broadcast: Broadcast,
        call_lock: threading.RLock,
        post_proofs: Callable[[], None],
    ) -> None:
        self._wiper = wiper
        self._broadcast = broadcast
        self._call_lock = call_lock
        self._post_proofs = post_proofs
        self._screen = ScreenCompanion(wiper, broadcast)
        self._told = Standing(WipeState.CLEAN)
        # For whom the telephone holds the kiosk, as it was told last, and when that was.
        self._held_for: int | None = None
        self._said_at = -TELEPHONE_HEARS_SECONDS

    def turn(self, news: bool = False) -> bool:
        """Do what time asks for; tell whether how the kiosk stands has changed.

        With `news` the telephone may not know for whom the kiosk is held.
        """
        self._screen.turn()
        standing = self.standing()
        has_changed, before = standing != self._told, self._told.held_for
        self._told = standing
        if news or standing.held_for != before:
            self._say(standing.held_for)
        return has_changed

    def take(self, message: dict[str, Any]) -> bool:
        """Take the screen's word; tell whether there is something to do now."""
        return self._screen.take(message)

    def standing(self) -> Standing:
        """Tell how the kiosk stands; one that cannot read its own disk is not proven."""
        try:
            return self._wiper.standing()
        except StoreError:
            failure = (Part.LEDGER, Cause.INTERNAL)
            return Standing(WipeState.FAILED, None, (failure,))

    def told(self) -> dict[str, Any]:
        """Give what the server is told: that the kiosk is free once the telephone knows it."""
        standing, held_for = self.standing(), self._held_for
        if standing.held_for is None and not self._lets_the_next_one_in():
            standing = Standing(WipeState.WIPING, held_for)
        return {
            "state": standing.state.value,
            "appointment": standing.appointment,
            "failures": [f"{part}:{cause}" for part, cause in standing.failures],
        }

    def deliver(self) -> None:
        """Wipe what may be wiped and post the proofs; raises NotWiped and ServerErrors."""
        try:
            with self._call_lock:
                self._wiper.wipe()
            self._let_the_next_one_in()
        finally:
            self._post_proofs()

    def _let_the_next_one_in(self) -> None:
        """Tell the telephone first: with the proof the server calls whoever waits, at once."""
        if self.standing().held_for is None:
            self._say(None)
            time.sleep(TELEPHONE_HEARS_SECONDS)

    def _say(self, held_for: int | None) -> None:
        self._broadcast({"held_for": held_for})
        if held_for is None and self._held_for is not None:
            self._said_at = time.monotonic()
        self._held_for = held_for

    def _lets_the_next_one_in(self) -> bool:
        has_heard = time.monotonic() - self._said_at >= TELEPHONE_HEARS_SECONDS
        return self._held_for is None and has_heard

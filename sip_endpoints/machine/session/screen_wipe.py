# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wipes both screens after a call, as the bridge asks, and looks after it.

The browser is ended and begun anew: what it held in its memory, or had copied, is gone with
it. On the other screen the telephone's window must be closed.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from device_bridge.call.screen_link import ScreenLink
from device_bridge.wiping.traces import Cause, NotWiped, Part
from sip_endpoints.log import Log
from sip_endpoints.machine.session.browsing import Browser
from sip_endpoints.machine.session.outputs import SessionAway, Window
from sip_endpoints.machine.session.profile import Profile

log = Log(__name__)

# The good-bye is said to its end first; who comes next is not called before.
PAUSE_SECONDS = 8.0
# A browser's other processes end just after it.
END_SECONDS = 5.0
# Of SDL's windows, in which the telephone shows the counsellor.
PICTURE_TITLE = "pjmedia-SDL"


class Orders:
    """Says when a wipe that was asked for is due. Pure but for its clock."""

    def __init__(
        self, pause_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._order: str | None = None
        self._heard_at = 0.0

    def due(self, order: str | None) -> str | None:
        """Give the order once its pause is over; one that is asked again waits no more."""
        if order != self._order:
            if order is not None:
                self._heard_at = self._clock()
            self._order = order
        if order is None or self._clock() - self._heard_at < self._pause_seconds:
            return None
        return order


class ScreenWipe:
    """What is done once the browser has ended."""

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        windows: Callable[[], list[Window]],
        processes: Callable[[Path], list[int]],
        engine: Path | None = None,
    ) -> None:
        self._profile = profile
        self._folder = folder
        self._windows = windows
        self._processes = processes
        # What heard the counsellor, as its command line names it.
        self._engine = engine

    def wipe(self, *, is_after_call: bool = False) -> int:
        """Empty the profile, look after it, and give how many files there were.

        After a call nobody hears it any more either: the engine of its captions is ended too.
        Raises NotWiped, also where the counsellor's picture still stands on the first screen.
        """
        self._end_processes(self._folder)
        if is_after_call and self._engine is not None:
            self._end_processes(self._engine)
        found = self._profile.wipe()
        self._profile.look_after()
        try:
            titles = [each.title for each in self._windows()]
        except SessionAway:
            # No session, no window.
            titles = []
        if any(title.startswith(PICTURE_TITLE) for title in titles):
            raise NotWiped(Part.SCREEN, Cause.STILL_THERE, "a picture is still shown")
        return found

    def _end_processes(self, named: Path) -> None:
        """Wait for what is left of them, by force in the end; raises NotWiped."""
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if not self._processes(named):
                return
            time.sleep(0.05)
        end_by_force(self._processes(named))
        deadline = time.monotonic() + END_SECONDS
        while self._processes(named):
            if time.monotonic() > deadline:
                raise NotWiped(Part.SCREEN, Cause.STILL_THERE, f"{named} runs on")
            time.sleep(0.05)


def end_by_force(processes: Iterable[int]) -> None:
    """Kill what is left of a program."""
    for process in processes:
        log.warning("a process is ended by force", process=process)
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def processes_of(folder: Path) -> list[int]:
    """Give the processes whose command line names this: the browser and its own, an engine."""
    named, found = str(folder).encode(), []
    for each in Path("/proc").iterdir():
        if not each.name.isdigit() or int(each.name) == os.getpid():
            continue
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
        except OSError:
            # It has just ended, or is another user's.
            continue
        if any(named in word for word in words):
            found.append(int(each.name))
    return found


class AskedWipe:
    """Obeys the bridge: the browser is ended, all is wiped, and the answer sent."""

    def __init__(
        self,
        link: ScreenLink,
        orders: Orders,
        wipe: ScreenWipe,
    ) -> None:
        # What else has the browser begin anew.
        self.beside: Callable[[Browser], bool] = lambda _: False
        self._link = link
        self._orders = orders
        self._wipe = wipe

    def begin(self) -> None:
        """Wipe before the browser is opened for the first time: the plug may have been pulled."""
        try:
            self._wipe.wipe()
        except NotWiped as error:
            # The bridge asks for it too, and tells of it.
            log.error("screens not wiped", cause=str(error.cause), detail=str(error))

    def turn(self, browser: Browser) -> bool:
        """Wipe if it is asked for; tell whether the browser is to be opened anew."""
        self._link.poll()
        order = self._orders.due(self._link.order)
        if order is None:
            return self.beside(browser)
        browser.stop()
        try:
            found = self._wipe.wipe(is_after_call=True)
        except NotWiped as error:
            log.error("screens not wiped", cause=str(error.cause), detail=str(error))
            self._link.answer(order, 0, str(error.cause))
        else:
            log.info("screens wiped", found=found)
            self._link.answer(order, found)
        return True

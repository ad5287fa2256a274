# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps the second screen on the site: waits for it, names what is missing, comes back.

Chromium by itself stays on its own page of an error for up to half an hour.
"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from sip_endpoints.log import Log
from sip_endpoints.machine.server.faults import SiteUnreachable
from sip_endpoints.machine.session.outputs import SessionAway, Window
from sip_endpoints.machine.session.pulse import Pulse
from sip_endpoints.machine.session.start_page import waiting_page
from sip_endpoints.running import StopRequest

log = Log(__name__)

ASK_SECONDS = 2.0
LOOK_SECONDS = 10.0
STOP_SECONDS = 5.0
BROWSER = "chromium"


def browser_words(profile: Path, language: str) -> list[str]:
    """Give the command line of the kiosk's browser, but for the address."""
    return [
        BROWSER,
        "--kiosk",
        "--ozone-platform=wayland",
        f"--user-data-dir={profile}",
        f"--lang={language}",
        "--no-first-run",
        "--noerrdialogs",
        "--disable-session-crashed-bubble",
        # A key ring would ask for a password.
        "--password-store=basic",
        "--disable-features=Translate",
    ]


class Browser:
    """The browser's process; `close_windows` asks it to close as a person does."""

    def __init__(
        self,
        words: Sequence[str],
        environment: dict[str, str],
        close_windows: Callable[[], None],
        end_by_force: Callable[[], None] = lambda: None,
    ) -> None:
        """Take its words; `end_by_force` ends each of its processes, those that hang too."""
        self._end_by_force = end_by_force
        self._pulse: Pulse | None = None
        self._words = list(words)
        self._environment = environment
        self._close_windows = close_windows
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, address: str) -> None:
        """Open the browser at an address, instead of where it is.

        Not led there by another page: the site's cookie is SameSite=Strict, and would not be
        sent.
        """
        self.stop()
        pulse = self._pulse = Pulse()
        self._process = subprocess.Popen(
            pulse.words_around([*self._words, address]),
            env={**os.environ, **self._environment},
            pass_fds=pulse.theirs,
        )
        pulse.leave_theirs()

    @property
    def is_running(self) -> bool:
        """Say whether it is still there."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_alive(self) -> bool:
        """Say whether its page answers; one that was never opened has nothing to answer."""
        return self._pulse is None or self._pulse.look()

    @property
    def address(self) -> str:
        """Give where its page is; empty where nobody knows."""
        return self._pulse.address if self._pulse is not None else ""

    @property
    def wants_help(self) -> bool | None:
        """Say whether its page has a wish for help to be told; None: it does not say."""
        return self._pulse.wants_help if self._pulse is not None else None

    def kill(self) -> None:
        """End it at once: one that hangs closes no window."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._end_by_force()
        self._leave_pulse()

    def _leave_pulse(self) -> None:
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.close()

    def stop(self) -> None:
        """Close it, by force if need be.

        A browser whose windows are closed keeps the cookie that lets it in; one that gets
        SIGTERM loses what came in the last half minute.
        """
        if self._process is None:
            return
        try:
            self._close_windows()
            self._process.wait(STOP_SECONDS)
        except (SessionAway, subprocess.TimeoutExpired):
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._leave_pulse()


class Wiping(Protocol):
    """What has the browser leave nothing of an appointment."""

    def turn(self, browser: Browser) -> bool:
        """Wipe if it is asked for; tell whether the browser is to be opened anew."""


class Look(Protocol):
    """What is looked after meanwhile; quick, and says by itself when it is time."""

    def look(self) -> None:
        """Look once."""


class Wish(Protocol):
    """A wish for help, kept while one page follows another."""

    def hear(self, is_wanted: bool | None) -> None:
        """Take what the page says of it."""

    def to(self, address: str) -> str:
        """Give the address of a page that is to be given it."""


class Screen:
    """The second screen from its start to its end."""

    def __init__(
        self,
        browser: Browser,
        page: Path,
        address: str,
        host: str,
        language: str,
        knock: Callable[[], object],
        windows: Callable[[], list[Window]],
        wiping: Wiping | None = None,
        completed: Callable[[str], str] = str,
        beside: Sequence[Look] = (),
        wish: Wish | None = None,
    ) -> None:
        self._wish = wish
        self._wiping = wiping
        self._beside = beside
        self._browser = browser
        self._page = page
        self._address = address
        # Adds to the address what only this machine knows, each time it is opened.
        self._completed = completed
        self._host = host
        self._language = language
        self._knock = knock
        self._windows = windows
        self._is_shown = False
        self._is_waiting = False

    def run(self, stop: StopRequest) -> bool:
        """Show the site until asked to stop; False when the browser ended by itself."""
        next_at = 0.0
        try:
            while not stop.is_made:
                if self._wiping is not None and self._wiping.turn(self._browser):
                    # What is opened now has never seen the last appointment.
                    self._is_shown = self._is_waiting = False
                    next_at = 0.0
                for each in self._beside:
                    each.look()
                if time.monotonic() >= next_at:
                    next_at = time.monotonic() + self.turn()
                if not self._browser.is_running:
                    return False
                is_alive = self._browser.is_alive
                if self._wish is not None:
                    self._wish.hear(self._browser.wants_help)
                if not is_alive:
                    log.error("the page answers no more: the browser begins anew")
                    self._browser.kill()
                    self._is_shown = self._is_waiting = False
                    next_at = 0.0
                    continue
                time.sleep(0.2)
        finally:
            self._browser.stop()
        return True

    def turn(self) -> float:
        """Look once; give how many seconds to wait until the next look."""
        if self._is_shown and not self._is_lost():
            return LOOK_SECONDS
        self._is_shown = False
        try:
            self._knock()
        except SiteUnreachable as fault:
            self._wait(fault)
            return ASK_SECONDS
        self._open(self._completed(self._address))
        self._is_shown, self._is_waiting = True, False
        return LOOK_SECONDS

    def _wait(self, fault: SiteUnreachable) -> None:
        """Show what is waited for; the page reads itself again."""
        page = waiting_page(fault, self._host, self._language)
        self._page.write_text(page, encoding="utf-8")
        if not self._is_waiting:
            self._open(f"file://{self._page}")
            self._is_waiting = True

    def _open(self, address: str) -> None:
        self._browser.open(self._wish.to(address) if self._wish else address)

    def _is_lost(self) -> bool:
        """Say whether the browser shows its own page of an error: titled by the host alone."""
        try:
            titles = [each.title for each in self._windows()]
        except SessionAway:
            return False
        return any(each.partition(" - ")[0] == self._host for each in titles)

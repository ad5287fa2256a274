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

from sip_endpoints.machine.server.faults import SiteUnreachable
from sip_endpoints.machine.session.outputs import SessionAway, Window
from sip_endpoints.machine.session.start_page import waiting_page
from sip_endpoints.running import StopRequest

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
    ) -> None:
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
        self._process = subprocess.Popen(
            [*self._words, address], env={**os.environ, **self._environment}
        )

    @property
    def is_running(self) -> bool:
        """Say whether it is still there."""
        return self._process is not None and self._process.poll() is None

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
            self._process.kill()
            self._process.wait()


class Wiping(Protocol):
    """What has the browser leave nothing of an appointment."""

    def turn(self, browser: Browser) -> bool:
        """Wipe if it is asked for; tell whether the browser is to be opened anew."""


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
    ) -> None:
        self._wiping = wiping
        self._browser = browser
        self._page = page
        self._address = address
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
                if time.monotonic() >= next_at:
                    next_at = time.monotonic() + self.turn()
                if not self._browser.is_running:
                    return False
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
        self._browser.open(self._address)
        self._is_shown, self._is_waiting = True, False
        return LOOK_SECONDS

    def _wait(self, fault: SiteUnreachable) -> None:
        """Show what is waited for; the page reads itself again."""
        page = waiting_page(fault, self._host, self._language)
        self._page.write_text(page, encoding="utf-8")
        if not self._is_waiting:
            self._browser.open(f"file://{self._page}")
            self._is_waiting = True

    def _is_lost(self) -> bool:
        """Say whether the browser shows its own page of an error: titled by the host alone."""
        try:
            titles = [each.title for each in self._windows()]
        except SessionAway:
            return False
        return any(each.partition(" - ")[0] == self._host for each in titles)

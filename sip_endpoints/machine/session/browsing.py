# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps the second screen on the site: waits for it, names what is missing, comes back.

Chromium by itself stays on its own page of an error for up to half an hour.
"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sip_endpoints.machine.server.faults import SiteUnreachable
from sip_endpoints.machine.session.outputs import SessionAway, Window
from sip_endpoints.machine.session.start_page import leading_page, waiting_page
from sip_endpoints.running import StopRequest

ASK_SECONDS = 2.0
LOOK_SECONDS = 10.0
STOP_SECONDS = 5.0
BROWSER = "chromium"


def browser_words(profile: Path, page: Path, language: str) -> list[str]:
    """Give the command line of the kiosk's browser."""
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
        f"file://{page}",
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

    def start(self) -> None:
        """Open the browser."""
        self._process = subprocess.Popen(
            self._words, env={**os.environ, **self._environment}
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


class Screen:
    """The second screen from its start to its end."""

    def __init__(
        self,
        browser: Browser,
        page: Path,
        address: str,
        host: str,
        knock: Callable[[], object],
        windows: Callable[[], list[Window]],
    ) -> None:
        self._browser = browser
        self._page = page
        self._address = address
        self._host = host
        self._knock = knock
        self._windows = windows
        self._is_shown = False

    def run(self, stop: StopRequest) -> bool:
        """Show the site until asked to stop; False when the browser ended by itself."""
        self._page.write_text(waiting_page(""), encoding="utf-8")
        self._browser.start()
        next_at = 0.0
        try:
            while not stop.is_made:
                if not self._browser.is_running:
                    return False
                if time.monotonic() >= next_at:
                    next_at = time.monotonic() + self.turn()
                time.sleep(0.2)
        finally:
            self._browser.stop()
        return True

    def turn(self) -> float:
        """Look once; give how many seconds to wait until the next look."""
        if self._is_shown and not self._is_lost():
            return LOOK_SECONDS
        if self._is_shown:
            self._is_shown = False
            self._page.write_text(waiting_page(""), encoding="utf-8")
            self._browser.stop()
            self._browser.start()
        try:
            self._knock()
        except SiteUnreachable as fault:
            self._page.write_text(waiting_page(str(fault)), encoding="utf-8")
            return ASK_SECONDS
        self._page.write_text(leading_page(self._address), encoding="utf-8")
        self._is_shown = True
        return LOOK_SECONDS

    def _is_lost(self) -> bool:
        """Say whether the browser shows its own page of an error: titled by the host alone."""
        try:
            titles = [each.title for each in self._windows() if BROWSER in each.program]
        except SessionAway:
            return False
        return any(each.partition(" - ")[0] == self._host for each in titles)

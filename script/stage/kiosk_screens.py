# SPDX-License-Identifier: AGPL-3.0-or-later
"""Both screens of a kiosk of a stage: its telephone and its browser in a session, kept as pictures.

The telephone and the browser are started as their units of `guichet-kiosk` start them.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright

from sip_endpoints.machine.session.browsing import BROWSER, browser_words
from stage.kiosk_screen import screen_address
from stage.kiosk_session import CALL_WORKSPACE, PAGES_WORKSPACE, KioskSession
from stage.processes import Program, run_once
from stage.stack import Stage
from stage.waiting import wait_for

LIMIT_SECONDS = 60.0
# Chromium draws what its page has with the next pictures of the screen.
DRAWN_SECONDS = 0.6


class KioskScreens:
    """A context manager: inside it the session of one kiosk of a stage is there."""

    def __init__(self, stage: Stage, kiosk: str) -> None:
        self._stage = stage
        self._kiosk = kiosk
        self.session = KioskSession(stage.directory / "session")
        self._browser: Program | None = None
        self._playwright: Any = None

    def __enter__(self) -> Self:
        self.session.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._playwright is not None:
            self._playwright.stop()
        if self._browser is not None:
            self._browser.stop()
        self.session.program.stop()

    def draw_calls(self) -> None:
        """Have the kiosk's telephone draw its calls here, from its next start on."""
        environment = self.session.environment
        words = [f"{name}={value}" for name, value in environment.items()]
        self._stage.program(self._kiosk).run_behind(["env", *words])

    def open_pages(self, playwright: Any = None) -> Page:
        """Open the browser on the second screen; give its page.

        Of a thread's two playwrights one alone runs: `playwright` is the one that does.
        """
        port = self._stage.ports.spare[0]
        self._browser = Program(
            BROWSER,
            [
                *browser_words(self.session.directory / "browser", "fr"),
                # It is nobody's machine: root draws, and we look on.
                "--no-sandbox",
                f"--remote-debugging-port={port}",
                screen_address(self._stage, self._kiosk),
            ],
            directory=self._stage.directory,
            log=self._stage.directory / "log" / f"{BROWSER}.log",
            environment=self.session.environment | {"LANGUAGE": "fr"},
        )
        self._browser.start()
        if playwright is None:
            playwright = self._playwright = sync_playwright().start()
        chromium = playwright.chromium

        def page() -> Page | None:
            try:
                seen = chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            except BrowserError:
                return None
            found: list[Page] = [each for one in seen.contexts for each in one.pages]
            return found[0] if found else None

        return wait_for(page, "the browser's page", LIMIT_SECONDS, 0.5)

    def keep(self, folder: Path, name: str) -> list[Path]:
        """Keep what both screens show as pictures, named so and by the screen's number."""
        time.sleep(DRAWN_SECONDS)
        kept = []
        for number in (CALL_WORKSPACE, PAGES_WORKSPACE):
            path = folder / f"{name}-{number}.png"
            run_once(
                ["grim", "-o", self.session.output_of(number), str(path)],
                directory=self._stage.directory,
                environment=self.session.environment,
            )
            kept.append(path)
        return kept

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor at their desk in the browser: Chromium with a camera and a microphone of its own.

The camera is a picture that moves, the microphone a tone. Which of the two the browser gives
to the page is the test's to say.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from stage.chromium import CHROMIUM, CHROMIUM_ARGUMENTS
from stage.waiting import PATIENCE

# Notes what the page does, for `stage.browser_phone`.
WATCH = Path(__file__).with_name("desk_watch.js")
MEDIA_ARGUMENTS = (
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
BOTH = ("camera", "microphone")
DESK = "/bureau/appels"
LAPTOP = {"width": 1366, "height": 768}
TIMEOUT_MS = int(30_000 * PATIENCE)


class BrowserDesks:
    """One Chromium, of which each desk is a profile; a context manager."""

    def __init__(
        self, url: str, program: Path = CHROMIUM, arguments: Sequence[str] = ()
    ) -> None:
        self._url = url
        self._program, self._arguments = program, arguments

    def __enter__(self) -> "BrowserDesks":
        self.playwright = sync_playwright().start()
        self._browser = self.playwright.chromium.launch(
            executable_path=self._program,
            args=[*CHROMIUM_ARGUMENTS, *MEDIA_ARGUMENTS, *self._arguments],
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self.playwright.stop()

    def visit(self, devices: Sequence[str] = BOTH, **options: Any) -> Page:
        """Give an empty page of somebody without an account, in a browser of their own."""
        usual: dict[str, Any] = {"locale": "fr-FR", "reduced_motion": "reduce"}
        usual |= {"base_url": self._url, "viewport": LAPTOP}
        context = self._browser.new_context(
            **usual | options, permissions=list(devices)
        )
        context.add_init_script(path=WATCH)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        return page

    def close_all(self) -> None:
        """Close every page, whoever it is."""
        for context in self._browser.contexts:
            context.close()

    def sign_in(
        self, email: str, password: str, devices: Sequence[str] = BOTH, **options: Any
    ) -> Page:
        """Give a page at the desk of whoever signed in, who was given these devices."""
        page = self.visit(devices, **options)
        page.goto("/connexion?next=" + DESK)
        page.fill("#email", email)
        page.fill("#password", password)
        page.locator("button[type=submit]").click()
        page.wait_for_url(f"**{DESK}")
        return page


def take_calls(page: Page) -> None:
    """Press the button and return once the telephone is registered."""
    page.locator("[data-act=open]").click()
    expect_state(page, "waiting")


def expect_state(page: Page, state: str) -> None:
    """Return once the desk shows this state of itself."""
    expect(page.locator("#call-desk")).to_have_attribute(
        "data-state", state, timeout=TIMEOUT_MS
    )


def pictures_seen(page: Page) -> int:
    """Count the kiosk's pictures that were drawn."""
    seen: int = page.evaluate(
        "document.getElementById('far-picture').getVideoPlaybackQuality().totalVideoFrames"
    )
    return seen

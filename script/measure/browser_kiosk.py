# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs Chromium with a bare JsSIP page as peer of a kiosk: SIP over WebSocket, DTLS-SRTP, ICE.

It answers every call by itself and sends Chromium's own test picture and tone, in our size and
rate. What it does on a thin line is the browser's: its congestion control needs reports that
Asterisk does not hand on, so each side of it bounds the picture by what it sees alone.
"""

import os
import tempfile
import tomllib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, Route, sync_playwright

from measure.baresip import Picture
from measure.bench_rows import REALM, allow_browser
from measure.private_network import ADDRESS
from stage.chromium import CHROMIUM, CHROMIUM_ARGUMENTS

# Camera and microphone are for pages of the machine itself, or behind TLS.
PAGE = "http://localhost/"
MEDIA_ARGUMENTS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # Asterisk cannot look up a name that only the browser's own network knows, and a page of
    # the loopback is not let to other addresses.
    "--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,"
    "LocalNetworkAccessChecksWebSockets",
)
_FOLDER = Path(__file__).parent
_JSSIP = _FOLDER.parents[1] / "booking_web/static/vendor/jssip/jssip.min.js"


class BrowserKiosk:
    """One Chromium, registered with a bundle; the caller's to stop."""

    def __init__(
        self,
        bundle: Path,
        database: Path,
        port: int,
        picture: Picture,
        *,
        behind: Sequence[str] = (),
        address: str = ADDRESS,
        ring_seconds: float = 0.0,
        playwright: Playwright | None = None,
    ) -> None:
        """Start it, behind a command that leads into its network.

        Asterisk is at `address`; it answers after so many seconds. One thread has one Playwright:
        whoever has it started already gives it.
        """
        sip = tomllib.loads(bundle.read_text())["sip"]
        self.slug = sip["user"]
        allow_browser(database, self.slug, sip["secret"])
        self._stack = ExitStack()
        try:
            self._page = self._open(
                playwright or self._stack.enter_context(sync_playwright()), behind
            )
            self._page.evaluate(
                "settings => start(settings)",
                {
                    "slug": self.slug,
                    "secret": sip["secret"],
                    "realm": REALM,
                    "server": address,
                    "socket": f"ws://{address}:{port}/ws",
                    "ringMs": 1000 * ring_seconds,
                    "picture": {
                        "width": picture.width,
                        "height": picture.height,
                        "rate": picture.frames_per_second,
                        "kilobits": picture.bitrate_kbps,
                    },
                },
            )
        except BaseException:
            self.stop()
            raise

    def call(self) -> dict[str, Any] | None:
        """Give what it counts in its call, as `Endpoint.call` does; None between calls."""
        told: dict[str, Any] | None = self._page.evaluate("counters()")
        return told

    def stop(self) -> None:
        """End it."""
        self._stack.close()

    def _open(self, playwright: Playwright, behind: Sequence[str]) -> Any:
        browser = playwright.chromium.launch(
            executable_path=chromium_behind(behind, self._stack),
            args=[*CHROMIUM_ARGUMENTS, *MEDIA_ARGUMENTS],
        )
        self._stack.callback(browser.close)
        page = browser.new_page(permissions=["camera", "microphone"])
        page.route(f"{PAGE}**", _serve)
        page.goto(PAGE)
        return page


def chromium_behind(behind: Sequence[str], stack: ExitStack) -> Path:
    """Give a program that is Chromium in the network of that command."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gb-"))
    program = Path(folder, "chromium")
    program.write_text(f'#!/bin/sh\nexec {" ".join(behind)} {CHROMIUM} "$@"\n')
    os.chmod(program, 0o700)
    return program


def _serve(route: Route) -> None:
    files = {
        "/": _FOLDER / "browser_kiosk.html",
        "/page.js": _FOLDER / "browser_kiosk.js",
        "/jssip.js": _JSSIP,
    }
    path = route.request.url.removeprefix(PAGE.rstrip("/"))
    if path in files:
        route.fulfill(path=files[path])
    else:
        route.fulfill(status=404)

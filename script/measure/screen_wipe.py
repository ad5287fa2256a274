# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.wipe: from the end of a call to the proof, at the server, that nothing is left.

A real bridge and a real browser with a profile; a scan and a print were made in the call.
"""

import tempfile
import threading
import time
from pathlib import Path

from device_bridge.call.screen_link import ScreenLink
from measure.rows import Figures
from sip_endpoints.machine.session.browsing import Browser
from sip_endpoints.machine.session.outputs import SessionAway
from sip_endpoints.machine.session.profile import Profile
from sip_endpoints.machine.session.screen_wipe import (
    PAUSE_SECONDS,
    AskedWipe,
    Orders,
    ScreenWipe,
    processes_of,
)
from stage.bridge import BridgeProgram, KioskEnd
from stage.kiosk_server import TOKEN, KioskServer
from stage.papers import form_pdf
from stage.waiting import wait_for

RUNS = 5
TURN_SECONDS = 0.2
LIMIT_SECONDS = 60.0
FIRST_APPOINTMENT = 41
HEADLESS = ("chromium", "--headless=new", "--no-sandbox", "--no-first-run")


class Screen:
    """The program of the second screen: it turns as `guichet-kiosk browse` does."""

    def __init__(self, folder: Path, socket: Path) -> None:
        self._profile, temporary = folder / "screen", folder / "screen-tmp"
        temporary.mkdir()
        words = [*HEADLESS, f"--user-data-dir={self._profile}"]
        self._browser = Browser(words, {"TMPDIR": str(temporary)}, _has_no_window)
        wipe = ScreenWipe(
            Profile(self._profile, temporary), self._profile, lambda: [], processes_of
        )
        self._link = ScreenLink(socket)
        self._asked = AskedWipe(self._link, Orders(0), wipe)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._thread.start()

    def open(self, address: str) -> None:
        """Open the browser and return once it has written into its profile."""
        self._browser.open(address)
        history = self._profile / "Default/History"
        wait_for(history.exists, "the browser keeps something", LIMIT_SECONDS)

    def close(self) -> None:
        """End all of it."""
        self._is_stopping.set()
        self._thread.join()
        self._browser.stop()
        self._link.close()

    def _turn(self) -> None:
        while not self._is_stopping.is_set():
            self._asked.turn(self._browser)
            time.sleep(TURN_SECONDS)


def measure() -> Figures:
    """Hold calls one after the other and wait for the proof of each."""
    seconds: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="guichet-wipe-") as name,
        KioskServer() as server,
    ):
        folder = Path(name)
        settings = {"printer": "virtual", "scanner": "virtual", "has_screen": True}
        settings |= {"server_url": server.url, "token": TOKEN, "place_seconds": 0}
        bridge = BridgeProgram(folder / "kiosk", settings)
        bridge.start()
        phone, screen = KioskEnd(bridge.socket), Screen(folder, bridge.socket)
        try:
            phone.wait_connected()
            server.documents[1] = form_pdf()
            for run in range(RUNS):
                seconds.append(
                    _one_call(server, phone, screen, FIRST_APPOINTMENT + run)
                )
        finally:
            screen.close()
            phone.close()
            bridge.stop()
    parts = ", ".join(server.wipes[-1]["looked_at"])
    return Figures(
        tuple(seconds),
        notes=(
            f"looked after: {parts}",
            f"the {PAUSE_SECONDS:.0f} s in which the good-bye is spoken are not in it",
        ),
    )


def _one_call(
    server: KioskServer, phone: KioskEnd, screen: Screen, appointment: int
) -> float:
    """Return the seconds from the end of a call to its proof."""
    ended, proofs = len(server.ended()), len(server.wipes)
    server.appointment = appointment
    phone.confirm(f"gv-{appointment}-1", appointment)
    screen.open(f"{server.url}/borne")
    for number, code in enumerate(("*11#", "*21#"), start=1):
        phone.key(code)
        _wait_ended(server, ended + number)
    server.appointment = None
    began = time.monotonic()
    phone.end()
    wait_for(
        lambda: len(server.wipes) > proofs, "proven", LIMIT_SECONDS, poll_seconds=0.01
    )
    return time.monotonic() - began


def _wait_ended(server: KioskServer, count: int) -> None:
    wait_for(lambda: len(server.ended()) >= count, f"{count} jobs end", LIMIT_SECONDS)


def _has_no_window() -> None:
    raise SessionAway("a browser without a screen is closed by a signal")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk of a stage with all its programs: session, telephone, bridge, browser on its screen.

What systemd does at a kiosk is done here by `wait`: what ended by itself is started anew.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import requests
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Playwright, sync_playwright

from provisioning.inventory.toml_text import to_toml
from sip_endpoints.machine.session.profile import COOKIES
from sip_endpoints.machine.system.places import Places
from stage.endpoint import Endpoint
from stage.files_below import files_below
from stage.kiosk_devices import KioskDevices
from stage.kiosk_screen import screen_address
from stage.kiosk_session import KioskSession
from stage.processes import Program
from stage.stack import Stage
from stage.waiting import wait_for

LIMIT_SECONDS = 30.0
# From a booking to both pictures, beside other work.
CALL_SECONDS = 60.0
# What the second screen shows: the scene, or what the page has for a server that is away.
SCENE = """() => {
  const isShown = (name) => document.getElementById(name)?.hidden === false;
  if (isShown("line-cut")) return "line_cut";
  const said = document.querySelector("main [data-said]")?.dataset.said;
  return said?.split(" ")[0] ?? document.body.id;
}"""


class Call:
    """A call that is up between a whole kiosk and a counsellor."""

    def __init__(
        self, whole: "WholeKiosk", counsellor: Endpoint, appointment: int
    ) -> None:
        self.appointment = appointment
        self._kiosk, self._counsellor = whole.telephone, counsellor

    def wait_both_ways(self) -> None:
        """Return once sound and picture came both ways from now on."""
        before = self._counts()
        wait_for(
            lambda: all(
                now > then + 3 for now, then in zip(self._counts(), before, strict=True)
            ),
            "sound and picture both ways",
            CALL_SECONDS,
            0.1,
        )

    def sound_lasts(self) -> float:
        """Give the seconds of the kiosk's call with sound that came; raise where it is over."""
        heard = (self._kiosk.call() or {})["audio"]["packets_received"]
        return float(heard) / 50

    def is_up(self) -> bool:
        """Tell whether it is up at both ends."""
        return bool(self._kiosk.call()) and bool(self._counsellor.call())

    def _counts(self) -> list[int]:
        counts = []
        for end in (self._kiosk, self._counsellor):
            call = end.call() or {}
            counts.append((call.get("audio") or {}).get("packets_received", 0))
            counts.append((call.get("video") or {}).get("frames_decoded", 0))
        return counts


class WholeKiosk:
    """A context manager: inside it all of the kiosk runs; its stage has devices and draws it."""

    def __init__(self, stage: Stage, slug: str) -> None:
        self.stage, self.slug = stage, slug
        self.session = KioskSession(stage.directory / "session")
        self.places = Places(stage.directory / "machine")
        self.devices: KioskDevices = stage.devices_of(slug)
        self.port = stage.ports.spare[0]
        self.screen = Program(
            "screen",
            [
                sys.executable,
                "-m",
                "stage.kiosk_browse",
                str(self.places.root),
                str(self.port),
            ],
            directory=stage.directory,
            log=stage.directory / "log" / "screen.log",
            environment={
                **self.session.environment,
                "PYTHONPATH": str(Path(__file__).parents[1]),
            },
        )
        self._playwright: Playwright | None = None

    def __enter__(self) -> Self:
        self._lay_out()
        self.session.start()
        environment = self.session.environment
        words = [f"{name}={value}" for name, value in environment.items()]
        self.stage.program(self.slug).run_behind(["env", *words])
        self.stage.start(self.slug, self.devices.name)
        self.screen.start()
        self._playwright = sync_playwright().start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._playwright is not None:
            self._playwright.stop()
        self.screen.stop()
        self.kill_browser()
        self.stage.stop(self.slug, self.devices.name)
        self.session.program.stop()

    def _lay_out(self) -> None:
        """Make the folders of an enrolled machine."""
        places = self.places
        for folder in (places.settings, places.home, places.runtime.parent):
            folder.mkdir(parents=True)
        places.runtime.symlink_to(self.session.runtime)
        places.bridge_socket.parent.mkdir()
        places.bridge_socket.symlink_to(self.devices.settings.socket)
        address = screen_address(self.stage, self.slug)
        media = {"camera": "colorbar", "audio": "null"}
        document = {"kiosk": {"screen_url": address}, "media": media}
        places.bundle.write_text(to_toml(document), encoding="utf-8")

    # What is seen

    @property
    def telephone(self) -> Endpoint:
        """Give the kiosk's telephone."""
        return self.stage.kiosk(self.slug)

    def is_settled(self) -> bool:
        """Tell whether the telephone is registered, and began no sooner than its session."""
        session, telephone = self.session.program, self.stage.program(self.slug)
        if not (session.is_running and telephone.is_running):
            return False
        began = [
            psutil.Process(each.pid).create_time() for each in (session, telephone)
        ]
        return began[0] <= began[1] and self.telephone.is_registered()

    def is_proven(self, appointment: int) -> bool:
        """Tell whether the journal has the proof that nothing of it is left."""
        return self.stage.journal_tells(appointment, "wiped")

    def page(self) -> dict[str, Any]:
        """Give the browser's page as its debugger lists it; empty where none answers."""
        try:
            told = requests.get(f"http://127.0.0.1:{self.port}/json", timeout=3).json()
        except (requests.RequestException, ValueError):
            return {}
        pages = [each for each in told if each.get("type") == "page"]
        return dict(pages[0]) if pages else {}

    def scene(self) -> str:
        """Give the scene that the second screen shows; empty where it shows none of ours."""
        return str(self.look(SCENE) or "")

    def look(self, script: str) -> Any:
        """Give what a script of ours says in the browser's page; None where there is none."""
        if self._playwright is None or not self.page():
            return None
        try:
            address = f"http://127.0.0.1:{self.port}"
            browser = self._playwright.chromium.connect_over_cdp(address, timeout=3000)
            try:
                pages = [each for one in browser.contexts for each in one.pages]
                return pages[0].evaluate(script) if pages else None
            finally:
                browser.close()
        except BrowserError:
            # It is being closed, or shows another page by now.
            return None

    def place_of(self, title: str) -> str:
        """Name the output on which a window of this title, or program, is seen whole."""
        for each in self.session.windows():
            name = f"{each['name']} {each.get('app_id')}"
            if title in name and each["visible"]:
                return self._output_at(each["rect"])
        return ""

    def _output_at(self, rect: dict[str, int]) -> str:
        for each in self.session.ask("get_outputs"):
            if each["rect"] == rect:
                return str(each["name"])
        return ""

    def browsers(self) -> list[int]:
        """Give the processes of the browser."""
        named, found = str(self.places.home / "screen").encode(), []
        for each in Path("/proc").iterdir():
            try:
                words = (each / "cmdline").read_bytes() if each.name.isdigit() else b""
            except OSError:
                continue
            if b"chrom" in words and named in words:
                found.append(int(each.name))
        return sorted(found)

    def renderers(self) -> list[psutil.Process]:
        """Give the processes that draw pages."""
        found = []
        for process in self.browsers():
            # Each that is named may be one that ends with its page.
            with suppress(psutil.Error):
                for child in psutil.Process(process).children(recursive=True):
                    if "--type=renderer" in child.cmdline() and child not in found:
                        found.append(child)
        return found

    # What is done to it

    def is_let_in(self) -> bool:
        """Tell whether what lets the screen in is safe from whatever ends its browser."""
        return (self.places.home / "screen-cookie").exists()

    def kill_browser(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to all processes of the browser."""
        for process in self.browsers():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue

    def pull_plug(self) -> None:
        """End all of it at once, as a power cut does."""
        ours = (
            self.screen,
            self.stage.program(self.slug),
            self.stage.program(self.devices.name),
            self.session.program,
        )
        for program in (*ours, self.devices.cups.cupsd):
            program.kill()
        self.devices.cups.unplug_printer()
        self.kill_browser()
        # What lies there is in memory.
        for each in self.session.runtime.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    def plug_in_again(self) -> None:
        """Have the power back: printer and CUPS begin, and `wait` starts the rest."""
        self.devices.cups.start_printer()
        self.devices.cups.start_cupsd()
        self.revive()

    def pages_kept_from_before(self, moment: float) -> list[str]:
        """Name what lies in the browser's profile since before then (seconds of the epoch).

        What lets the screen in does not count, nor what the browser removes meanwhile.
        """
        folder = self.places.home / "screen"
        found = []
        for each in set(files_below(folder)) - {folder / COOKIES}:
            with suppress(FileNotFoundError):
                if each.stat().st_mtime <= moment:
                    found.append(each.name)
        return sorted(found)

    def revive(self) -> None:
        """Start anew what ended by itself, as the units say."""
        if not self.session.program.is_running:
            self.session.start()
        for program in (
            self.screen,
            self.stage.program(self.slug),
            self.stage.program(self.devices.name),
        ):
            program.start()

    def wait(
        self,
        condition: Callable[[], Any],
        what: str,
        timeout_seconds: float = LIMIT_SECONDS,
    ) -> Any:
        """Wait for a condition, while what ends is started anew."""

        def holds() -> Any:
            self.revive()
            return condition()

        return wait_for(holds, what, timeout_seconds, 0.1)

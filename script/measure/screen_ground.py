# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's own session with both screens, in a call: what the rows of the screens stand on.

The session is the installed one's, in a headless sway that the processor draws. The counsellor is
our own telephone, which rings until it is told to answer; its picture is the virtual bars.
"""

import os
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from measure.bare_ami import BareAmi
from measure.bare_call import BareCall
from measure.baresip import Baresip
from measure.bench_system import PICTURE, BenchSystem
from measure.inventory import ANSWERED, FAR_COUNSELLOR, OUR_KIOSK
from sip_endpoints.machine.session.browsing import browser_words
from stage.endpoint import Endpoint
from stage.kiosk_session import (
    CALL_WORKSPACE,
    PAGES_WORKSPACE,
    KioskSession,
    missing_programs,
)
from stage.processes import Program
from stage.waiting import wait_for

CALL_SECONDS = 20.0
PAGES = ("web", "live", "front")
DRAWN = ("--display", "fullscreen")
# Of the bars the first one, which is white; the kiosk's own pictures are dark there.
BAR_X, BAR_Y = 60, 540
X11_DISPLAY = ":47"


@dataclass(frozen=True)
class Seen:
    """Where the first bar is to be seen."""

    x: int
    y: int
    workspace: str = CALL_WORKSPACE


class ScreensMissing(Exception):
    """What draws the screens is not installed; the text says what."""


class ScreenGround:
    """A context manager: inside it kiosk, peer and counsellor are registered and drawn."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._calls = 0

    def __enter__(self) -> "ScreenGround":
        if missing := missing_programs():
            raise ScreensMissing(f"not installed: {', '.join(missing)}")
        try:
            self._enter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _enter(self) -> None:
        self.system = self._stack.enter_context(BenchSystem())
        self.session = KioskSession(self.system.folder / "session")
        self._stack.enter_context(self.session)
        self.kiosk = self._endpoint(OUR_KIOSK, *DRAWN)
        self.far = self._endpoint(FAR_COUNSELLOR)
        for program in (self.kiosk.program, self.far.program):
            self._start(program)
        self.system.wait_registered(OUR_KIOSK, FAR_COUNSELLOR)
        self._ami = self._stack.enter_context(BareAmi(self.system.ami, events=True))

    def _endpoint(self, slug: str, *options: str) -> Endpoint:
        stage = self.system.stage
        return Endpoint(
            slug,
            stage.bundles / f"{slug}.toml",
            directory=stage.directory,
            options=options,
            environment={
                **self.session.environment,
                "GUICHET_COUNSELLOR_AUTO_ANSWER": "false",
            },
        )

    def _start(self, program: Program) -> None:
        self._stack.callback(program.stop)
        program.start()

    def start_bare_telephone(self, slug: str, *options: str) -> Program:
        """Start the peer, and return once it is registered."""
        directory = self.system.stage.directory
        bundle = self.system.stage.bundles / f"{slug}.toml"
        program = Program(
            f"bare-{slug}",
            [sys.executable, "-m", "measure.bare_telephone", str(bundle), *options],
            directory=directory,
            log=directory / "log" / f"bare-{slug}.log",
            environment=self.session.environment,
        )
        self._start(program)
        self.system.wait_registered(slug)
        return program

    def start_baresip(self, slug: str) -> None:
        """Start baresip with a window of its own on the second screen: an X11 server there.

        It has no other kind of window; the kiosk's own session has no X11.
        """
        server = Program(
            "xwayland",
            ["Xwayland", X11_DISPLAY, "-geometry", "1920x1080", "-noreset"],
            directory=self.session.directory,
            log=self.session.directory / "xwayland.log",
            environment=self.session.environment,
        )
        self._start(server)
        [window] = wait_for(self.session.windows, "the X11 server's window", 20, 0.1)
        self.session.order(
            f"[con_id={window['id']}] move to workspace number {PAGES_WORKSPACE}"
        )
        baresip = Baresip(
            self.system.softphone_bundle(slug),
            self.system.folder / "baresip",
            PICTURE,
            x11_display=X11_DISPLAY,
        )
        self._stack.callback(baresip.stop)
        self.system.wait_registered(slug)

    def start_pages(self) -> Program:
        """Start the site and the browser on the second screen, let in as at a relay."""
        stage = self.system.stage
        stage.start(*PAGES)
        bundle = (stage.bundles / f"{OUR_KIOSK}.toml").read_text(encoding="utf-8")
        address = tomllib.loads(bundle)["kiosk"]["screen_url"]
        words = browser_words(self.session.directory / "profile", "fr")
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = Program(
            "browser",
            [*words, *as_root, "--disable-gpu", address],
            directory=self.session.directory,
            log=self.session.directory / "browser.log",
            environment=self.session.environment,
        )
        self._start(browser)
        wait_for(self._has_pages, "the pages are on the second screen", 60, 0.2)
        return browser

    def _has_pages(self) -> bool:
        return any(
            str(window.get("app_id")).startswith("chromium")
            for window in self.session.windows()
        )

    @contextmanager
    def connected(self, kiosk: str) -> Iterator[None]:
        """Call a kiosk, and give the time in which a counsellor who answers alone is there."""
        self._calls += 1
        call = BareCall(self._calls, kiosk, ANSWERED)
        call.originate(self._ami)
        self._ami.wait(
            lambda told: told.is_event("AgentConnect", Uniqueid=call.channel_id),
            CALL_SECONDS,
        )
        yield
        call.hang_up(self._ami)

    @contextmanager
    def ringing(self, kiosk: str = OUR_KIOSK) -> Iterator[None]:
        """Call a kiosk, and give the time in which the counsellor's telephone rings."""
        self._calls += 1
        call = BareCall(self._calls, kiosk, ANSWERED)
        call.originate(self._ami)
        wait_for(lambda: self.far.call(), "it rings", CALL_SECONDS, 0.01)
        yield
        call.hang_up(self._ami)
        wait_for(lambda: self.far.call() is None, "the call is over", CALL_SECONDS)
        wait_for(lambda: not self._has_call(), "nobody is seen", CALL_SECONDS)

    def _has_call(self) -> bool:
        return any(
            str(window.get("name")).startswith("pjmedia")
            for window in self.session.windows()
        )

    def first_picture_ms(
        self, kiosk: str, ring_seconds: float, seen: Seen | None = None
    ) -> float:
        """Give the time from the counsellor's answer to their picture on a screen."""
        place = seen or Seen(BAR_X, BAR_Y)
        watch = self.session.colour_watch(place.x, place.y, workspace=place.workspace)
        with self.ringing(kiosk):
            time.sleep(ring_seconds)
            at = time.time()
            self.far.order("answer")
            return 1000 * (watch.wait(is_white, CALL_SECONDS) - at)


def is_white(colour: tuple[int, int, int]) -> bool:
    """Tell the first bar from all that is shown before."""
    return min(colour) > 200

# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.scene: something happens at the server -> the new scene's pixels on the second screen.

In a call, the devices tell in turn to lay a paper on the glass and that it is good. What is looked
at is the beginning of the sentence, on the second output of the kiosk's session. The peer is a
page of one sentence in a browser of its own on the other output, each in turn.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page
from sqlalchemy import select

from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.scenes import Scene
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.domain.kiosks.second_screen import show_cue
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from measure.bare_screen import BareScreen
from measure.rows import Figures
from sip_endpoints.machine.session.browsing import browser_words
from stage.kiosk_screens import KioskScreens
from stage.kiosk_session import CALL_WORKSPACE, PAGES_WORKSPACE, RegionWatch
from stage.processes import Program
from stage.scene_rows import book_now
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for

RUNS = 20
LIMIT_SECONDS = 20.0
CALL_SECONDS = 60.0
# All that moves by itself is over: the sentence stands.
SETTLE_SECONDS = 1.5
CUES = {
    Scene.LAY_ON_GLASS: ShownCue(Cue.PLACE_DOCUMENT, 0, 0),
    Scene.GOOD: ShownCue(Cue.SCAN_GOOD, 0, 0),
}
SENTENCES = ("Posez votre papier", "C'est bon")
WIDTH, HEIGHT = 600, 90
PEER_X, PEER_Y = 100, 200


def measure() -> Figures:
    """Change both in turn."""
    with tempfile.TemporaryDirectory(prefix="gs-") as name, ExitStack() as stack:
        stage = stack.enter_context(Stage(Path(name)))
        stage.prepare()
        screens = stack.enter_context(KioskScreens(stage, KIOSK))
        stage.start("asterisk", "web", "dispatcher", KIOSK, COUNSELLOR)
        peer = stack.enter_context(BareScreen())
        stack.enter_context(_peers_browser(stage, screens, peer.url))
        page = screens.open_pages()
        appointment = _in_call(stage)
        desk = _Desk(stage, appointment)
        stack.callback(desk.close)
        ours = _Side([partial(desk.tell, scene) for scene in CUES])
        ours.learn(screens.session.region_watch(PAGES_WORKSPACE, _place(page, desk)))
        theirs = _Side([partial(peer.show, words) for words in SENTENCES])
        place = PEER_X, PEER_Y, WIDTH, HEIGHT
        theirs.learn(screens.session.region_watch(CALL_WORKSPACE, place))
        pairs = [(ours.turn_ms(), theirs.turn_ms()) for _ in range(RUNS)]
    told, bare = zip(*pairs, strict=True)
    note = "; ".join(
        f"{name} median {median(each):.0f} ms, 95 of 100 at most {_p95(each):.0f} ms"
        for name, each in (("ours", told), ("peer", bare))
    )
    return Figures(tuple(told), tuple(bare), (note,))


class _Desk:
    """What the devices of the call tell, written as the bridge's reports are."""

    def __init__(self, stage: Stage, appointment: int) -> None:
        self._database = stage.database()
        self._appointment = appointment

    def tell(self, scene: Scene) -> None:
        """Have the scene change; return once it is committed."""
        with self._database.write() as session:
            its = session.get_one(Appointment, self._appointment)
            show_cue(session, its, CUES[scene], datetime.now(UTC))

    def close(self) -> None:
        """Give the connections back."""
        self._database.dispose()


class _Side:
    """Two pictures that follow each other on one screen."""

    def __init__(self, changes: list[Callable[[], None]]) -> None:
        self._changes = changes
        self._at = 0
        self._watch: RegionWatch
        self._known: list[str] = []

    def learn(self, watch: RegionWatch) -> None:
        """Learn how each looks once it stands."""
        self._watch = watch
        for change in self._changes:
            change()
            time.sleep(SETTLE_SECONDS)
            self._known.append(watch.look()[1])
        if len(set(self._known)) != len(self._known):
            raise LookupError("both look alike where they are looked at")
        self._at = len(self._known) - 1

    def turn_ms(self) -> float:
        """Give the time until the other one stands."""
        self._at = (self._at + 1) % len(self._known)
        began = time.time()
        self._changes[self._at]()
        seen = self._watch.wait(self._known[self._at], LIMIT_SECONDS)
        time.sleep(SETTLE_SECONDS)
        return 1000 * (seen - began)


@contextmanager
def _peers_browser(stage: Stage, screens: KioskScreens, url: str) -> Iterator[None]:
    """Show the peer's page where no call is drawn."""
    session = screens.session
    program = Program(
        "peer-browser",
        [*browser_words(session.directory / "peer", "fr"), "--no-sandbox", url],
        directory=stage.directory,
        log=stage.directory / "log" / "peer-browser.log",
        environment=session.environment | {"LANGUAGE": "fr"},
    )
    program.start()
    try:
        [window] = wait_for(session.windows, "the peer's page", LIMIT_SECONDS, 0.2)
        session.order(
            f"[con_id={window['id']}] move to workspace number {CALL_WORKSPACE}"
        )
        yield
    finally:
        program.stop()


def _in_call(stage: Stage) -> int:
    """Give the appointment of a call that is up."""
    database = stage.database()

    def found() -> int | None:
        with database.read() as session:
            its = Appointment.state == AppointmentState.IN_CALL
            return session.scalars(select(Appointment.id).where(its)).one_or_none()

    try:
        with database.write() as session:
            book_now(session, datetime.now(UTC))
        return wait_for(found, "they are in call", CALL_SECONDS, 0.2)
    finally:
        database.dispose()


def _place(page: Page, desk: _Desk) -> tuple[int, int, int, int]:
    """Give where both sentences begin."""
    lefts, tops = [], []
    for scene in CUES:
        desk.tell(scene)
        page.wait_for_selector(f'main [data-said^="{scene} "]', state="attached")
        box = page.locator("main h1:visible").last.bounding_box()
        if box is None:
            raise LookupError(f"{scene} has no sentence")
        lefts.append(int(box["x"]))
        tops.append(int(box["y"]))
    return min(lefts), min(tops), WIDTH, max(tops) - min(tops) + HEIGHT


def _p95(values: tuple[float, ...]) -> float:
    return quantiles(values, n=20)[-1]

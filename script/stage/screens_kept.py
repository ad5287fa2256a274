# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps a picture of every scene on both screens of a kiosk: `script/demo --check --screens DIR`.

A real call, from "somebody is expected" to "goodbye", with what its devices would tell and
its counsellor show. What is no part of a call (closed, cut, out of order) is written into the
database while the dispatcher rests, or is made so.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking_web.domain.consents.reading_aloud import read_aloud
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.presence import write_presence
from booking_web.domain.kiosks.scenes import Scene
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.domain.kiosks.second_screen import show_cue, show_draft, show_page
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft
from booking_web.tables.hours import Opening
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Organisation
from stage.counsellor_desk import CounsellorDesk
from stage.demo_forms import add_forms
from stage.kiosk_screens import KioskScreens
from stage.papers import form_pdf
from stage.scene_rows import (
    ACTOR,
    add_signing,
    book_at,
    book_now,
    cancel,
    close_until_tomorrow,
    keep_call,
    move_to,
)
from stage.stack import Stage, StageOptions
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for
from stage.web_browser import form_with

COUNSELLOR_ACCOUNT = "conseiller@msa.example"
SCENE_SECONDS = 30.0
PICTURE_SECONDS = 40.0
LEAST_PICTURES = 30
# What the devices tell, in the order of a scan and a print; (page, of pages).
CUES: tuple[tuple[Scene, ShownCue], ...] = (
    (Scene.LAY_ON_GLASS, ShownCue(Cue.PLACE_DOCUMENT, 0, 0)),
    (Scene.LAY_CARD, ShownCue(Cue.PLACE_CARD, 0, 0)),
    (Scene.LOAD_FEEDER, ShownCue(Cue.LOAD_FEEDER, 0, 0)),
    (Scene.SCANNING, ShownCue(Cue.SCANNING, 2, 3)),
    (Scene.TURN_CARD, ShownCue(Cue.TURN_CARD, 0, 0)),
    (Scene.TURN_PAPER, ShownCue(Cue.TURN_PAPER, 0, 0)),
    (Scene.GOOD, ShownCue(Cue.SCAN_GOOD, 0, 0)),
    (Scene.ONCE_MORE, ShownCue(Cue.SCAN_AGAIN, 0, 0)),
    (Scene.TAKE_PAPER, ShownCue(Cue.TAKE_DOCUMENT, 0, 0)),
    (Scene.PRINTING, ShownCue(Cue.PRINTING, 1, 2)),
    (Scene.TAKE_SHEETS, ShownCue(Cue.TAKE_PRINT, 0, 0)),
    (Scene.DEVICE_TROUBLE, ShownCue(Cue.PROBLEM, 0, 0)),
)
NO_CUE = ShownCue(Cue.NONE, 0, 0)


def keep_screens(folder: Path, say: Callable[[str], None]) -> int:
    """Keep a picture of each scene on each screen in the folder; give how many were left.

    Raises what a stage raises, NotInTime where a scene does not come, and StoryBroken where
    the table has one that is not walked through.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gs-") as directory:
        stage = Stage(Path(directory), StageOptions(drawing_kiosks=(KIOSK,)))
        try:
            stage.prepare()
            add_forms(stage)
            with KioskScreens(stage, KIOSK) as screens:
                screens.draw_calls()
                _Walk(stage, screens, folder, say).live()
        finally:
            left = stage.close()
    return left


class _Walk:
    """From one scene to the next."""

    def __init__(
        self,
        stage: Stage,
        screens: KioskScreens,
        folder: Path,
        say: Callable[[str], None],
    ) -> None:
        self._stage = stage
        self._screens = screens
        self._folder = folder
        self._say = say
        self._page: Page
        self.kept: set[Scene] = set()

    def live(self) -> None:
        """Walk through all scenes."""
        with self._rows() as session:
            close_until_tomorrow(session, _now())
        self._stage.start("asterisk", "web", "dispatcher", KIOSK)
        self._page = self._screens.open_pages()
        self._keep(Scene.CLOSED)
        self._wait_in_the_room()
        self._stage.start(COUNSELLOR)
        appointment = self._in_call()
        self._see_what_is_shown(appointment)
        self._stage.counsellor(COUNSELLOR).order("hangup")
        self._keep(Scene.GOODBYE)
        self._after_the_call(appointment)
        missing = set(Scene) - self.kept
        if missing:
            raise LookupError(f"no picture of {', '.join(sorted(missing))}")

    def _wait_in_the_room(self) -> None:
        """Free, expected, called, waiting."""
        with self._rows() as session:
            session.execute(delete(Opening))
            book_at(session, _now() + timedelta(hours=3), _now())
        # What a relay's hours are is remembered for a minute.
        self._stage.stop("web")
        self._stage.start("web")
        self._keep(Scene.FREE)
        with self._rows() as session:
            soon = book_at(session, _now() + timedelta(minutes=3), _now())
        self._keep(Scene.EXPECTED)
        with self._rows() as session:
            read_aloud(session, session.get_one(Appointment, soon), ACTOR, _now())
        self._keep(Scene.CONSENT)
        self._stage.stop("dispatcher")
        with self._rows() as session:
            cancel(session, soon, _now())
            book_now(session, _now())
        self._keep(Scene.CALLING)
        self._stage.start("dispatcher")
        self._keep(Scene.WAITING)
        with self._rows() as session:
            session.execute(update(Organisation).values(abandon_after_seconds=2))
        self._keep(Scene.WAITING_LONG)
        with self._rows() as session:
            session.execute(update(Organisation).values(abandon_after_seconds=300))

    def _in_call(self) -> int:
        kiosk = self._stage.kiosk(KIOSK)

        def has_pictures() -> bool:
            video = (kiosk.call() or {}).get("video")
            return bool(video and video["frames_decoded"] >= LEAST_PICTURES)

        wait_for(has_pictures, "the counsellor's picture", PICTURE_SECONDS, 0.2)
        self._keep(Scene.IN_CALL)
        with self._rows() as session:
            its = Appointment.state == State.IN_CALL
            return session.scalars(select(Appointment.id).where(its)).one()

    def _see_what_is_shown(self, appointment: int) -> None:
        """What the devices tell, a document, a form, where to sign."""
        for scene, cue in CUES:
            self._tell(appointment, cue)
            self._keep(scene)
        self._tell(appointment, NO_CUE)
        with CounsellorDesk(self._stage.url) as desk:
            words = self._stage.passwords()[COUNSELLOR_ACCOUNT]
            desk.sign_in(COUNSELLOR_ACCOUNT, words)
            number = desk.upload(appointment, "lettre.pdf", form_pdf("Votre dossier"))
            self._show_document(appointment, number)
            self._keep(Scene.DOCUMENT, ".paper img")
            self._show_document(appointment, None)
            self._begin_form(desk, appointment)
        self._keep(Scene.FORM, "#mirror:not([hidden]) canvas")
        with self._rows() as session:
            add_signing(session, appointment, number, _now())
        self._show_document(appointment, None)
        self._keep(Scene.SIGN)

    def _show_document(self, appointment: int, number: int | None) -> None:
        with self._rows() as session:
            its = session.get_one(Appointment, appointment)
            wanted = Document.appointment_id == appointment, Document.number == number
            document = session.scalars(select(Document).where(*wanted)).one_or_none()
            show_page(session, its, document, 1, ACTOR, _now())

    def _begin_form(self, desk: CounsellorDesk, appointment: int) -> None:
        page = desk.get(f"/rendez-vous/{appointment}")
        form = form_with(page, lambda each: "edition" in each.choices, "beginning")
        offered = [each for each in form.choices["edition"] if each]
        form.values["edition"] = offered[0]
        desk.send(page, form)
        with self._rows() as session:
            draft = session.scalars(select(Draft)).one()
            its = session.get_one(Appointment, appointment)
            counsellor = Person(
                user_id=1,
                actor=ACTOR,
                rights=frozenset({Right.FILLING}),
                organisation_id=draft.organisation_id,
            )
            show_draft(session, its, draft.id, 1, None, counsellor, _now())

    def _after_the_call(self, appointment: int) -> None:
        """What went wrong, and what is wrong with the kiosk or its line."""
        self._stage.stop("dispatcher")
        with self._rows() as session:
            move_to(session, book_now(session, _now()), State.ABANDONED, _now())
        self._keep(Scene.NOBODY)
        with self._rows() as session:
            cut = book_now(session, _now())
            move_to(session, cut, State.IN_CALL, _now())
            keep_call(session, cut, _now())
        self._keep(Scene.COMING_BACK)
        with self._rows() as session:
            move_to(session, cut, State.INTERRUPTED, _now())
        self._keep(Scene.CALL_CUT)
        with self._rows() as session:
            past = _now() - timedelta(hours=2)
            session.execute(update(Appointment).values(state_since=past))
            offline = {KIOSK: Presence.OFFLINE}
            write_presence(session, offline, {}, past, is_all=False)
            write_presence(session, offline, {}, _now(), is_all=False)
        self._keep(Scene.OUT_OF_ORDER)
        self._stage.stop("front")
        self._keep(Scene.LINE_CUT)

    def _tell(self, appointment: int, cue: ShownCue) -> None:
        with self._rows() as session:
            its = session.get_one(Appointment, appointment)
            show_cue(session, its, cue, _now())

    def _keep(self, scene: Scene, also: str = "") -> None:
        """Wait for the scene in the page, then keep what both screens show."""
        shown = f'main [data-said^="{scene} "]'
        if scene is Scene.LINE_CUT:
            shown = "#line-cut:not([hidden])"
        milliseconds = SCENE_SECONDS * 1000
        self._page.wait_for_selector(shown, state="attached", timeout=milliseconds)
        if also:
            self._page.wait_for_selector(also, timeout=milliseconds)
        self._page.evaluate("document.fonts.ready")
        for path in self._screens.keep(self._folder, scene):
            self._say(str(path))
        self.kept.add(scene)

    @contextmanager
    def _rows(self) -> Iterator[Session]:
        database = self._stage.database()
        try:
            with database.write() as session:
                yield session
        finally:
            database.dispose()


def _now() -> datetime:
    return datetime.now(UTC)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story in forty seconds, and README's pictures: `script/demo --check --screens DIRECTORY`.

A real call: the secretary's page and the counsellor's desk in Chromium, the kiosk's telephone and
browser in a session of their own, a printer and a scanner that the demo's resident uses. Drawn are
whom the counsellor's camera sees and what the resident signs.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import FrameLocator, Page, expect

from booking_web.domain.kiosks.scenes import Scene
from stage.browser_account import with_browser_telephone
from stage.browser_desk import BrowserDesks, expect_state, pictures_seen, take_calls
from stage.chromium import start_chromium
from stage.demo_forms import add_forms
from stage.demo_territory import DEMO_TERRITORY
from stage.film.drawn_counsellor import write_camera
from stage.film.moving_picture import MovingPicture
from stage.form_records import FormRecords
from stage.form_story import ADDRESS, COUNSELLOR_ACCOUNT, KIOSK, RESIDENT, SECRETARY
from stage.kiosk_screens import KioskScreens
from stage.opening_hours import publish_on
from stage.signing_resident import SigningResident
from stage.stack import Stage, StageOptions
from stage.story import COUNSELLOR
from stage.waiting import PATIENCE, wait_for

FILM, DESK, SCREEN, CONSOLE = (
    *("story.webp", "desk.png", "second-screen.png", "counsellor.png"),
)
# As wide as a small laptop; both are drawn at the same size in the film.
SECRETARYS_SIZE = {"width": 1280, "height": 800}
COUNSELLORS_SIZE = {"width": 1440, "height": 900}
README_WIDTH = 1280
SCENE_MS = int(60_000 * PATIENCE)
PICTURES = 30
FRAMED_MS = 900
# The resident lays papers down slowly enough to be seen.
SLOW_RESIDENT = (("place_seconds", 5.0),)
SECRETARYS_BROWSER = "The secretary's browser, in the town hall of Guise"
COUNSELLORS_BROWSER = "The counsellor's browser, 30 km away"
# What is typed, by the field's label, and which of those with that label.
TYPED: Sequence[tuple[str, int, str]] = (
    ("Nom et prénom", 1, "Paul Lefèvre"),
    ("Date de naissance", 1, "14/07/1961"),
    ("Téléphone", 1, "03 23 00 00 12"),
    ("Auprès de quel service", 0, "MSA de Picardie"),
    ("La démarche, en quelques mots", 0, "Demande d'aide au logement"),
    ("Fait à", 0, "Guise"),
)


def film_story(folder: Path, say: Callable[[str], None]) -> int:
    """Keep the film and README's pictures in the folder; give how many processes were left.

    Raises what a stage and a browser raise, and NotInTime where something does not come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gf-") as name:
        directory = Path(name)
        inventory = with_browser_telephone(directory, COUNSELLOR, COUNSELLOR_ACCOUNT)
        options = StageOptions(
            inventory=inventory,
            browsers=True,
            devices=True,
            bridge_settings=SLOW_RESIDENT,
            drawing_kiosks=(KIOSK,),
            paper_scanners=(KIOSK,),
            site_settings=DEMO_TERRITORY,
        )
        stage = Stage(directory / "stage", options)
        try:
            stage.prepare()
            publish_on(stage)
            add_forms(stage)
            _live(stage, directory / "camera.mjpeg", folder, say)
        finally:
            left = stage.close()
    return left


def _live(stage: Stage, camera: Path, folder: Path, say: Callable[[str], None]) -> None:
    arguments = (f"--use-file-for-fake-video-capture={camera}",)
    with (
        BrowserDesks(stage.url, arguments=arguments) as desks,
        KioskScreens(stage, KIOSK) as screens,
    ):
        drawing = start_chromium(desks.playwright)
        write_camera(drawing, camera)
        screens.draw_calls()
        stage.start()
        second_screen = screens.open_pages(desks.playwright)
        film = _Film(stage, screens, second_screen, MovingPicture(drawing), folder)
        film.live(desks)
        drawing.close()
        for name in (DESK, SCREEN, CONSOLE):
            _for_readme(folder / name)
            say(str(folder / name))
        film.picture.save(folder / FILM)
        say(f"{folder / FILM}: {film.picture.seconds:g} s")


class _Film:
    """The story, picture by picture; its seconds are those of the film."""

    def __init__(
        self,
        stage: Stage,
        screens: KioskScreens,
        second_screen: Page,
        picture: MovingPicture,
        folder: Path,
    ) -> None:
        self._stage, self._screens = stage, screens
        self._second_screen = second_screen
        self.picture = picture
        self._folder = folder
        self._resident = SigningResident(stage, KIOSK)
        self._records = FormRecords(stage)

    def live(self, desks: BrowserDesks) -> None:
        """From the booking to the end of the call."""
        passwords = self._stage.passwords()
        counsellor = desks.sign_in(
            *(COUNSELLOR_ACCOUNT, passwords[COUNSELLOR_ACCOUNT]),
            viewport=COUNSELLORS_SIZE,
        )
        take_calls(counsellor)
        secretary = desks.visit((), viewport=SECRETARYS_SIZE)
        _sign_in(secretary, passwords[SECRETARY])
        self._scene(Scene.FREE)
        self._book(secretary)
        expect_state(counsellor, "ringing")
        self._keep("3. The counsellor's page rings", counsellor, 3)
        self._answer(counsellor)
        frame = counsellor.frame_locator("iframe[name=dossier]")
        self._fill_in(counsellor, frame)
        self._print_and_sign(counsellor, frame)
        self._scan(counsellor, frame)
        secretary.screenshot(path=self._folder / DESK)
        self._end(counsellor, secretary)

    def _book(self, secretary: Page) -> None:
        name = secretary.locator("#resident_name")
        name.press_sequentially(RESIDENT)
        secretary.locator("#subjects label.choice", has_text="MSA").first.click()
        secretary.locator("#when-0").check()
        self._keep("1. The secretary books: who, with whom, now", secretary, 4)
        secretary.locator("#who-options summary").click()
        for field, value in ADDRESS.items():
            secretary.locator(f"#{field}").fill(value)
        secretary.locator("#confirm").click()
        row = secretary.locator(".row-card").first
        expect(row).to_be_visible()
        row.scroll_into_view_if_needed()
        self._scene(Scene.WAITING)
        self._keep("2. The kiosk is called and answers by itself", secretary, 3)

    def _answer(self, counsellor: Page) -> None:
        counsellor.keyboard.press("Alt+Shift+KeyR")
        expect_state(counsellor, "in_call")
        wait_for(lambda: pictures_seen(counsellor) > PICTURES, "the kiosk's picture")
        kiosk = self._stage.kiosk(KIOSK)

        def has_pictures() -> bool:
            video = (kiosk.call() or {}).get("video")
            return bool(video and video["frames_decoded"] >= PICTURES)

        wait_for(has_pictures, "the counsellor's picture", poll_seconds=0.2)
        self._scene(Scene.IN_CALL)
        self._keep(
            "4. They see and hear each other; nobody touches anything", counsellor, 4
        )

    def _fill_in(self, counsellor: Page, frame: FrameLocator) -> None:
        offered = frame.locator("#edition option").evaluate_all(
            "all => all.map(each => Number(each.value)).filter(Boolean)"
        )
        edition = self._records.to_be_signed(offered)
        frame.locator("#edition").select_option(str(edition))
        frame.locator("form:has(#edition) button[type=submit]").first.click()
        frame.locator("#filling").wait_for()
        first, *_ = TYPED
        _field(frame, first[0], first[1]).focus()
        counsellor.keyboard.press("F2")
        shown = "#mirror:not([hidden]) canvas"
        self._second_screen.wait_for_selector(shown, timeout=SCENE_MS)
        words = "5. The counsellor fills in the form before the resident's eyes"
        self._keep(words, counsellor, 1)
        for label, which, value in TYPED:
            field = _field(frame, label, which)
            field.click()
            field.press_sequentially(value, delay=20)
            # The second screen moves its frame there, slowly enough to be followed.
            counsellor.wait_for_timeout(FRAMED_MS)
            self._keep(words, counsellor, 1)
        counsellor.screenshot(path=self._folder / CONSOLE)
        with tempfile.TemporaryDirectory() as folder:
            _, papers = self._screens.keep(Path(folder), "now")
            (self._folder / SCREEN).write_bytes(papers.read_bytes())

    def _print_and_sign(self, counsellor: Page, frame: FrameLocator) -> None:
        printing = re.compile("^ *Imprimer")
        printed = self._stage.devices_of(KIOSK).printed_files
        frame.get_by_role("button", name=printing).first.click()
        self._scene(Scene.PRINTING, Scene.TAKE_SHEETS)
        self._keep("6. It is printed at the kiosk", counsellor, 3)
        wait_for(printed, "the sheet that came out")
        self._scene(Scene.SIGN)
        self._resident.act()
        self._keep("7. The resident signs where the drawing shows", counsellor, 4)

    def _scan(self, counsellor: Page, frame: FrameLocator) -> None:
        again = frame.locator("[id^=renumeriser-]")
        kept = frame.locator("[id^=garder-]")
        words = "8. The signed sheet goes onto the scanner"
        again.click()
        self._scene(Scene.LAY_ON_GLASS, Scene.SCANNING)
        self._keep(words, counsellor, 3)
        expect(kept).to_be_visible(timeout=SCENE_MS)
        kept.click()
        expect(frame.locator(".printed .kept")).to_be_visible(timeout=SCENE_MS)
        frame.locator(".printed").scroll_into_view_if_needed()
        self._keep("9. It came back, signed, and is kept", counsellor, 4)

    def _end(self, counsellor: Page, secretary: Page) -> None:
        for act in ("leave", "now"):
            counsellor.locator(f"[data-act={act}]").click()
        self._scene(Scene.GOODBYE)
        self._keep("10. The call is over; nothing stays at the kiosk", secretary, 5)

    def _scene(self, *scenes: Scene) -> None:
        """Wait until the second screen shows one of them."""
        shown = ", ".join(f'main [data-said^="{each} "]' for each in scenes)
        self._second_screen.wait_for_selector(shown, state="attached", timeout=SCENE_MS)
        self._second_screen.evaluate("document.fonts.ready")

    def _keep(self, words: str, page: Page, seconds: float) -> None:
        with tempfile.TemporaryDirectory() as folder:
            call, papers = self._screens.keep(Path(folder), "now")
            acts = page.screenshot()
            is_secretarys = page.viewport_size == SECRETARYS_SIZE
            who = SECRETARYS_BROWSER if is_secretarys else COUNSELLORS_BROWSER
            self.picture.add(words, who, acts, (call, papers), seconds)


def _sign_in(secretary: Page, password: str) -> None:
    secretary.goto("/connexion")
    secretary.fill("#email", SECRETARY)
    secretary.fill("#password", password)
    secretary.locator("main button[type=submit]").click()
    secretary.locator("html.js #resident_name:focus").wait_for()


def _field(frame: FrameLocator, label: str, which: int) -> Any:
    return frame.get_by_label(label, exact=True).nth(which)


def _for_readme(file: Path) -> None:
    """Make a picture as wide as README shows it, of few colours."""
    picture = Image.open(file).convert("RGB")
    height = round(picture.height * README_WIDTH / picture.width)
    smaller = picture.resize((README_WIDTH, height), Image.Resampling.LANCZOS)
    smaller.quantize(256, method=Image.Quantize.MEDIANCUT).save(file, optimize=True)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form's part of the story: filled in before the resident's eyes, printed, signed, back.

Another resident at another relay: the counsellor begins a form of the library, its fields
are typed key by key while the second screen follows; what comes out of the printer is what
was seen; the resident signs it, the scanner takes it, and one document is kept. At the end a
receipt is printed.
"""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urljoin, urlsplit

import pypdfium2
import requests
from PIL import Image, ImageChops, ImageStat

from booking_web.domain.forms.description import FieldKind, FormDescription
from booking_web.tables.printed_forms import ZoneState
from stage.counsellor_desk import CounsellorDesk
from stage.form_records import FormRecords
from stage.html_forms import forms_of
from stage.kiosk_screen import open_screen
from stage.mirror_seen import MirrorSeen
from stage.papers import page_texts
from stage.scanner import PaperScanner
from stage.secretary import LiveWatch, Secretary
from stage.signed_paper import signed_page
from stage.stack import Stage
from stage.story_ground import PhoneSeen
from stage.waiting import wait_for
from stage.web_browser import form_with

RESIDENT, ORGANISATION = "Mme Élodie Lefèvre", "MSA"
ADDRESS = {"street": "12 rue des Lilas", "postcode": "02120", "commune": "Guise"}
SECRETARY, KIOSK = "mairie@guise.example", "kiosk-guise"
COUNSELLOR_ACCOUNT = "conseiller@msa.example"
TYPED = "Élodie Lefèvre"
# Of the fields that take a text; the others are ticked or stay empty.
FIELDS_TYPED = 4
MIRROR_SECONDS, PAPER_SECONDS = 10.0, 60.0
PREVIEW_PIXELS = 1080
# The mark of a printed page, and the edges of letters; of 255.
DIFFERENT_AT_MOST = 3.0

Note = Callable[[str], None]


class FormFailed(Exception):
    """The form did not go its way; the text says where."""


@dataclass
class FormResults:
    """What came of the form, as `--json` tells it."""

    fields: int = 0
    mirror_ms: dict[str, float] = field(default_factory=dict)
    printed_matches_preview: bool = False
    pages_printed: int = 0
    pages_back: int = 0
    signature_found: bool = False
    receipt: bool = False


class FormStory:
    """Lives the form's part on a stage whose kiosk scans paper; raises FormFailed."""

    def __init__(
        self, stage: Stage, counsellor: PhoneSeen, results: FormResults, note: Note
    ) -> None:
        self._stage = stage
        self._counsellor = counsellor
        self._results = results
        self._note = note
        self._devices = stage.devices_of(KIOSK)
        self._records = FormRecords(stage)

    def live(self) -> None:
        """Book, fill in, print, sign, scan, keep, print the receipt, hang up."""
        passwords = self._stage.passwords()
        with Secretary(self._stage.url) as secretary:
            secretary.sign_in(SECRETARY, passwords[SECRETARY])
            watch = secretary.watch()
            appointment = secretary.book(RESIDENT, ORGANISATION, **ADDRESS)
            watch.wait_state(appointment, "in_call")
            self._note(f"{RESIDENT} is in call with the MSA, from Guise")
            with CounsellorDesk(self._stage.url) as desk:
                desk.sign_in(COUNSELLOR_ACCOUNT, passwords[COUNSELLOR_ACCOUNT])
                self._live_in_call(desk, appointment)
            self._hang_up(watch, appointment)

    def _live_in_call(self, desk: CounsellorDesk, appointment: int) -> None:
        draft = self._begin(desk, appointment)
        screen = open_screen(self._stage, KIOSK)
        with MirrorSeen(self._stage.url, screen) as mirror:
            self._fill_in(desk, draft, mirror)
        self._print(desk, draft)
        self._sign_and_scan(desk, appointment)
        self._keep(desk, appointment)
        self._print_receipt(desk, appointment)

    def _hang_up(self, watch: LiveWatch, appointment: int) -> None:
        self._counsellor.order("hangup")
        watch.wait_state(appointment, "done")

    def _begin(self, desk: CounsellorDesk, appointment: int) -> "_OpenedDraft":
        """Begin a form of the library that is to be signed."""
        page = desk.get(f"/rendez-vous/{appointment}")
        form = form_with(page, lambda each: "edition" in each.choices, "beginning")
        offered = [int(each) for each in form.choices["edition"] if each]
        edition = self._records.to_be_signed(offered)
        form.values["edition"] = str(edition)
        answer = desk.send(page, form)
        if not answer.is_redirect:
            raise FormFailed(f"no draft was begun: {answer.status_code}")
        path = urlsplit(urljoin(page.url, answer.headers["Location"])).path
        number = int(path.rpartition("/")[2])
        kept = self._records.draft(number)
        description = self._records.description(kept.edition_id)
        draft = _OpenedDraft(path, kept.edition.form.title, description, kept.revision)
        self._note(f"the counsellor begins « {draft.title} »")
        return draft

    def _fill_in(
        self, desk: CounsellorDesk, draft: "_OpenedDraft", mirror: MirrorSeen
    ) -> None:
        page = desk.get(draft.path)
        if ADDRESS["street"] not in page.text:
            raise FormFailed(
                "what the secretary knew of the resident is not in the form"
            )
        show = form_with(
            page, lambda each: each.action.endswith("/montrer"), "the second screen"
        )
        desk.send(page, show)
        wait_for(lambda: mirror.sheet, "the second screen has the form", MIRROR_SECONDS)
        token = next(
            each.values["csrf_token"] for each in forms_of(page.text) if each.values
        )
        times: list[float] = []
        for number in _texts(draft.description)[:FIELDS_TYPED]:
            for length in range(1, len(TYPED) + 1):
                sent = {"champ": number, "lieu": 0, "valeur": TYPED[:length]}
                times.append(self._key(desk, page, draft, sent | {"t": token}, mirror))
            self._results.fields += 1
        self._results.mirror_ms = {
            "median": round(median(times), 1),
            "p95": round(quantiles(times, n=20)[-1], 1),
        }
        self._note(
            f"{self._results.fields} fields are typed, the second screen follows after "
            f"{median(times):.0f} ms"
        )

    def _key(
        self,
        desk: CounsellorDesk,
        page: requests.Response,
        draft: "_OpenedDraft",
        sent: dict[str, object],
        mirror: MirrorSeen,
    ) -> float:
        """Send a key as the page's script does; give when the screen had it, in ms."""
        token = sent.pop("t")
        pressed = time.monotonic()
        answer = desk.session.post(
            f"{self._stage.url}{draft.path}/champ",
            data=sent | {"revision": draft.revision, "csrf_token": token},
            headers={"Referer": page.url},
            timeout=MIRROR_SECONDS,
        )
        if answer.status_code != 200:
            raise FormFailed(f"a key was refused with {answer.status_code}")
        draft.revision = answer.json()["revision"]
        drawn = wait_for(
            lambda: mirror.drawn_after(pressed),
            "the second screen shows the key",
            MIRROR_SECONDS,
            poll_seconds=0.002,
        )
        return (drawn - pressed) * 1000

    def _print(self, desk: CounsellorDesk, draft: "_OpenedDraft") -> None:
        seen = [
            desk.get(f"{draft.path}/page/{each.number}").content
            for each in draft.description.pages
        ]
        known = len(self._devices.printed_files())
        page = desk.get(draft.path)
        form = form_with(
            page, lambda each: each.action.endswith("/imprimer"), "printing"
        )
        answer = desk.send(page, form)
        if answer.status_code == 200:
            # What would be printed badly is told first, such as a field that must be filled.
            form = form_with(answer, lambda each: "vu" in each.values, "printing")
            answer = desk.send(answer, form)
        if not answer.is_redirect:
            raise FormFailed(f"printing was refused with {answer.status_code}")
        sheet = self._printed_after(known)
        pages = page_texts(sheet)
        self._results.pages_printed = len(pages)
        self._results.printed_matches_preview = _are_alike(sheet, seen)
        self._note(f"{len(pages)} pages come out of the printer")
        if not self._results.printed_matches_preview:
            raise FormFailed("what was printed is not what was seen")

    def _printed_after(self, known: int) -> Path:
        wait_for(
            lambda: len(self._devices.printed_files()) > known,
            "the printer has printed",
            PAPER_SECONDS,
        )
        return self._devices.printed_files()[-1]

    def _sign_and_scan(self, desk: CounsellorDesk, appointment: int) -> None:
        sheet = self._devices.printed_files()[-1]
        scanner = self._devices.scanner
        if not isinstance(scanner, PaperScanner):
            raise FormFailed(f"the scanner of {KIOSK} scans no paper")
        zones = self._records.zones(self._records.printed(appointment).edition_id)
        # Not in their order, as people lay them down.
        for number in reversed(range(1, self._results.pages_printed + 1)):
            scanner.lay(signed_page(sheet, number, zones.get(number, [])))
            self._scan(desk, appointment)
        wait_for(
            lambda: (
                len(self._records.pages_back(appointment))
                == self._results.pages_printed
            ),
            "the pages that came back are known",
            PAPER_SECONDS,
        )
        back = self._records.pages_back(appointment)
        self._results.pages_back = len(back)
        states = [state for each in back for state in each.zones.values()]
        self._results.signature_found = bool(states) and all(
            state == ZoneState.SIGNED for state in states
        )
        self._note(f"{len(back)} pages came back, signatures: {', '.join(states)}")
        if not self._results.signature_found:
            raise FormFailed(f"no signature was found: {states}")

    def _scan(self, desk: CounsellorDesk, appointment: int) -> None:
        known = self._records.scans(appointment)
        desk.scan(appointment, "a4")
        wait_for(
            lambda: self._records.scans(appointment) > known,
            "what lies on the glass is scanned",
            PAPER_SECONDS,
        )

    def _keep(self, desk: CounsellorDesk, appointment: int) -> None:
        page = desk.get(f"/rendez-vous/{appointment}")
        form = form_with(page, lambda each: each.action.endswith("/garder"), "keeping")
        if not desk.send(page, form).is_redirect:
            raise FormFailed("the signed form was not kept")
        kept = self._records.last_document(appointment)
        if kept.pages != self._results.pages_printed:
            raise FormFailed(f"the signed form has {kept.pages} pages")
        self._note(f"the signed form is kept: document {kept.number}")

    def _print_receipt(self, desk: CounsellorDesk, appointment: int) -> None:
        known = len(self._devices.printed_files())
        page = desk.get(f"/rendez-vous/{appointment}")
        form = form_with(
            page, lambda each: each.action.endswith("/recu/imprimer"), "the receipt"
        )
        if not desk.send(page, form).is_redirect:
            raise FormFailed("the receipt was refused")
        texts = page_texts(self._printed_after(known))
        self._results.receipt = any(text.strip() for text in texts)
        self._note("the receipt is printed")


@dataclass
class _OpenedDraft:
    """A draft that a counsellor has open at `path`."""

    path: str
    title: str
    description: FormDescription
    revision: int


def _texts(description: FormDescription) -> list[int]:
    """Give the numbers of the fields into which a name can be typed."""
    return [
        number
        for number, each in enumerate(description.fields)
        if each.kind is FieldKind.TEXT
        and not each.is_read_only
        and (each.max_length == 0 or each.max_length >= len(TYPED))
    ]


def _are_alike(sheet: Path, seen: list[bytes]) -> bool:
    """Tell whether the printed pages look as they looked on the counsellor's page."""
    with pypdfium2.PdfDocument(sheet) as document:
        if len(document) != len(seen):
            return False
        for number, preview in enumerate(seen):
            shown = Image.open(io.BytesIO(preview)).convert("L")
            page = document[number]
            printed = page.render(scale=shown.width / page.get_width()).to_pil()
            page.close()
            difference = ImageChops.difference(
                shown, printed.convert("L").resize(shown.size)
            )
            if ImageStat.Stat(difference).mean[0] > DIFFERENT_AT_MOST:
                return False
    return True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's telephone that is a page of the site, from outside, as the story needs it.

What it sees is what the page shows and what the browser counts; what it does, it does by the page's
buttons, those of the frame beside the call included.
"""

import re
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import FrameLocator, Page, expect

from stage.stack import Stage
from stage.story_ground import ConsoleSeen, CounsellorSeen
from stage.waiting import PATIENCE
from stage.web_browser import PageRefused

CONSOLE = re.compile(r"/rendez-vous/(\d+)")
TIMEOUT_MS = int(30_000 * PATIENCE)


class BrowserPhone:
    """The desk in `page`, which `stage.browser_desk` opened; it may answer by itself."""

    def __init__(self, slug: str, page: Page, *, answers: bool = True) -> None:
        self.slug = slug
        self.page = page
        page.evaluate("wish => { deskWatch.answers = wish; }", answers)

    def status(self) -> dict[str, Any]:
        """Give what the page was told, and its call."""
        messages: list[str] = self.page.evaluate("deskWatch.messages")
        return {
            "messages": messages,
            "message_count": len(messages),
            "call": self.call(),
        }

    def status_by_command(self) -> dict[str, Any]:
        """Give the same: whoever asks a page looks at it."""
        return self.status()

    def order(self, order: str, argument: str = "") -> dict[str, Any]:
        """Hang up; a page has no other order. Raises LookupError for one."""
        if order != "hangup":
            raise LookupError(f"the desk in the browser knows no {order} {argument}")
        for act in ("leave", "now"):
            self.page.locator(f"[data-act={act}]").click(timeout=TIMEOUT_MS)
        return {}

    def call(self) -> dict[str, Any] | None:
        """Give the call that it is in now, if any, as our own telephones tell theirs."""
        told: dict[str, Any] | None = self.page.evaluate("deskWatch.counters()")
        if told is None:
            return None
        for moment in ("began_at", "confirmed_at"):
            if told[moment] is not None:
                at = datetime.fromtimestamp(told[moment] / 1000, UTC)
                told[moment] = at.isoformat()
        # Whom the page shows beside the call is who calls.
        return {**told, "appointment_id": str(self.shown() or "")}

    def shown(self) -> int | None:
        """Give the appointment that the frame shows, if it is one's page."""
        path: str = self.page.evaluate("frames.dossier.location.pathname")
        found = CONSOLE.fullmatch(path)
        return int(found[1]) if found else None

    def print_document(self, number: int) -> str:
        """Press the document's button in the frame; give that in words."""
        self._frame.locator(f"#imprimer-{number}").click(timeout=TIMEOUT_MS)
        return f"presses « Imprimer » beside document {number}"

    def console(self) -> "FramedConsole":
        """Give the appointment's page beside the call."""
        return FramedConsole(self)

    @property
    def _frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=dossier]")


class BrowserGround:
    """A stage of which one counsellor telephones in a page: a ground for the story."""

    def __init__(self, stage: Stage, phone: BrowserPhone) -> None:
        self._stage, self._phone = stage, phone
        self.url, self.authority = stage.url, stage.authority
        self.passwords = stage.passwords
        self.kiosk = stage.kiosk
        self.devices_of = stage.devices_of
        self.journal_tells = stage.journal_tells

    def counsellor(self, slug: str) -> CounsellorSeen:
        """Give a counsellor by their slug."""
        is_here = slug == self._phone.slug
        return self._phone if is_here else self._stage.counsellor(slug)

    def console(self, slug: str, email: str) -> AbstractContextManager[ConsoleSeen]:
        """Give what this counsellor has open beside the call: the desk's own frame."""
        is_here = slug == self._phone.slug
        return self._phone.console() if is_here else self._stage.console(slug, email)


class FramedConsole:
    """The console of an appointment in the desk's frame; a context manager like the others'."""

    def __init__(self, phone: BrowserPhone) -> None:
        self._phone = phone
        self._frame = phone.page.frame_locator("iframe[name=dossier]")

    def upload(self, appointment: int, name: str, content: bytes) -> int:
        """Add a document and give its number; raises PageRefused."""
        self._see(appointment)
        documents = self._frame.locator("li.document")
        known = documents.count()
        self._frame.locator("#file").set_input_files(
            {"name": name, "mimeType": "application/pdf", "buffer": content}
        )
        frame = self._phone.page.frame(name="dossier")
        assert frame is not None
        # The list may tell it before the form's own answer comes, and takes the list's place.
        with frame.expect_navigation(timeout=TIMEOUT_MS):
            self._frame.locator("form.upload button").click()
        expect(documents).to_have_count(known + 1, timeout=TIMEOUT_MS)
        names = documents.evaluate_all("all => all.map(each => each.id)")
        return max(int(each.rpartition("-")[2]) for each in names)

    def scan(self, appointment: int, preset: str) -> None:
        """Press the button for scanning; raises PageRefused."""
        self._see(appointment)
        self._frame.locator(f"#preset-{preset}").check()
        self._frame.locator("form[action$='/numeriser'] button").click()

    def download(self, appointment: int, number: int) -> bytes:
        """Give the bytes of a document; raises PageRefused."""
        self._see(appointment)
        link = self._frame.locator(f"#telecharger-{number}")
        expect(link).to_be_visible(timeout=TIMEOUT_MS)
        with self._phone.page.expect_download(timeout=TIMEOUT_MS) as coming:
            link.click()
        return Path(coming.value.path()).read_bytes()

    def _see(self, appointment: int) -> None:
        shown = self._phone.shown()
        if shown != appointment:
            raise PageRefused(f"the frame shows {shown}, not {appointment}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the page as it is: it is the desk's."""

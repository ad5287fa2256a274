# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor at the console of an appointment: uploads, presses buttons, downloads."""

from urllib.parse import urlsplit

import requests

from stage.web_browser import PageRefused, WebBrowser, form_with


class CounsellorDesk(WebBrowser):
    """One counsellor's browser; everything goes through the page's own forms."""

    def upload(self, appointment: int, name: str, content: bytes) -> int:
        """Add a document and give its number; raises PageRefused."""
        answer = self._press(
            appointment, "documents", {}, {"file": (name, content, "application/pdf")}
        )
        anchor = urlsplit(answer.headers["Location"]).fragment
        return int(anchor.rpartition("-")[2])

    def scan(self, appointment: int, preset: str) -> None:
        """Press the button for scanning; raises PageRefused."""
        self._press(appointment, "numeriser", {"preset": preset})

    def print(self, appointment: int, document: int) -> None:
        """Press the button for printing a document; raises PageRefused."""
        self._press(appointment, "imprimer", {"document": str(document)})

    def show(self, appointment: int, document: int) -> None:
        """Press the button that shows a document, or its next page, at the kiosk."""
        self._press(appointment, f"documents/{document}/montrer", {})

    def hide(self, appointment: int) -> None:
        """Press the button that shows no document any more; raises PageRefused."""
        self._press(appointment, "ne-plus-montrer", {})

    def speak(self, appointment: int, language: str) -> None:
        """Press the button that has the kiosk speak a language; raises PageRefused."""
        self._press(appointment, "langue", {"langue": language})

    def call_interpreter_again(self, appointment: int) -> None:
        """Press the button that calls the interpreter once more; raises PageRefused."""
        self._press(appointment, "interprete/rappeler", {})

    def console(self, appointment: int) -> str:
        """Give the console's page, as HTML."""
        return self.get(_console(appointment)).text

    def download(self, appointment: int, number: int) -> bytes:
        """Give the bytes of a document; raises PageRefused."""
        path = f"{_console(appointment)}/documents/{number}.pdf?telecharger=1"
        return self.get(path).content

    def _press(
        self,
        appointment: int,
        act: str,
        values: dict[str, str],
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> requests.Response:
        page = self.get(_console(appointment))
        action = f"{_console(appointment)}/{act}"
        wanted = values.get("document")
        form = form_with(
            page,
            lambda form: (
                urlsplit(form.action).path == action
                and form.values.get("document") in (None, wanted)
            ),
            act,
        )
        form.values |= values
        answer = self.send(page, form, files)
        if not answer.is_redirect:
            raise PageRefused(f"{act} refused with {answer.status_code}")
        return answer


def signed_in_desk(
    url: str, authority: str | bool, email: str, password: str
) -> CounsellorDesk:
    """Give the desk of whoever signed in; a context manager."""
    desk = CounsellorDesk(url, authority)
    desk.sign_in(email, password)
    return desk


def _console(appointment: int) -> str:
    return f"/rendez-vous/{appointment}"

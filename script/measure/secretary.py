# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary, as a browser would be one: signs in once, books through the form."""

import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser

import requests

TIMEOUT_SECONDS = 20
_BOOKED = re.compile(r"#rendez-vous-(\d+)$")


class PageRefused(Exception):
    """The page did not do what was asked; the text holds its status."""


@dataclass(frozen=True)
class Click:
    """A booking: the new appointment, and when the click left and its answer came."""

    appointment_id: int
    sent_at: float
    answered_at: float


class Secretary:
    """One signed-in session on a connection that is kept open."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        # What a proxy variable says is for the outside, not for the loopback.
        self._session.trust_env = False
        login = f"{url}/connexion?next=/bureau"
        fields = self._fields_of(login)
        fields |= {"email": email, "password": password}
        answer = self._post(login, fields)
        if answer.status_code not in (302, 303):
            raise PageRefused(f"sign-in: {answer.status_code}")

    def book_now(self, name: str, organisation: str) -> Click:
        """Book an appointment for now; the page is read before the clock starts."""
        fields = self._fields_of(f"{self._url}/bureau")
        fields |= {"resident_name": name, "organisation": organisation, "when": "now"}
        sent_at = time.time()
        answer = self._post(f"{self._url}/bureau/rendez-vous", fields)
        answered_at = time.time()
        booked = _BOOKED.search(answer.headers.get("Location", ""))
        if not booked:
            raise PageRefused(f"booking: {answer.status_code}")
        return Click(int(booked.group(1)), sent_at, answered_at)

    def _post(self, url: str, fields: dict[str, str]) -> requests.Response:
        return self._session.post(
            url, fields, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )

    def _fields_of(self, url: str) -> dict[str, str]:
        answer = self._session.get(url, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return hidden_fields(answer.text)


def hidden_fields(page: str) -> dict[str, str]:
    """Return the page's hidden inputs; of those with one name the last."""
    reader = _HiddenInputs()
    reader.feed(page)
    return reader.fields


class _HiddenInputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden" and values.get("name"):
            self.fields[values["name"] or ""] = values.get("value") or ""

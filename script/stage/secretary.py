# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary at the web page: signs in, books, watches the day; over HTTP alone."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import requests

from stage.html_forms import Form, forms_of
from stage.waiting import wait_for

REQUEST_SECONDS = 20


class PageRefused(Exception):
    """The page did not do what the secretary asked."""


@dataclass(frozen=True)
class StateSeen:
    """A state that the open page was told, and when (time.monotonic)."""

    appointment_id: int
    state: str
    seen_at: float


class Secretary:
    """One browser's worth of a secretary; a context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._browser = requests.Session()
        self._watch: LiveWatch | None = None

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form; raises PageRefused."""
        page = self._get("/connexion")
        form = _form_with(page, "password")
        form.values |= {"email": email, "password": password}
        answer = self._send(page, form)
        if not answer.is_redirect:
            raise PageRefused(f"sign-in refused with {answer.status_code}")

    def book(self, resident: str, organisation: str) -> int:
        """Book now through the form and give the appointment's id.

        `organisation` is part of its label on the page. Raises PageRefused.
        """
        page = self._get("/bureau")
        form = _form_with(page, "resident_name")
        form.values |= {"resident_name": resident, "when": "now"}
        form.choose("organisation", organisation)
        answer = self._send(page, form)
        if not answer.is_redirect:
            raise PageRefused(f"booking refused with {answer.status_code}")
        anchor = urlsplit(answer.headers["Location"]).fragment
        return int(anchor.rpartition("-")[2])

    def press(self, appointment_id: int, act: str) -> None:
        """Press a button of the day's list (`appeler`, `raccrocher`, `arrive`, ...)."""
        page = self._get("/bureau")
        action = f"/rendez-vous/{appointment_id}/{act}"
        for form in forms_of(page.text):
            if urlsplit(form.action).path.endswith(action):
                answer = self._send(page, form)
                if not answer.is_redirect:
                    raise PageRefused(f"{act} refused with {answer.status_code}")
                return
        raise PageRefused(f"the page has no button {act} for {appointment_id}")

    def day_text(self) -> str:
        """Give the page with the day's list, as HTML."""
        return self._get("/bureau").text

    def watch(self) -> "LiveWatch":
        """Open the page's live stream; it ends with the secretary."""
        self._watch = LiveWatch(
            self._browser.get(
                f"{self._url}/bureau/flux", stream=True, timeout=(REQUEST_SECONDS, 60)
            )
        )
        return self._watch

    def close(self) -> None:
        """Leave the page."""
        if self._watch is not None:
            self._watch.close()
        self._browser.close()

    def __enter__(self) -> "Secretary":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _get(self, path: str) -> requests.Response:
        answer = self._browser.get(self._url + path, timeout=REQUEST_SECONDS)
        if answer.status_code != 200:
            raise PageRefused(f"{path} answered {answer.status_code}")
        return answer

    def _send(self, page: requests.Response, form: Form) -> requests.Response:
        return self._browser.post(
            urljoin(page.url, form.action),
            data=form.values,
            headers={"Referer": page.url},
            timeout=REQUEST_SECONDS,
            allow_redirects=False,
        )


class LiveWatch:
    """The states that an open page is told by server-sent events, as they come."""

    def __init__(self, response: requests.Response) -> None:
        if response.status_code != 200:
            raise PageRefused(f"the live stream answered {response.status_code}")
        self._response = response
        self._seen: list[StateSeen] = []
        self._is_closing = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def states(self, appointment_id: int) -> list[StateSeen]:
        """Give what was told of this appointment so far."""
        return [seen for seen in self._seen if seen.appointment_id == appointment_id]

    def wait_state(
        self, appointment_id: int, state: str, timeout_seconds: float = 20.0
    ) -> StateSeen:
        """Return once the page was told this state; raises NotInTime."""

        def told() -> StateSeen | None:
            for seen in self.states(appointment_id):
                if seen.state == state:
                    return seen
            return None

        return wait_for(told, f"the page shows {state}", timeout_seconds)

    def close(self) -> None:
        """Close the stream."""
        self._is_closing = True
        # Closing alone would wait for the reader, and that for the next heartbeat.
        self._response.raw.shutdown()
        self._reader.join(5)
        self._response.close()

    def _read(self) -> None:
        try:
            for event, data in _server_sent(self._response):
                if event == "state":
                    told = json.loads(data)
                    self._seen.append(
                        StateSeen(told["appointment"], told["state"], time.monotonic())
                    )
        except (requests.RequestException, OSError, AttributeError):
            # Closing the response from the other thread ends the read with any of these.
            if not self._is_closing:
                raise


def _form_with(page: requests.Response, name: str) -> Form:
    for form in forms_of(page.text):
        if name in form.values:
            return form
    raise PageRefused(f"{page.url} has no form with {name}")


def _server_sent(response: requests.Response) -> Iterator[tuple[str, str]]:
    """Read events off the wire (WHATWG HTML, section 9.2), one byte at a time awaited."""
    event, data = "message", list[str]()
    for raw in response.iter_lines(chunk_size=1):
        line = raw.decode()
        name, _, value = line.partition(":")
        if not line:
            if data:
                yield event, "\n".join(data)
            event, data = "message", []
        elif name == "event":
            event = value.strip()
        elif name == "data":
            data.append(value.removeprefix(" "))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary at the web page: signs in, books, watches the day; over HTTP alone."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from stage.waiting import PATIENCE, wait_for
from stage.web_browser import REQUEST_SECONDS, PageRefused, WebBrowser, form_with


@dataclass(frozen=True)
class StateSeen:
    """A state that the open page was told, and when (time.monotonic)."""

    appointment_id: int
    state: str
    seen_at: float


class Secretary(WebBrowser):
    """One browser's worth of a secretary; a context manager."""

    def __init__(self, url: str, authority: str | bool = True) -> None:
        super().__init__(url, authority)
        self._watch: LiveWatch | None = None

    def book(self, resident: str, organisation: str, **told: str) -> int:
        """Book now through the form and give the appointment's id.

        `organisation` is part of its label on the page, `told` what is said of the
        resident, by the field's name. Raises PageRefused.
        """
        page = self.get("/bureau")
        form = form_with(page, lambda form: "resident_name" in form.values, "booking")
        form.values |= {"resident_name": resident, "when": "now", **told}
        form.choose("organisation", organisation)
        answer = self.send(page, form)
        if not answer.is_redirect:
            raise PageRefused(f"booking refused with {answer.status_code}")
        anchor = urlsplit(answer.headers["Location"]).fragment
        return int(anchor.rpartition("-")[2])

    def press(self, appointment_id: int, act: str) -> None:
        """Press a button of the day's list (`appeler`, `raccrocher`, `arrive`, ...).

        Where the page asks first, the question is answered.
        """
        page = self.get("/bureau")
        address = f"/bureau/rendez-vous/{appointment_id}/{act}"
        if f'href="{address}"' in page.text:
            page = self.get(address)
        form = form_with(
            page,
            lambda form: urlsplit(form.action or page.url).path == address,
            act,
        )
        answer = self.send(page, form)
        if not answer.is_redirect:
            raise PageRefused(f"{act} refused with {answer.status_code}")

    def day_text(self) -> str:
        """Give the page with the day's list, as HTML."""
        return self.get("/bureau").text

    def watch(self) -> "LiveWatch":
        """Open the page's live stream; it ends with the secretary."""
        self._watch = LiveWatch(
            self.session.get(
                f"{self.url}/direct",
                stream=True,
                timeout=(REQUEST_SECONDS, 60 * PATIENCE),
            )
        )
        return self._watch

    def close(self) -> None:
        """Leave the page."""
        if self._watch is not None:
            self._watch.close()
        super().close()


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
                kind, *words = data.split(" ")
                if event == "message" and kind == "appointment":
                    appointment_id, _kiosk, state = words
                    self._seen.append(
                        StateSeen(int(appointment_id), state, time.monotonic())
                    )
        except (requests.RequestException, OSError, AttributeError):
            # Closing the response from the other thread ends the read with any of these.
            if not self._is_closing:
                raise


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

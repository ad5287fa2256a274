# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's second screen that follows a draft, without a browser: what it was sent, and when."""

import base64
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from stage.waiting import PATIENCE

STREAM_SECONDS = 60 * PATIENCE
ANSWER_SECONDS = 20 * PATIENCE


@dataclass(frozen=True)
class Drawn:
    """A part of the page that came, and when (time.monotonic)."""

    at: float
    png: bytes = field(repr=False)


class MirrorSeen:
    """Listens and asks as the page of a kiosk does; a context manager."""

    def __init__(self, url: str, screen: requests.Session) -> None:
        self._url = url
        self._screen = screen
        self.drawn: list[Drawn] = []
        # The sheet that was sent last: key, page, revision.
        self.sheet: dict[str, Any] = {}
        self._is_closing = False
        self._stream = screen.get(
            f"{url}/borne/direct", stream=True, timeout=(ANSWER_SECONDS, STREAM_SECONDS)
        )
        self._stream.raise_for_status()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def drawn_after(self, moment: float) -> float | None:
        """Give when the first part came after a moment, if one has."""
        return next((each.at for each in self.drawn if each.at > moment), None)

    def __enter__(self) -> "MirrorSeen":
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closing = True
        # Closing alone would wait for the reader, and that for the next heartbeat.
        self._stream.raw.shutdown()
        self._thread.join(5)
        self._stream.close()

    def _follow(self) -> None:
        try:
            for _ in self._told():
                self._ask()
        except (requests.RequestException, OSError, AttributeError):
            # Closing the stream from the other thread ends the read with any of these.
            if not self._is_closing:
                raise

    def _told(self) -> Iterator[str]:
        for raw in self._stream.iter_lines(chunk_size=1):
            name, _, value = raw.decode().partition(": ")
            if name == "data" and value.startswith(("mirror", "screen")):
                yield value

    def _ask(self) -> None:
        seen = self.sheet
        known = (
            {
                "feuille": seen["key"],
                "page": seen["page"],
                "revision": seen["revision"],
            }
            if seen
            else {}
        )
        answer = self._screen.get(
            f"{self._url}/borne/miroir", params=known, timeout=ANSWER_SECONDS
        )
        if answer.status_code != 200:
            return
        self.sheet = answer.json()["sheet"] or {}
        for crop in self.sheet.get("crops", ()):
            png = base64.b64decode(crop["png"])
            self.drawn.append(Drawn(time.monotonic(), png))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draws a draft while it is filled in, in a process of its own that may crash or hang.

Any thread may call; one is served at a time, in a millisecond or two. The process
remembers what it drew last and is only told the difference; when it died, the next call
starts another and fills it again, and nobody notices.
"""

import json
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import structlog

from booking_web.base.own_process import LimitedProcess, RanIntoLimits, memory_file
from booking_web.domain.forms.description import FormDescription, Rectangle
from booking_web.domain.forms.errors import EngineUnavailable, UnknownField
from booking_web.domain.forms.remarks import Remark, remark_from_json

logger = structlog.get_logger(__name__)

MODULE = "booking_web.domain.forms.engine_process"
TIMEOUT_SECONDS = 10.0
# The scale of what the second screen shows.
WIDTH_PIXELS = 1080
WIDEST_PIXELS = 4000
# The first may find a process that died a moment ago.
ATTEMPTS = 2


@dataclass(frozen=True)
class Draft:
    """What is drawn.

    `key` is the draft's own and changes with the edition of the form. `pdf` gives the
    form as it was read; it is called only where the process does not have it.
    """

    key: str
    description: FormDescription
    pdf: Callable[[], bytes]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Shown:
    """A field as it looks now: its page, what part of that was drawn, and the PNG.

    The part is whole pixels of the page in the width that was asked for. `framed` is the
    field and the words printed for it. `letters` is how large the letters in it are, in
    points; 0 where it has none.
    """

    page: int
    rectangle: Rectangle
    png: bytes
    remarks: tuple[Remark, ...]
    framed: Rectangle
    letters: float = 0.0


class FormEngine:
    """Draws drafts. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # At most one; a list, so that it can be ended when nobody has the engine any more.
        self._running: list[LimitedProcess] = []
        weakref.finalize(self, _end_all, self._running)

    @property
    def pid(self) -> int | None:
        """Give the number of the process, if one runs."""
        running = self._running[:1]
        return running[0].pid if running else None

    def show(self, draft: Draft, place: str, width_pixels: int = WIDTH_PIXELS) -> Shown:
        """Draw one place of a field; raises UnknownField or EngineUnavailable."""
        order = {"do": "show", "place": place}
        told, picture = self._draw(draft, order, width_pixels)
        return Shown(
            page=int(told["page"]),
            rectangle=Rectangle(**told["drawn"]),
            png=picture,
            remarks=tuple(remark_from_json(each) for each in told["remarks"]),
            framed=Rectangle(**told["framed"]),
            letters=float(told["letters"]),
        )

    def page(
        self,
        draft: Draft,
        number: int,
        width_pixels: int = WIDTH_PIXELS,
        is_light: bool = False,
    ) -> bytes:
        """Draw a page as a JPEG; raises UnknownField or EngineUnavailable.

        A light one takes longer to make and is a fourth as heavy (light_picture.py).
        """
        order = {"do": "page", "page": number, "is_light": is_light}
        return self._draw(draft, order, width_pixels)[1]

    def close(self) -> None:
        """End the process; the next call starts another."""
        with self._lock:
            _end_all(self._running)

    def _draw(
        self, draft: Draft, order: dict[str, Any], width_pixels: int
    ) -> tuple[dict[str, Any], bytes]:
        width = min(max(width_pixels, 1), WIDEST_PIXELS)
        whole = {**order, "key": draft.key, "width": width}
        values = json.dumps(dict(draft.values)).encode()
        with self._lock:
            for _ in range(ATTEMPTS):
                found = self._try(draft, whole, values)
                if found is not None:
                    return found
        raise EngineUnavailable("the form cannot be drawn now")

    def _try(
        self, draft: Draft, order: dict[str, Any], values: bytes
    ) -> tuple[dict[str, Any], bytes] | None:
        """Give what was drawn, or None where the process is no more."""
        try:
            process = self._process()
            told, picture = _ask(process, order, values)
            if told is not None and "not_open" in told:
                told, picture = _ask(process, order, values, draft)
        except (RanIntoLimits, OSError) as error:
            logger.warning("the form engine ended", how=str(error), draft=draft.key)
            told, picture = None, b""
        if told is None:
            _end_all(self._running)
            return None
        if "unknown" in told:
            raise UnknownField(told["unknown"])
        if "failed" in told:
            logger.error(
                "the form engine failed", error=told["failed"], draft=draft.key
            )
            if not process.is_running:
                _end_all(self._running)
            return None
        return told, picture

    def _process(self) -> LimitedProcess:
        if not self._running or not self._running[0].is_running:
            _end_all(self._running)
            self._running.append(LimitedProcess(MODULE))
        return self._running[0]


def _ask(
    process: LimitedProcess,
    order: dict[str, Any],
    values: bytes,
    draft: Draft | None = None,
) -> tuple[dict[str, Any] | None, bytes]:
    with ExitStack() as files:
        given = files.enter_context(memory_file("values", values))
        picture = files.enter_context(memory_file("picture"))
        sent = [given, picture]
        if draft is not None:
            description = json.dumps(draft.description.to_json()).encode()
            sent.append(files.enter_context(memory_file("form", draft.pdf())))
            sent.append(files.enter_context(memory_file("description", description)))
        told = process.ask(order, sent, TIMEOUT_SECONDS)
        picture.seek(0)
        return told, picture.read()


def _end_all(processes: list[LimitedProcess]) -> None:
    while processes:
        processes.pop().end()

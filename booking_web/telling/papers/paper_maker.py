# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has papers laid out in a process of its own, which may hang or die: our side.

Any thread may call; one paper is made at a time. The process has read its library and the
fonts once; when it died, the next paper starts another.
"""

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from booking_web.base.own_process import LimitedProcess, RanIntoLimits, memory_file

logger = structlog.get_logger(__name__)

MODULE = "booking_web.telling.papers.paper_work"
# Many times what a long paper needs: the processor may be busy with calls.
TIMEOUT_SECONDS = 20.0
# Libraries keep a little of each paper; a fresh process has forgotten it.
PAPERS_A_PROCESS = 200
# No paper runs into its limits sooner.
DEAD_SECONDS = 0.5
# The first may find a process that ended a moment ago.
ATTEMPTS = 2


class PaperError(Exception):
    """A paper was not made; the classes below say why. Nothing typed was lost."""


class PaperTooSlow(PaperError):
    """It took longer, or more memory, than a paper may."""


class PaperUnavailable(PaperError):
    """No process made it."""


@dataclass(frozen=True)
class Paper:
    """A PDF as it goes to the printer, and pictures of its pages where asked for.

    `beyond` letters stand on more sheets than there should be, and are on no picture;
    `strangers` are letters that are drawn as "?". `anchors` are the elements with an id: on
    which page each is, and how far below its upper edge, in points.
    """

    pdf: bytes
    pictures: tuple[bytes, ...]
    size: float
    pages: int
    beyond: int
    strangers: str
    anchors: dict[str, tuple[int, float]]


class PaperMaker:
    """Makes papers. Make it after a fork, not before."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        # At most one; a list, so that it can be ended when nobody has this any more.
        self._running: list[LimitedProcess] = []
        self._made = 0
        weakref.finalize(self, _end_all, self._running)

    @property
    def pid(self) -> int | None:
        """Give the number of the process, if one runs."""
        running = self._running[:1]
        return running[0].pid if running else None

    def get_ready(self) -> None:
        """Have a process started for the next paper, if none waits for one."""
        with self._lock:
            try:
                self._process()
            except OSError as error:
                # The paper itself will have its own try, and its own answer.
                logger.warning("no process for papers", error=error.strerror)

    def make(
        self,
        page: str,
        sizes: Sequence[float],
        *,
        sheets: int = 1,
        picture_width: int = 0,
    ) -> Paper:
        """Lay a page of HTML out on A4, at the largest size that needs so few sheets.

        `paper_work.SIZE` stands in it for the size in points; `sizes` go down. Where none
        fits, the smallest is taken. Raises PaperError.
        """
        order = {"sizes": list(sizes), "sheets": sheets, "width": picture_width}
        with self._lock:
            for _ in range(ATTEMPTS):
                found = self._try(page, order)
                if found is not None:
                    return found
        raise PaperUnavailable("no process made the paper")

    def close(self) -> None:
        """End the process; the next paper starts another."""
        with self._lock:
            _end_all(self._running)

    def _try(self, page: str, order: dict[str, Any]) -> Paper | None:
        with (
            memory_file("page", page.encode(errors="replace")) as written,
            memory_file("paper") as pdf,
            memory_file("picture") as picture,
        ):
            begun = time.monotonic()
            try:
                files = [written, pdf, picture]
                told = self._process().ask(order, files, self.timeout_seconds)
            except RanIntoLimits as error:
                _end_all(self._running)
                logger.warning("a paper ran into the limits", how=str(error))
                if time.monotonic() - begun > DEAD_SECONDS:
                    raise PaperTooSlow(str(error)) from error
                # It was dead, or dying, before the order came.
                told = None
            except OSError as error:
                logger.warning("no process for papers", error=error.strerror)
                told = None
            if told is None or "failed" in told:
                logger.warning("no paper was made", how=(told or {}).get("failed"))
                _end_all(self._running)
                return None
            pdf.seek(0)
            picture.seek(0)
            pictures = tuple(picture.read(each) for each in told.pop("pictures"))
            return Paper(pdf.read(), pictures, **told)

    def _process(self) -> LimitedProcess:
        if self._made >= PAPERS_A_PROCESS or not all(
            each.is_running for each in self._running
        ):
            _end_all(self._running)
        if not self._running:
            self._running.append(LimitedProcess(MODULE))
            self._made = 0
        self._made += 1
        return self._running[0]


def _end_all(processes: list[LimitedProcess]) -> None:
    while processes:
        processes.pop().end()

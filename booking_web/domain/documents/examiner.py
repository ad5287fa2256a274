# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a stranger's file examined in a process of its own, which may crash or hang.

Each process examines one file and ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import structlog

from booking_web.base.own_process import (
    FreshProcesses,
    NoProcess,
    RanIntoLimits,
    memory_file,
)
from booking_web.domain.documents.errors import (
    DocumentRefused,
    ExaminerUnavailable,
    Refusal,
)

logger = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 45.0


@dataclass(frozen=True)
class Examined:
    """A harmless PDF; whoever gets it closes it."""

    pdf: BinaryIO
    pages: int


@dataclass(frozen=True)
class SmallPicture:
    """A mark or a photo, drawn anew."""

    content: bytes
    # How many pixels what was sent has, and what is kept.
    sent: tuple[int, int]
    size: tuple[int, int]
    # Whether white paper would hide it.
    is_light: bool = False


class Examiner:
    """Examines and draws; any thread may call it. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._processes = FreshProcesses("booking_web.domain.documents.examination")

    @property
    def waiting_pid(self) -> int | None:
        """Give the number of the process that waits for a file, if one does."""
        return self._processes.waiting_pid

    def get_ready(self) -> None:
        """Have a process started for the next file, if none waits for one."""
        self._processes.get_ready()

    def examine(self, source: BinaryIO, max_pages: int) -> Examined:
        """Give the harmless PDF that comes of a PDF, JPEG or PNG.

        `source` must be a real file (with a descriptor). Raises DocumentRefused or
        ExaminerUnavailable.
        """
        output = memory_file("document")
        try:
            told = self._run("examine", source, output, {"max_pages": max_pages})
        except BaseException:
            output.close()
            raise
        return Examined(output, int(told["pages"]))

    def draw_preview(self, pdf: BinaryIO) -> BinaryIO:
        """Give a small PNG of the first page; raises as `draw_page` does."""
        return self._draw("preview", pdf, {})

    def draw_page(self, pdf: BinaryIO, page: int) -> BinaryIO:
        """Give a PNG of a page for a screen.

        Raises DocumentRefused or ExaminerUnavailable.
        """
        return self._draw("page", pdf, {"page": page})

    def draw_large(self, pdf: BinaryIO, page: int) -> BinaryIO:
        """Give a JPEG of a page to be looked at closely; raises as `draw_page` does."""
        return self._draw("large", pdf, {"page": page})

    def draw_thumbnails(self, pdf: BinaryIO, pages: Sequence[int]) -> list[bytes]:
        """Give small JPEGs of these pages; raises as `draw_page` does."""
        with memory_file("pictures") as output:
            told = self._run("thumbnails", pdf, output, {"pages": list(pages)})
            return [output.read(length) for length in told["lengths"]]

    def draw_mark(self, picture: BinaryIO) -> SmallPicture:
        """Give a mark that comes of a JPEG or PNG; raises as `draw_page` does."""
        return self._draw_small("mark", picture)

    def draw_photo(self, picture: BinaryIO) -> SmallPicture:
        """Give a photo of a face, of a JPEG or PNG; raises as `draw_page` does."""
        return self._draw_small("photo", picture)

    def _draw_small(self, work: str, picture: BinaryIO) -> SmallPicture:
        with memory_file("picture") as output:
            told = self._run(work, picture, output, {})
            sent, size = (tuple(told[name]) for name in ("size", "drawn"))
            return SmallPicture(
                output.read(), sent, size, bool(told.get("is_light", False))
            )

    def arrange(
        self,
        sources: BinaryIO,
        lengths: Sequence[int],
        pages: Sequence[Mapping[str, object]],
        mark: str,
    ) -> BinaryIO:
        """Give the PDF that comes of laid pages; raises as `examine` does.

        `sources` has the PDFs one after the other. `pages` are `OrderedPage`s of theirs.
        """
        output = memory_file("document")
        order = {"lengths": list(lengths), "pages": list(pages), "mark": mark}
        try:
            self._run("arrange", sources, output, order)
        except BaseException:
            output.close()
            raise
        return output

    def _draw(self, work: str, pdf: BinaryIO, options: dict[str, int]) -> BinaryIO:
        output = memory_file("picture")
        try:
            self._run(work, pdf, output, options)
        except BaseException:
            output.close()
            raise
        return output

    def _run(
        self,
        work: str,
        source: BinaryIO,
        output: BinaryIO,
        options: Mapping[str, object],
    ) -> dict[str, Any]:
        source.seek(0)
        try:
            told = self._processes.work(
                {"work": work, **options}, [source, output], TIMEOUT_SECONDS
            )
        except NoProcess as error:
            raise ExaminerUnavailable("no process for the examination") from error
        except RanIntoLimits as error:
            raise DocumentRefused(Refusal.BOMB) from error
        if "failed" in told:
            logger.error("examination failed", error=str(told["failed"])[:80])
            raise DocumentRefused(Refusal.DAMAGED)
        if "refused" in told:
            raise DocumentRefused(Refusal(told["refused"]))
        output.seek(0)
        return told

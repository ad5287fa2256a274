# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the PDF of laid pages made in processes of their own, a few pages in each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby
from typing import Any, BinaryIO

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.arranging import Table
from booking_web.domain.documents.examiner import Examiner
from booking_web.domain.documents.laid_pages import LaidPage
from booking_web.domain.documents.store import DocumentStore

# Pages that one process draws anew, well within its limits.
DRAWN_AT_ONCE = 3
PIECE = 1024 * 1024


@contextmanager
def made_pdf(
    store: DocumentStore,
    examiner: Examiner,
    table: Table,
    tell_progress: Callable[[int, int], None],
) -> Iterator[BinaryIO]:
    """Give the PDF of a table's pages, in memory.

    `tell_progress` hears how many pages are made, of how many. Raises DocumentRefused or
    StoreUnavailable.
    """
    with ExitStack() as files:
        sources = _Sources(store, files)
        changed = [page for page in table.pages if page.crop or table.mark]
        drawn: dict[int, tuple[str, int]] = {}
        for batch in _batches(changed):
            name = sources.add(_drawn(examiner, sources, batch, table.mark))
            drawn |= {page.key: (name, i) for i, page in enumerate(batch, start=1)}
            tell_progress(len(drawn), len(table.pages))
        laid = [_laid(page, drawn) for page in table.pages]
        pdf = files.enter_context(_assembled(examiner, sources, laid))
        tell_progress(len(table.pages), len(table.pages))
        yield pdf


class _Sources:
    """PDFs that pages are taken from: contents of the store, parts that were drawn."""

    def __init__(self, store: DocumentStore, files: ExitStack) -> None:
        self._store = store
        self._files = files
        self._open: dict[str, BinaryIO] = {}

    def add(self, part: BinaryIO) -> str:
        """Take a part in, and give its name."""
        name = f"part {len(self._open)}"
        self._open[name] = self._files.enter_context(part)
        return name

    def __getitem__(self, name: str) -> BinaryIO:
        """Give the PDF with this name, or the content with this hash."""
        if name not in self._open:
            self._open[name] = self._files.enter_context(self._store.in_memory(name))
        return self._open[name]


def _batches(pages: Sequence[LaidPage]) -> Iterator[Sequence[LaidPage]]:
    """Give the pages a few at a time, those of one content together."""
    for _, of_one in groupby(pages, lambda page: page.sha256):
        left = list(of_one)
        for at in range(0, len(left), DRAWN_AT_ONCE):
            yield left[at : at + DRAWN_AT_ONCE]


def _drawn(
    examiner: Examiner, sources: _Sources, pages: Sequence[LaidPage], mark: str
) -> BinaryIO:
    source = sources[pages[0].sha256]
    length = source.seek(0, 2)
    ordered = [_ordered(0, page.page, page.turn, page) for page in pages]
    return examiner.arrange(source, [length], ordered, mark)


def _laid(page: LaidPage, drawn: dict[int, tuple[str, int]]) -> tuple[str, int, int]:
    if page.key in drawn:
        # It was turned when it was drawn.
        return (*drawn[page.key], 0)
    return page.sha256, page.page, page.turn


def _assembled(
    examiner: Examiner, sources: _Sources, laid: Sequence[tuple[str, int, int]]
) -> BinaryIO:
    names = list(dict.fromkeys(name for name, _, _ in laid))
    with memory_file("sources") as together:
        lengths = []
        for name in names:
            source = sources[name]
            source.seek(0)
            while piece := source.read(PIECE):
                together.write(piece)
            lengths.append(source.tell())
        together.flush()
        ordered = [
            _ordered(names.index(name), number, turn) for name, number, turn in laid
        ]
        return examiner.arrange(together, lengths, ordered, "")


def _ordered(
    source: int, number: int, turn: int, page: LaidPage | None = None
) -> dict[str, Any]:
    crop = page.crop if page is not None else None
    sides = crop and (crop.left, crop.top, crop.right, crop.bottom)
    return {"source": source, "page": number, "turn": turn, "crop": sides}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a CV is laid out: its sheets, how large its letters are, and its picture on a screen."""

import re
from collections.abc import Callable, Collection

from booking_web.telling.papers.paper_maker import Paper, PaperMaker
from booking_web.words.cv import MOST_SHEETS

# As large as its sheets allow, down to what is still read without effort.
SIZES = (11.5, 11.0, 10.5, 10.0, 9.5)
# Sharp on the second screen, and soon drawn.
PICTURE_PIXELS = 1240
PAGE_POINTS = (595.0, 842.0)
# What is framed around a section that changes: so high, its heading above it included.
FRAME_POINTS = 210.0
# Between the page's margins: the narrower what is framed, the larger it is shown.
FRAME_BESIDE_POINTS = 37.0
FRAME_ABOVE_POINTS = 34.0
# The names that the page gives to what an entry is, and to what holds some.
_ENTRY = re.compile(r"(?:experience|training)-(\d+)")
_WITH_ENTRIES = frozenset({"experience", "training"})


def make_cv(maker: PaperMaker, page: Callable[[Collection[int]], str]) -> Paper:
    """Lay a CV out on one sheet if it is legible there, else on two; raises PaperError.

    What is more than two sheets hold stands on further ones, and none of it is lost. `page`
    gives the page of HTML; it is given the numbers of the entries that stand alone on the
    second sheet.
    """
    written = page(())
    for sheets in range(1, MOST_SHEETS + 1):
        paper = maker.make(written, SIZES, sheets=sheets, picture_width=PICTURE_PIXELS)
        if paper.pages <= sheets:
            break
    if paper.pages == MOST_SHEETS and (later := _alone_on_the_second(paper)):
        wide = maker.make(
            page(later), (paper.size,), sheets=2, picture_width=PICTURE_PIXELS
        )
        if wide.pages == MOST_SHEETS:
            return wide
    return paper


def _alone_on_the_second(paper: Paper) -> list[int]:
    """Give the entries of the second sheet; none where something else stands there too."""
    names = [name for name, (page, _) in paper.anchors.items() if page > 1]
    entries = [_ENTRY.fullmatch(name) for name in names if name not in _WITH_ENTRIES]
    return [int(each[1]) for each in entries if each] if all(entries) else []


def place_written(paper: Paper, section: str) -> tuple[int, float]:
    """Give the page of a section, and how far below its edge it is; zeros where it is not.

    An entry that is empty yet is looked for where its section stands.
    """
    whole = section.partition("-")[0]
    return paper.anchors.get(section) or paper.anchors.get(whole) or (0, 0.0)


def page_written(paper: Paper, section: str) -> int:
    """Give the page of a section that a picture shows; 0 where none does."""
    page, _ = place_written(paper, section)
    return page if page <= len(paper.pictures) else 0

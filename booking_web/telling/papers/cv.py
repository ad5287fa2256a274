# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a CV is laid out: its sheets, how large its letters are, and its picture on a screen."""

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


def make_cv(maker: PaperMaker, page: str) -> Paper:
    """Lay a CV out on one sheet if it is legible there, else on two; raises PaperError.

    What is more than two sheets hold stands on further ones, and none of it is lost.
    """
    for sheets in range(1, MOST_SHEETS + 1):
        paper = maker.make(page, SIZES, sheets=sheets, picture_width=PICTURE_PIXELS)
        if paper.pages <= sheets:
            break
    return paper


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

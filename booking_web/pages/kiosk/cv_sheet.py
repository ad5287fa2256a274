# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV that the second screen follows: the page that is written on, what is written framed."""

from flask import url_for

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.kiosks.screen_content import ShownCv
from booking_web.pages.kiosk.sheets import Seen, Sheet
from booking_web.shell.cv_services import cv_sheet, cvs
from booking_web.telling.papers.cv import (
    FRAME_ABOVE_POINTS,
    FRAME_BESIDE_POINTS,
    FRAME_POINTS,
    PAGE_POINTS,
    page_written,
    place_written,
)
from booking_web.telling.papers.paper_maker import Paper
from booking_web.words.cv import words_of_section


def sheet_of_cv(shown: ShownCv, seen: Seen) -> Sheet:
    """Give the page of a CV that is to be seen; raises CvGone or PaperError."""
    cv = cvs().read_one(shown.id)
    paper = cv_sheet(cv)
    label, value = words_of_section(cv.content, shown.section)
    key = f"cv-{shown.id}"
    width, height = PAGE_POINTS
    pages = len(paper.pictures)
    page = page_written(paper, shown.section)
    if not page:
        # It is not there yet, or on a sheet too many: the screen stays where it is.
        page = min(max(seen.page, 1), pages) if seen.key == key else 1
    return Sheet(
        key,
        page,
        pages,
        shown.revision,
        url_for("kiosk_mirror.draw_cv", cv_id=shown.id, page=page),
        width,
        height,
        frame=_frame(paper, shown.section, page),
        letters=paper.size,
        label=label,
        value=value,
        is_redrawn=(seen.key, seen.page) != (key, page)
        or seen.revision < shown.revision,
    )


def picture_of_cv(shown: ShownCv, page: int) -> tuple[int, bytes]:
    """Give the CV's revision and a page of it as a PNG; raises CvGone or PaperError.

    Of a page that is no more, it is the last.
    """
    cv = cvs().read_one(shown.id)
    pictures = cv_sheet(cv).pictures
    return cv.revision, pictures[min(max(page, 1), len(pictures)) - 1]


def _frame(paper: Paper, section: str, page: int) -> Rectangle | None:
    """Give the part of the page around a section; all of it where that is not there yet."""
    number, found = place_written(paper, section)
    if number != page:
        return None
    width, height = PAGE_POINTS
    top = max(min(found - FRAME_ABOVE_POINTS, height - FRAME_POINTS), 0.0)
    beside = FRAME_BESIDE_POINTS
    return Rectangle(beside, top, width - 2 * beside, FRAME_POINTS)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV that the second screen follows: its one page, what is written framed."""

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
    return Sheet(
        key,
        1,
        1,
        shown.revision,
        url_for("kiosk_mirror.draw_cv", cv_id=shown.id),
        width,
        height,
        frame=_frame(paper, shown.section),
        letters=paper.size,
        label=label,
        value=value,
        is_redrawn=seen.key != key or seen.revision < shown.revision,
    )


def picture_of_cv(shown: ShownCv) -> tuple[int, bytes]:
    """Give the CV's revision and its page as a PNG; raises CvGone or PaperError."""
    cv = cvs().read_one(shown.id)
    return cv.revision, cv_sheet(cv).picture


def _frame(paper: Paper, section: str) -> Rectangle | None:
    """Give the part of the page around a section; all of it where that is not there yet."""
    found = paper.anchors.get(section, paper.anchors.get(section.partition("-")[0]))
    if found is None:
        return None
    width, height = PAGE_POINTS
    top = max(min(found - FRAME_ABOVE_POINTS, height - FRAME_POINTS), 0.0)
    beside = FRAME_BESIDE_POINTS
    return Rectangle(beside, top, width - 2 * beside, FRAME_POINTS)

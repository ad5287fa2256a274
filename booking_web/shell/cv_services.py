# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages write CVs with, and the page that a CV becomes.

The pages that were made last are kept in memory for a moment: the counsellor's and the
second screen ask for the same one.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from flask import Flask, current_app, render_template
from flask_babel import force_locale

from booking_web.base.names import without_civility
from booking_web.domain.cv.content import CvContent, Layout, Section
from booking_web.domain.cv.cvs import Cvs, OpenCv
from booking_web.domain.cv.latest_first import on_paper
from booking_web.shell.archive import archive
from booking_web.shell.paper_maker import paper_maker
from booking_web.shell.services import services
from booking_web.telling.papers.cv import make_cv
from booking_web.telling.papers.paper_maker import Paper
from booking_web.words.cv import LEVELS

SHEETS_EXTENSION = "guichet_cv_sheets"
SHEETS_KEPT = 4
KEPT_FOR = timedelta(minutes=2)
# A CV is French, whatever language its counsellor reads the pages in.
LANGUAGE = "fr"


class CvSheets:
    """The pages of the CVs that were looked at last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[int, int], tuple[datetime, Paper]] = OrderedDict()

    def find(self, key: tuple[int, int], now: datetime) -> Paper | None:
        """Give a page by its CV and revision, if it is still kept."""
        with self._lock:
            for each in [e for e in self._made if now - self._made[e][0] > KEPT_FOR]:
                del self._made[each]
            found = self._made.get(key)
            return found[1] if found else None

    def keep(self, key: tuple[int, int], paper: Paper, now: datetime) -> None:
        """Keep a page, and none of the same CV's former ones."""
        with self._lock:
            for each in [e for e in self._made if e[0] == key[0]]:
                del self._made[each]
            self._made[key] = now, paper
            while len(self._made) > SHEETS_KEPT:
                self._made.popitem(last=False)

    def forget(self, cv_id: int) -> None:
        """Keep nothing of a CV that is erased."""
        with self._lock:
            for each in [e for e in self._made if e[0] == cv_id]:
                del self._made[each]


def set_up_cv_services(app: Flask) -> None:
    """Give the application what it keeps of CVs' pages."""
    app.extensions[SHEETS_EXTENSION] = CvSheets()


def cvs() -> Cvs:
    """Give the CVs of all organisations; raises StoreNotConfigured."""
    found = services()
    return Cvs(found.database, archive().store.key, found.now)


def cv_sheets() -> CvSheets:
    """Give the pages that this process has made lately."""
    found: CvSheets = current_app.extensions[SHEETS_EXTENSION]
    return found


def cv_sheet(cv: OpenCv) -> Paper:
    """Give the page of a CV as it is at its revision; raises PaperError."""
    key = (cv.id, cv.revision)
    known = cv_sheets().find(key, services().now())
    if known is not None:
        return known
    with force_locale(LANGUAGE):
        paper = make_cv(paper_maker(), partial(_page, cv.content))
    cv_sheets().keep(key, paper, services().now())
    return paper


def _page(content: CvContent, later: Collection[int]) -> str:
    written = on_paper(content)
    if written.layout is not Layout.COLUMNS:
        later = ()
    return render_template(
        "papers/cv.html",
        cv=written.keeping(lambda entry: entry.number not in later),
        later=CvContent(
            entries=written.keeping(lambda entry: entry.number in later).entries
        ),
        name=without_civility(content.get("name")),
        Section=Section,
        levels=LEVELS,
    )

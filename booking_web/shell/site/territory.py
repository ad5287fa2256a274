# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose counter this is, as pages and papers head it: the territory's name and its mark.

The mark is a file that the site's settings name. Like every picture that comes from elsewhere it
is drawn anew by the examination's own process, once for each worker, when it is first seen.
"""

import base64
import hashlib
import threading
import time
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, abort, current_app

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import DocumentRefused, ExaminerUnavailable
from booking_web.domain.documents.examiner import Examiner, SmallPicture
from booking_web.shell.archive import archive
from booking_web.shell.forms.form_sizes import MAX_PICTURE_BYTES
from booking_web.shell.services import services_of

logger = structlog.get_logger(__name__)

TERRITORY_EXTENSION = "guichet_territory"
# After so long another try to draw it, where no process did.
AGAIN_SECONDS = 60.0
A_YEAR_SECONDS = 365 * 24 * 3600

blueprint = Blueprint("territory", __name__)


class Territory:
    """What the heads of pages and papers are drawn from; any thread may ask."""

    def __init__(self, name: str | None, file: Path | None) -> None:
        self.name = name or ""
        self._sent = _bytes_of(file) if file else b""
        # In its address: another file is another address, which no browser has yet.
        self.digest = hashlib.sha256(self._sent).hexdigest()[:12]
        self._drawing = threading.Lock()
        self._drawn: SmallPicture | None = None
        self._not_before = 0.0

    def mark(self) -> SmallPicture | None:
        """Give the mark as it is shown; None where there is none, and nobody waits for it."""
        if self._drawn is None and self._sent and self._drawing.acquire(blocking=False):
            try:
                if time.monotonic() >= self._not_before:
                    self._draw(archive().examiner)
            finally:
                self._drawing.release()
        return self._drawn

    def mark_for_paper(self) -> str:
        """Give the mark as an address that a paper carries in itself; empty: there is none."""
        mark = self.mark()
        if mark is None:
            return ""
        return f"data:image/png;base64,{base64.b64encode(mark.content).decode()}"

    def _draw(self, examiner: Examiner) -> None:
        try:
            with memory_file("mark", self._sent) as copy:
                self._drawn = examiner.draw_mark(copy)
            self._sent = b""
        except DocumentRefused as refused:
            self._sent = b""
            logger.warning(
                "territory_mark is not shown: a JPEG or PNG is needed",
                why=str(refused.reason),
            )
        except ExaminerUnavailable as error:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            logger.warning("territory_mark is not drawn yet", why=str(error))


def set_up_territory(app: Flask) -> None:
    """Give the application its head, and the mark its address."""
    settings = services_of(app).settings
    mark = settings.territory_mark
    territory = Territory(settings.territory_name, Path(mark) if mark else None)
    app.extensions[TERRITORY_EXTENSION] = territory
    app.jinja_env.globals["territory"] = territory
    app.register_blueprint(blueprint)


@blueprint.get("/marque.png")
def show() -> Response:
    """Show the mark; a site without one has none (404)."""
    territory: Territory = current_app.extensions[TERRITORY_EXTENSION]
    mark = territory.mark()
    if mark is None:
        abort(404)
    response = Response(mark.content, mimetype="image/png")
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR_SECONDS
    return response


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            found = opened.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        logger.warning("territory_mark cannot be read", why=error.strerror)
        return b""
    if len(found) > MAX_PICTURE_BYTES:
        logger.warning("territory_mark is too large", most_bytes=MAX_PICTURE_BYTES)
        return b""
    return found

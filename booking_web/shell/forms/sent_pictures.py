# SPDX-License-Identifier: AGPL-3.0-or-later
"""A picture that a form sends: who may send it, how large it is, and what comes of it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import DocumentRefused, ExaminerUnavailable
from booking_web.domain.documents.examiner import SmallPicture
from booking_web.domain.kiosks.pictures import Removal, SentPicture
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.archive import archive
from booking_web.shell.forms.form_sizes import (
    FORM_SLACK_BYTES,
    MAX_PICTURE_BYTES,
)
from booking_web.shell.services import services
from booking_web.shell.signed_in import sign_in_first, signed_in
from booking_web.shell.upload_gate import refuse_other_sites
from booking_web.tables.administration import SUBMISSION_LENGTH
from booking_web.words.pictures import REFUSALS, away_words, no_file_words, small_words

PIECE = 256 * 1024
# Less is not sharp at two metres.
SMALLEST_MARK_PIXELS = 60
SMALLEST_PHOTO_PIXELS = 200
# Who may send one, by the page that takes it, and where a stranger is led.
UPLOADS: dict[str, tuple[Right, str]] = {
    "pictures.keep": (Right.PICTURES, "pictures.show"),
    "pictures.keep_one_photo": (Right.PICTURES, "pictures.show"),
    "own_photo.keep": (Right.OWN_PHOTO, "own_photo.show"),
}


class PictureRefused(Exception):
    """The picture is not taken; `words` say why and what to do, `status` is answered."""

    def __init__(self, words: str, status: int = 422) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


def set_up_picture_gate(app: Flask) -> None:
    """Ask who sends before a body is read; the check of forms' tokens comes after it."""

    @app.before_request
    def check_before_the_body() -> Response | None:
        right, home = UPLOADS.get(request.endpoint or "", (None, ""))
        if right is None:
            return None
        if not current_user.is_authenticated:
            return sign_in_first(home)
        refuse_other_sites()
        signed_in(right)
        return None


def let_pictures_in(blueprint: Blueprint) -> None:
    """Let the uploads of these pages be larger than other forms."""

    @blueprint.url_value_preprocessor
    def allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint in UPLOADS:
            request.max_content_length = MAX_PICTURE_BYTES + FORM_SLACK_BYTES


def sent_mark(acting: Person) -> SentPicture:
    """Give the mark that the form brings; raises PictureRefused."""
    return _sent(acting, archive().examiner.draw_mark, SMALLEST_MARK_PIXELS)


def sent_photo(acting: Person) -> SentPicture:
    """Give the photo that the form brings; raises PictureRefused."""
    return _sent(acting, archive().examiner.draw_photo, SMALLEST_PHOTO_PIXELS)


def sent_removal(acting: Person) -> Removal:
    """Give who takes away what the form names."""
    return Removal(acting.actor, _submission(), services().now())


def _sent(
    acting: Person, draw: Callable[..., SmallPicture], smallest: int
) -> SentPicture:
    submission = _submission()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise PictureRefused(no_file_words())
    with memory_file("upload") as copy:
        while data := file.stream.read(PIECE):
            copy.write(data)
        copy.flush()
        try:
            drawn = draw(copy)
        except DocumentRefused as refused:
            raise PictureRefused(str(REFUSALS[refused.reason])) from refused
        except ExaminerUnavailable as error:
            raise PictureRefused(away_words(), 503) from error
    if min(drawn.sent) < smallest:
        raise PictureRefused(small_words(drawn.sent, smallest))
    return SentPicture(
        drawn.content,
        *drawn.size,
        is_light=drawn.is_light,
        actor=acting.actor,
        submission=submission,
        at=services().now(),
    )


def _submission() -> str:
    submission = request.form.get("submission", "")
    if not 16 <= len(submission) <= SUBMISSION_LENGTH:
        abort(400)
    return submission


def too_large_words() -> str:
    """Say that a picture is too large, and what to do."""
    return gettext(
        "Cette image est trop lourde : %(megabytes)s Mo au plus. Enregistrez-la plus "
        "petite, puis choisissez-la à nouveau.",
        megabytes=MAX_PICTURE_BYTES // 1_000_000,
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets those in who keep an organisation's library of forms, before a byte of a file is read."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import EngineUnavailable
from booking_web.domain.forms.limits import Limits
from booking_web.domain.rights.person import Right
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.forms.form_sizes import (
    FORM_SLACK_BYTES,
    MAX_FORM_BYTES,
    MAX_LIBRARY_BYTES,
)
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, sign_in_first, signed_in
from booking_web.shell.upload_gate import refuse_other_sites
from booking_web.words.documents import trouble_sentence
from booking_web.words.forms import engine_words

HOME = "forms_library.show"
# The most that each of these takes; all others take what any form of ours does.
UPLOADS = {
    "forms_library.add_file": Limits().max_bytes,
    "forms_library.add_edition": Limits().max_bytes,
    "forms_library.preview_library": MAX_LIBRARY_BYTES,
}

blueprint = Blueprint("forms_library", __name__, url_prefix="/organisme/formulaires")
blueprint.before_request(gate(Right.FORMS, HOME))


@blueprint.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    # Before anything reads the form. A file that is a little too large is refused by its
    # reader, in words that say what to do.
    if endpoint in UPLOADS and request.method == "POST":
        limit = UPLOADS[endpoint] + MAX_FORM_BYTES + FORM_SLACK_BYTES
        request.max_content_length = limit


def set_up_library_gate(app: Flask) -> None:
    """Give the application the gate; the check of forms' tokens is set up after it."""

    @app.before_request
    def check_before_the_body() -> Response | None:
        if request.endpoint not in UPLOADS or request.method != "POST":
            return None
        if not current_user.is_authenticated:
            return sign_in_first(HOME)
        refuse_other_sites()
        signed_in(Right.FORMS)
        return None


@blueprint.before_request
def _find_the_form() -> None:
    """Let a form of another organisation be as if there were none."""
    form_id = (request.view_args or {}).get("form_id")
    if form_id is not None:
        acting = signed_in(Right.FORMS)
        with services().database.read() as session:
            acting.form(session, form_id)


@blueprint.errorhandler(StoreUnavailable)
def _tell_trouble(error: StoreUnavailable) -> tuple[str, int]:
    return _trouble_page(trouble_sentence(error), 503)


@blueprint.errorhandler(EngineUnavailable)
def _tell_engine_away(_error: EngineUnavailable) -> tuple[str, int]:
    return _trouble_page(engine_words(), 503)


@blueprint.errorhandler(DatabaseBusy)
def _tell_busy(_error: DatabaseBusy) -> tuple[str, int]:
    return _trouble_page(busy_words(), 503)


@blueprint.errorhandler(RequestEntityTooLarge)
def _refuse_large_file(_error: RequestEntityTooLarge) -> tuple[str, int]:
    if request.endpoint not in UPLOADS:
        abort(413)
    megabytes = UPLOADS[request.endpoint] // 1_000_000
    words = gettext(
        "Ce fichier est trop volumineux : %(megabytes)s Mo au plus. Revenez à la page "
        "précédente et prenez-en un plus léger.",
        megabytes=megabytes,
    )
    return _trouble_page(words, 413, gettext("Ce fichier n'est pas pris"))


def _trouble_page(then: str, status: int, title: str = "") -> tuple[str, int]:
    page = render_template(
        "shell/error.html",
        title=title or gettext("Cela n'a pas pu se faire"),
        then=then,
        status=status,
    )
    return page, status

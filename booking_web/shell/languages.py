# SPDX-License-Identifier: AGPL-3.0-or-later
"""The language of a page: French unless the reader asks for English."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, redirect, request
from flask_babel import Babel, force_locale, get_locale

from booking_web.base.languages import FRENCH, LANGUAGES
from booking_web.shell.site.own_path import nearest_page
from booking_web.words.dates import clock, long_date
from booking_web.words.languages import languages_offered

KIOSK_PREFIX = "/borne"
_ONE_YEAR_SECONDS = 365 * 24 * 3600

logger = structlog.get_logger(__name__)
blueprint = Blueprint("languages", __name__)


def chosen_language() -> str:
    """Give the reader's choice: the footer's switch, then the browser's wish.

    A kiosk's browser is nobody's: residents read French there, whatever it was sold with, but
    for what belongs to an appointment in another language (`pages.kiosk.screen`).
    """
    if request.path.startswith(KIOSK_PREFIX):
        return FRENCH
    chosen = request.cookies.get(_cookie_name(), "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, FRENCH)


@blueprint.get("/langue/<code>")
def switch(code: str) -> Response:
    """Remember the language and go back to the page that the reader came from."""
    if code not in LANGUAGES:
        abort(404)
    page = nearest_page(request.args.get("retour", "/"))
    response = redirect(page.address if page else f"{request.root_path}/", 303)
    response.set_cookie(
        _cookie_name(),
        code,
        max_age=_ONE_YEAR_SECONDS,
        samesite="Lax",
        httponly=True,
        secure=_is_secure(),
    )
    return response  # type: ignore[return-value]


def _cookie_name() -> str:
    return "__Host-langue" if _is_secure() else "langue"


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def set_up_languages(app: Flask) -> None:
    """Give the application its languages and its ways to write dates.

    French stands in the code; a language that was never compiled reads French as well.
    """
    for language in missing_translations(Path(app.root_path) / "translations"):
        logger.warning(
            "language not compiled", language=language, made_by="script/setup"
        )
    Babel(
        app,
        default_locale=FRENCH,
        default_timezone="UTC",
        locale_selector=chosen_language,
    )
    app.register_blueprint(blueprint)
    app.jinja_env.filters["long_date"] = long_date
    app.jinja_env.globals["clock"] = clock
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["languages_offered"] = languages_offered
    app.jinja_env.globals["language"] = lambda: get_locale().language


@contextmanager
def in_french() -> Iterator[None]:
    """Give a command what words and papers need: templates and French.

    A terminal tells no language.
    """
    app = Flask("booking_web")
    set_up_languages(app)
    with app.app_context(), force_locale(FRENCH):
        yield


def missing_translations(folder: Path) -> list[str]:
    """Name the languages whose catalogue in `folder` was not made."""
    return [
        language
        for language in LANGUAGES
        if language != FRENCH
        and not (folder / language / "LC_MESSAGES" / "messages.mo").is_file()
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages that say what went wrong and what to do, never how the inside looks."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import structlog
from flask import Flask, current_app, redirect, render_template, request
from flask import Response as FlaskResponse
from flask_babel import LazyString, gettext, lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.rights.person import DataRestricted, NotVisible
from booking_web.shell.services import services
from booking_web.shell.site.own_path import nearest_page
from booking_web.shell.site.site_address import SiteAddressMissing

logger = structlog.get_logger(__name__)

# Per status: what happened, and what to do now.
_WORDS: dict[int, tuple[LazyString, LazyString]] = {
    400: (
        lazy_gettext("Cette page est restée ouverte trop longtemps"),
        lazy_gettext(
            "Revenez à la page précédente, actualisez-la, puis recommencez. "
            "Rien n'a été enregistré."
        ),
    ),
    401: (
        lazy_gettext("Vous n'êtes plus connecté"),
        lazy_gettext("Connectez-vous pour continuer."),
    ),
    403: (
        lazy_gettext("Vous n'avez pas accès à cette page"),
        lazy_gettext(
            "Votre compte ne permet pas de l'ouvrir. Si c'est une erreur, demandez "
            "l'accès à l'administrateur."
        ),
    ),
    404: (
        lazy_gettext("Cette page n'existe pas"),
        lazy_gettext(
            "L'adresse est peut-être incomplète, ou ce qu'elle montrait n'est plus là, "
            "ou pas pour vous. Revenez à votre première page."
        ),
    ),
    413: (
        lazy_gettext("Ce texte est beaucoup trop long"),
        lazy_gettext("Revenez à la page précédente et raccourcissez-le."),
    ),
    422: (
        lazy_gettext("Cette demande n'a pas été comprise"),
        lazy_gettext(
            "Revenez à la page précédente, vérifiez ce qui est choisi ou écrit, puis "
            "recommencez. Rien n'a été enregistré."
        ),
    ),
    429: (
        lazy_gettext("Trop d'essais"),
        lazy_gettext(
            "Attendez cinq minutes, puis essayez à nouveau, ou demandez un nouveau mot de "
            "passe."
        ),
    ),
    503: (
        lazy_gettext("Le serveur est très occupé"),
        lazy_gettext("Attendez un instant, puis actualisez la page."),
    ),
}
_NO_ADDRESS = (
    lazy_gettext("Ce serveur ne sait pas encore son adresse"),
    lazy_gettext(
        "Aucun lien ni code n'a été donné. Prévenez l'administrateur : il manque site_url "
        "dans les réglages du serveur."
    ),
)
_UNEXPECTED = (
    lazy_gettext("Le service a rencontré un problème"),
    lazy_gettext(
        "Ce n'est pas de votre fait. Attendez une minute, puis recommencez. Si cela "
        "continue, prévenez l'administrateur."
    ),
)


def set_up_error_pages(
    app: Flask, for_programs: Mapping[str, Callable[[int], FlaskResponse]]
) -> None:
    """Give the application its error pages.

    `for_programs` says, by how an address begins, what a program is told of a status there:
    of an address that leads nowhere no blueprint knows.
    """

    @app.errorhandler(CSRFError)
    def refuse_stale_form(error: CSRFError) -> tuple[str, int]:
        # Perhaps another site's form: nothing is done, kept or set. The token of a page that
        # is ours outlives the sign-in, so that what was typed there is kept all the same.
        _tell_refused("form without its token")
        return _page(400)

    @app.errorhandler(HTTPException)
    def show_http_error(error: HTTPException) -> Response | tuple[str, int]:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        for beginning, tell in for_programs.items():
            if request.path.startswith(beginning):
                return tell(error.code or 500)
        if error.code == 405 and request.method == "GET":
            # Whoever asks anew for the answer to a form, or comes back to it.
            above = nearest_page(request.path)
            if above is not None and current_user.is_authenticated:
                return redirect(above.address, 303)
        if error.code == HTTPStatus.FORBIDDEN:
            _tell_refused("not allowed")
        if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
            return busy_page()
        return _page(error.code or 500)

    @app.errorhandler(DataRestricted)
    def show_restricted(error: DataRestricted) -> tuple[str, int]:
        _tell_refused("restricted")
        return restricted_page()

    @app.errorhandler(NotVisible)
    def show_nothing(error: NotVisible) -> tuple[str, int]:
        # As if it did not exist: who asks learns nothing.
        _tell_refused("not theirs")
        return _page(404)

    @app.errorhandler(SiteAddressMissing)
    def show_no_address(error: SiteAddressMissing) -> tuple[str, int]:
        logger.error("site_url is missing in the settings", endpoint=request.endpoint)
        # Not 503: a page's script would send its form again until that is over.
        page = render_template(
            "shell/error.html", title=_NO_ADDRESS[0], then=_NO_ADDRESS[1], status=409
        )
        return page, 409

    @app.errorhandler(DatabaseBusy)
    def show_busy(error: DatabaseBusy) -> Response:
        return busy_page()

    @app.errorhandler(OperationalError)
    def show_busy_database(error: OperationalError) -> Response:
        logger.error("database not answering", kind=type(error.orig).__name__)
        return busy_page()

    @app.errorhandler(Exception)
    def show_unexpected_error(error: Exception) -> tuple[str, int]:
        logger.exception("request failed", endpoint=request.endpoint)
        return _page(500)


def busy_page() -> FlaskResponse:
    """Give the page that says that the database does not answer, and when to try again."""
    response = current_app.make_response(_page(503))
    response.headers["Retry-After"] = "5"
    return response


def restricted_page() -> tuple[str, int]:
    """Give the page that says no more than that nobody works with it at present."""
    then = gettext(
        "Elles sont gardées, mais personne ne s'en sert pour l'instant. Si la personne est "
        "devant vous, ne la renvoyez pas sans un mot : dites-le-lui, et appelez avec elle "
        "le délégué à la protection des données. Lui seul lève la limitation."
    )
    officer = services().settings.data_officer or ""
    title, status = gettext("Les données de cette personne sont sous limitation"), 403
    page = render_template(
        "shell/error.html", title=title, then=f"{then} {officer}".strip(), status=status
    )
    return page, status


def _tell_refused(why: str) -> None:
    """Write down who was refused what, by number and by kind of page alone."""
    user = getattr(current_user, "id", None)
    logger.warning(why, endpoint=request.endpoint, user=user)


def _page(status: int) -> tuple[str, int]:
    # An address that exists for another method does not exist for a person; of whatever else
    # was asked wrongly the service has no fault.
    usual = _WORDS[422] if status < 500 else _UNEXPECTED
    what, then = _WORDS.get(404 if status == 405 else status, usual)
    return (
        render_template("shell/error.html", title=what, then=then, status=status),
        status,
    )

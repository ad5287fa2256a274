# SPDX-License-Identifier: AGPL-3.0-or-later
"""Errors as problem details (RFC 9457), in French or in English as the caller asks."""

from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, json, request
from flask_babel import get_locale, gettext, lazy_gettext
from marshmallow import Schema, fields
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from booking_web.base.transactions import DatabaseBusy

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
# How every address of programs begins.
API = "/api/"
TYPE_PREFIX = "urn:guichet-virtuel:problem:"
_TITLES = {
    400: ("bad-request", lazy_gettext("La demande n'est pas lisible.")),
    401: (
        "unauthorized",
        lazy_gettext("Le jeton manque ou n'est plus valable."),
    ),
    403: ("forbidden", lazy_gettext("Ce client n'a pas ce droit.")),
    404: ("not-found", lazy_gettext("Rien de tel n'existe pour ce client.")),
    405: ("method-not-allowed", lazy_gettext("Cette adresse ne le permet pas.")),
    413: ("too-large", lazy_gettext("La demande est trop grande.")),
    415: ("unsupported-media-type", lazy_gettext("Ce type de contenu n'est pas lu.")),
    422: ("invalid", lazy_gettext("Une valeur n'est pas acceptée.")),
    429: ("too-many-requests", lazy_gettext("Trop de demandes : attendez un peu.")),
    503: (
        "busy",
        lazy_gettext("Le serveur est très occupé. Recommencez dans un instant."),
    ),
}
_UNEXPECTED = (
    "unexpected",
    lazy_gettext("Le service a rencontré un problème. Ce n'est pas de votre fait."),
)


class ProblemSchema(Schema):
    """An error (RFC 9457); `type` tells problems apart in any language."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Dict())
    # Free ones to take instead.
    slots = fields.List(fields.Dict())
    # Why there is none; the state that stands in the way.
    why = fields.String(allow_none=True)
    state = fields.String()


class Problem(Exception):
    """Ends the request with a problem of our own."""

    def __init__(self, status: int, code: str, title: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        # What a program tells problems apart by; it never changes with the language.
        self.code = code
        self.title = title
        self.more = more


def problem(status: int, code: str = "", title: str = "", **more: Any) -> Response:
    """Write the problem; without `code` and `title`, what the status says."""
    usual_code, usual_title = _TITLES.get(status, _UNEXPECTED)
    told = {
        "type": TYPE_PREFIX + (code or usual_code),
        "title": title or str(usual_title),
        "status": status,
        **more,
    }
    answer = Response(json.dumps(told), status, mimetype=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def tell_problems(blueprint: Blueprint) -> None:
    """Make every error of the blueprint's views a problem."""

    @blueprint.errorhandler(Problem)
    def tell_own(error: Problem) -> Response:
        return problem(error.status, error.code, error.title, **error.more)

    @blueprint.errorhandler(HTTPException)
    def tell_http_error(error: HTTPException) -> Response:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        data = getattr(error, "data", None) or {}
        more: dict[str, Any] = {}
        if data.get("messages"):
            more["errors"] = _errors(data["messages"])
        answer = problem(error.code or 500, **more)
        answer.headers.extend(data.get("headers") or {})
        return answer

    @blueprint.errorhandler(OperationalError)
    @blueprint.errorhandler(DatabaseBusy)
    def tell_busy(_error: Exception) -> Response:
        answer = problem(503)
        answer.headers["Retry-After"] = "2"
        return answer

    @blueprint.errorhandler(Exception)
    def tell_unexpected(_error: Exception) -> Response:
        logger.exception("request of the API failed", endpoint=request.endpoint)
        return problem(500)


def _errors(messages: Any) -> list[dict[str, str]]:
    """Flatten what marshmallow says into one entry a field, as RFC 9457's example does."""
    found: list[dict[str, str]] = []

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{path}/{key}", inner)
        else:
            texts = value if isinstance(value, list) else [value]
            found.extend({"pointer": path, "detail": _words(str(t))} for t in texts)

    walk("", messages)
    return found


def _words(text: str) -> str:
    """Say one of marshmallow's English sentences in the caller's language."""
    if get_locale().language == "en":
        return text
    for start, words in _MARSHMALLOW.items():
        if text.startswith(start):
            return str(words)
    return gettext("Cette valeur n'est pas acceptée.")


_MARSHMALLOW = {
    "Missing data": lazy_gettext("Cette valeur manque."),
    "Field may not be null": lazy_gettext("Cette valeur ne peut pas être vide."),
    "Unknown field": lazy_gettext("Ce champ n'existe pas."),
    "Not a valid string": lazy_gettext("Un texte est attendu."),
    "Not a valid integer": lazy_gettext("Un nombre entier est attendu."),
    "Not a valid boolean": lazy_gettext("true ou false est attendu."),
    "Not a valid date": lazy_gettext("Une date AAAA-MM-JJ est attendue."),
    "Not a valid aware datetime": lazy_gettext(
        "Un instant ISO 8601 avec son décalage est attendu (2026-11-24T09:00:00+01:00)."
    ),
    "Invalid input type": lazy_gettext("Un objet JSON est attendu."),
    "Longer than maximum": lazy_gettext("Ce texte est trop long."),
    "Shorter than minimum": lazy_gettext("Ce texte est trop court."),
    "Length must be": lazy_gettext("Ce texte n'a pas une longueur acceptée."),
    "Must be one of": lazy_gettext("Cette valeur n'est pas dans la liste."),
    "Must be greater": lazy_gettext("Ce nombre est trop petit ou trop grand."),
    "Must be less": lazy_gettext("Ce nombre est trop petit ou trop grand."),
}

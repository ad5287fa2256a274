# SPDX-License-Identifier: AGPL-3.0-or-later
"""The blueprint of the kiosk API, its errors in JSON and its description (OpenAPI 3)."""

from http import HTTPStatus
from typing import Any

import structlog
from flask import Response, abort, jsonify, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from booking_web.api.json_bodies import JsonBlueprint
from booking_web.api.kiosk.access import require_kiosk
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import (
    DocumentRefused,
    StoreFull,
    StoreUnavailable,
)
from booking_web.shell.forms.form_sizes import MAX_CHUNK_BYTES

logger = structlog.get_logger(__name__)

PREFIX = "/api/kiosk/v1"
# PostgreSQL's integer.
MAX_ID = 2**31 - 1

blueprint = JsonBlueprint(
    "kiosk_api",
    __name__,
    url_prefix=PREFIX,
    description="What a kiosk's device bridge asks and tells.",
)


@blueprint.url_value_preprocessor
def _limit_body(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if request.method == "PATCH":
        request.max_content_length = MAX_CHUNK_BYTES


blueprint.before_request(require_kiosk)


@blueprint.before_request
def _refuse_what_no_row_has() -> None:
    """The database would not even take it as a question."""
    for value in (request.view_args or {}).values():
        if isinstance(value, int) and value > MAX_ID:
            abort(404)
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            abort(404)


@blueprint.errorhandler(HTTPException)
def _tell_http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    data = getattr(error, "data", None) or {}
    answer = _answer(error.code or 500, data.get("message"), data.get("messages"))
    answer.headers.extend(data.get("headers") or {})
    if error.code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@blueprint.errorhandler(DocumentRefused)
def _tell_refusal(error: DocumentRefused) -> Response:
    return _answer(422, error.reason.value)


@blueprint.errorhandler(StoreUnavailable)
def _tell_store(error: StoreUnavailable) -> Response:
    logger.error("documents not available", error=str(error))
    return _answer(507 if isinstance(error, StoreFull) else 503, str(error))


@blueprint.errorhandler(OperationalError)
@blueprint.errorhandler(DatabaseBusy)
def _tell_busy(_error: Exception) -> Response:
    return _answer(503, "the database is busy")


@blueprint.errorhandler(Exception)
def _tell_unexpected(_error: Exception) -> Response:
    logger.exception("request of a kiosk failed", endpoint=request.endpoint)
    return _answer(500)


def _answer(status: int, message: Any = None, details: Any = None) -> Response:
    body: dict[str, Any] = {"code": status, "status": HTTPStatus(status).phrase}
    if message:
        body["message"] = message
    if details:
        body["errors"] = details
    answer = jsonify(body)
    answer.status_code = status
    return answer

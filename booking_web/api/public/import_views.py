# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes over appointments made elsewhere, from a CSV file in the request's body."""

from typing import Any

from flask import abort, request

from booking_web.api.problems import Problem
from booking_web.api.public.access import this_client
from booking_web.api.public.blueprint import blueprint, told
from booking_web.api.public.import_described import as_data
from booking_web.api.public.schemas import ImportQuerySchema, ReportSchema
from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from booking_web.domain.imports.reading import FileRefused
from booking_web.shell.services import services
from booking_web.words.imports import refusal_sentence

CSV = "text/csv"


@blueprint.post("/imports")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {CSV: {"schema": {"type": "string", "minLength": 1}}},
    }
)
@blueprint.arguments(ImportQuerySchema, location="query")
@told(400, 413, 415)
@blueprint.response(200, ReportSchema)
def import_appointments(asked: dict[str, Any]) -> dict[str, Any]:
    """Tell what would become of each line, or, with dry_run=false, book them."""
    if request.mimetype != CSV:
        abort(415)
    client = this_client()
    scope = Scope(
        user_id=client.user_id,
        actor=client.actor,
        organisation_id=client.organisation_id,
        relay_id=client.relay_id,
        client_id=client.id,
    )
    work = preview if asked["dry_run"] else run_import
    try:
        report = work(services().database, request.get_data(), scope, services().now())
    except FileRefused as error:
        raise Problem(
            422, f"file-{error.code.replace('_', '-')}", refusal_sentence(error)
        ) from error
    if not asked["dry_run"]:
        services().doorbell.ring()
    return as_data(report)

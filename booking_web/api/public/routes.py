# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the booking API with its description (OpenAPI 3)."""

from flask import Flask, Response

from booking_web.api.description import describe
from booking_web.api.problems import problem
from booking_web.api.public import (
    appointment_views,
    directory_views,
    discretion_views,
    import_views,
    language_views,
    slot_views,
)
from booking_web.api.public.blueprint import PREFIX, blueprint

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# They are on the blueprint as soon as they are imported.
VIEWS = (
    appointment_views,
    language_views,
    discretion_views,
    directory_views,
    import_views,
    slot_views,
)


def register(app: Flask) -> None:
    """Give the application the API and its description at openapi.json."""
    describe(app, "Guichet virtuel", PREFIX, "BOOKING").add(blueprint)
    # Else an address that is none would be answered with a page for people.
    app.add_url_rule(
        f"{PREFIX}/<path:address>", view_func=_tell_nothing_there, methods=_METHODS
    )
    app.extensions["csrf"].exempt(_tell_nothing_there)


def _tell_nothing_there(address: str) -> Response:
    return problem(404)

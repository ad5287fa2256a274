# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the booking API with its description (OpenAPI 3)."""

from flask import Flask, Response
from flask_smorest import Api

from booking_web.api.problems import problem
from booking_web.api.public import (
    appointment_views,
    directory_views,
    import_views,
    slot_views,
)
from booking_web.api.public.blueprint import PREFIX, blueprint

CONFIG_PREFIX = "BOOKING"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# They are on the blueprint as soon as they are imported.
VIEWS = (appointment_views, directory_views, import_views, slot_views)


class BookingApiDescription(Api):
    """flask-smorest without its error handlers: they would answer for the pages too."""

    def _register_error_handlers(self) -> None:
        """Leave the pages' errors to the pages."""


def register(app: Flask) -> None:
    """Give the application the API and its description at openapi.json."""
    options = {
        "API_TITLE": "Guichet virtuel",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": PREFIX,
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "security": [{"token": []}],
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}
            },
        },
    }
    app.config.update(
        {f"{CONFIG_PREFIX}_{name}": value for name, value in options.items()}
    )
    # A token is no cookie: no other site can make a browser send it.
    app.extensions["csrf"].exempt(blueprint)
    api = BookingApiDescription(app, config_prefix=CONFIG_PREFIX)
    api.register_blueprint(blueprint)
    # Else an address that is none would be answered with a page for people.
    app.add_url_rule(
        f"{PREFIX}/<path:address>", view_func=_tell_nothing_there, methods=_METHODS
    )
    app.extensions["csrf"].exempt(_tell_nothing_there)


def _tell_nothing_there(address: str) -> Response:
    return problem(404)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the kiosk API with its description (OpenAPI 3)."""

from flask import Flask
from flask_smorest import Api

from booking_web.api.kiosk import (
    enrolment_views,
    machine_views,
    screen_views,
    secret_views,
    upload_views,
    views,
)
from booking_web.api.kiosk.blueprint import PREFIX, blueprint

# They are on the blueprint as soon as they are imported.
VIEWS = (machine_views, screen_views, secret_views, upload_views, views)


class KioskApiDescription(Api):
    """flask-smorest without its error handlers: they would answer for the pages too."""

    def _register_error_handlers(self) -> None:
        """Leave the pages' errors to the pages."""


def register(app: Flask) -> None:
    """Give the application the API and its description at openapi.json."""
    app.config.update(
        API_TITLE="Guichet virtuel: kiosks",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "security": [{"token": []}],
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}
            },
        },
    )
    # A token is no cookie: no other site can make a browser send it.
    api = KioskApiDescription(app)
    for each in (enrolment_views.blueprint, blueprint):
        app.extensions["csrf"].exempt(each)
        api.register_blueprint(each)

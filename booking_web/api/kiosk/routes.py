# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the kiosk API with its description (OpenAPI 3)."""

from flask import Flask

from booking_web.api.description import describe
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


def register(app: Flask) -> None:
    """Give the application the API and its description at openapi.json."""
    description = describe(app, "Guichet virtuel: kiosks", PREFIX, "")
    for each in (enrolment_views.blueprint, blueprint):
        description.add(each)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages on which forms are filled in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

from booking_web.pages.counsellor.filling import (
    acts,
    blueprint,
    history,
    keys,
    pages,
    screen,
)
from booking_web.shell.services import services
from booking_web.words.dates import moment

# Their addresses are on the blueprint as soon as they are imported.
ON_THE_BLUEPRINT = (acts, history, keys, pages, screen)


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint.blueprint)
    app.jinja_env.globals["moment_of"] = _moment_of


def _moment_of(instant: datetime, zone: ZoneInfo) -> str:
    return moment(instant, zone, services().now())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of printed forms."""

from flask import Flask

from booking_web.pages.counsellor.returns import (
    asking_again,
    completing,
    correcting,
    printing,
)
from booking_web.pages.counsellor.returns.blueprint import blueprint

# Their routes are on the blueprint as soon as they are imported.
ON_THE_BLUEPRINT = (asking_again, completing, correcting, printing)


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

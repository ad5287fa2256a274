# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of statistics."""

from flask import Flask

from booking_web.pages.oversight.statistics import council, pages, sheets
from booking_web.pages.oversight.statistics.gate import blueprint

# They are on the blueprint as soon as they are imported.
ON_THE_BLUEPRINT = (council, pages, sheets)

__all__ = ["register"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

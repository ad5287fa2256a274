# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of CVs."""

from flask import Flask

from booking_web.pages.counsellor.cv import ending, following, keys, pages
from booking_web.pages.counsellor.cv.blueprint import blueprint

# What they answer is on the blueprint as soon as they are imported.
ON_THE_BLUEPRINT = (ending, following, keys, pages)


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

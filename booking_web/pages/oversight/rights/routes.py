# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of the residents' rights."""

from flask import Flask

from booking_web.pages.oversight.rights import (
    correcting,
    erasing,
    export,
    loose,
    pages,
    restricting,
    terms,
)
from booking_web.pages.oversight.rights.blueprint import blueprint

# They are on the blueprint as soon as they are imported.
ON_THE_RIGHTS = (correcting, erasing, export, loose, pages, restricting, terms)

__all__ = ["register"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

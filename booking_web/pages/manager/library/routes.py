# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of the library of forms."""

from flask import Flask

from booking_web.pages.manager.library import (
    adding,
    form_page,
    handing_on,
    listing,
    ours,
    pictures,
    placing,
    turning,
)
from booking_web.pages.manager.library.gate import blueprint

# They are on the library's blueprint as soon as they are imported.
IN_THE_LIBRARY = (
    adding,
    form_page,
    handing_on,
    listing,
    ours,
    pictures,
    placing,
    turning,
)


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the officer's pages of the journal."""

from flask import Flask

from booking_web.pages.oversight.journal import account, pages
from booking_web.pages.oversight.journal.blueprint import blueprint

# They are on the blueprint as soon as they are imported.
ON_THE_JOURNAL = (account, pages)

__all__ = ["register"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)

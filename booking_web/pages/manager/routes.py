# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the pages of an organisation's manager."""

from flask import Flask

from booking_web.pages.manager import (
    appointments,
    call_rules,
    import_pages,
    interpretations,
    pages,
    pictures,
    planning_again,
    rules,
)
from booking_web.pages.manager.library import routes as library
from booking_web.pages.manager.library.gate import set_up_library_gate

# They are on the manager's blueprint as soon as they are imported.
ON_THE_HOURS = (appointments, call_rules, interpretations, pages, planning_again, rules)

__all__ = ["register", "set_up_library_gate"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(import_pages.blueprint)
    app.register_blueprint(pictures.blueprint)
    library.register(app)

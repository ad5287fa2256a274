# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the wall's pages, with a limit on guessing its links."""

from flask import Flask

from booking_web.pages.oversight.wall import displays, wall
from booking_web.shell.sign_in.failure_limits import limit_link_guesses


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(displays.blueprint)
    app.register_blueprint(wall.blueprint)
    limit_link_guesses(app, "wall.ask", "wall.use")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the guest's pages, with a limit on guessing their links."""

from flask import Flask

from booking_web.pages.guest import link, visit
from booking_web.shell.sign_in.failure_limits import limit_link_guesses


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(link.blueprint)
    app.register_blueprint(visit.blueprint)
    limit_link_guesses(app, "guest_link.show", "guest_link.use")

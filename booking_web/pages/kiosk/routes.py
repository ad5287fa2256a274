# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application what the kiosk itself shows."""

from flask import Flask

from booking_web.base.initials import mark_letters
from booking_web.pages.kiosk import (
    help_key,
    in_sight,
    mirror,
    pictures,
    reading,
    screen,
    voice,
)
from booking_web.pages.kiosk.opening import set_up_relay_openings
from booking_web.shell.sign_in import kiosk_enrolment

# It is on the mirror's blueprint as soon as it is imported.
ON_THE_MIRROR = (reading,)


def register(app: Flask) -> None:
    """Give the application these pages."""
    set_up_relay_openings(app)
    app.add_template_filter(mark_letters, "mark_letters")
    app.register_blueprint(kiosk_enrolment.blueprint)
    app.register_blueprint(screen.blueprint)
    app.register_blueprint(mirror.blueprint)
    app.register_blueprint(voice.blueprint)
    app.register_blueprint(pictures.blueprint)
    # Its cookie is SameSite=Strict, and the page may stay open for months.
    for told in (help_key.blueprint, in_sight.blueprint):
        app.extensions["csrf"].exempt(told)
        app.register_blueprint(told)

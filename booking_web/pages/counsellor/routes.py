# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the counsellor's pages."""

from flask import Flask

from booking_web.pages.counsellor import (
    absence,
    actions,
    changes,
    documents,
    kiosk_language,
    own_photo,
    pages,
    softphone,
    volume,
)
from booking_web.pages.counsellor.cv import routes as cv
from booking_web.pages.counsellor.filling import routes as filling
from booking_web.pages.counsellor.receipt import pages as receipt
from booking_web.pages.counsellor.returns import routes as returns
from booking_web.pages.counsellor.scans import routes as scans
from booking_web.pages.counsellor.second_screen import pages as second_screen
from booking_web.pages.counsellor.second_screen import showing
from booking_web.pages.counsellor.upload_gate import set_up_upload_gate

# Their buttons are on the console's blueprint as soon as they are imported.
ON_THE_CONSOLE = (
    *(absence, actions, changes, documents, kiosk_language, receipt),
    *(scans, second_screen, showing, volume),
)

__all__ = ["register", "set_up_upload_gate"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(softphone.blueprint)
    app.register_blueprint(own_photo.blueprint)
    filling.register(app)
    returns.register(app)
    cv.register(app)

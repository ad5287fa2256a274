# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the counsellor's pages."""

from flask import Flask

from booking_web.pages.counsellor import (
    absence,
    actions,
    calling,
    changes,
    consent,
    discretion,
    documents,
    duty,
    guest,
    interpreter,
    kiosk_language,
    own_photo,
    own_telephone,
    pages,
    softphone,
    stopped,
    telephoning,
    typing,
    volume,
)
from booking_web.pages.counsellor.cv import routes as cv
from booking_web.pages.counsellor.desk import pages as call_desk
from booking_web.pages.counsellor.desk import stills
from booking_web.pages.counsellor.ending import continuation, one_file
from booking_web.pages.counsellor.ending import pages as ending
from booking_web.pages.counsellor.filling import routes as filling
from booking_web.pages.counsellor.handing_over import former
from booking_web.pages.counsellor.handing_over import pages as handing_over
from booking_web.pages.counsellor.mandates import acts as mandate_acts
from booking_web.pages.counsellor.mandates import pages as mandates
from booking_web.pages.counsellor.receipt import pages as receipt
from booking_web.pages.counsellor.returns import routes as returns
from booking_web.pages.counsellor.scans import routes as scans
from booking_web.pages.counsellor.second_screen import pages as second_screen
from booking_web.pages.counsellor.second_screen import showing
from booking_web.pages.counsellor.upload_gate import set_up_upload_gate
from booking_web.words.consents import what_follows
from booking_web.words.countdown import countdown_patterns, countdown_words
from booking_web.words.guests import RELATIONS
from booking_web.words.mandates import no_mandate_words

# Their buttons are on the console's blueprint as soon as they are imported.
ON_THE_CONSOLE = (
    *(
        absence,
        actions,
        calling,
        changes,
        consent,
        discretion,
        documents,
        guest,
        interpreter,
        kiosk_language,
        receipt,
        stopped,
        telephoning,
    ),
    *(continuation, ending, one_file),
    *(former, handing_over),
    *(mandate_acts, mandates),
    *(scans, second_screen, showing, typing, volume),
)

# And these on the desk's.
ON_THE_DESK = (stills,)

__all__ = ["register", "set_up_upload_gate"]


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.jinja_env.globals.update(
        countdown_words=countdown_words,
        countdown_patterns=countdown_patterns,
        telephone_relations=RELATIONS,
        consent_follows=what_follows,
        no_mandate_words=no_mandate_words,
    )
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(softphone.blueprint)
    app.register_blueprint(own_photo.blueprint)
    app.register_blueprint(own_telephone.blueprint)
    app.register_blueprint(call_desk.blueprint)
    app.register_blueprint(duty.blueprint)
    filling.register(app)
    returns.register(app)
    cv.register(app)

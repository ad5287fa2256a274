# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's help key: its screen posts here, with the kiosk's own cookie.

No CSRF token: that cookie is SameSite=Strict, and the page may stay open for months.
"""

from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.kiosks.help import ask_for_help
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk

blueprint = Blueprint("kiosk_help", __name__, url_prefix="/borne")


@blueprint.post("/aide")
def ask() -> Response | tuple[str, int]:
    """Ring at the desk of the kiosk's relay; again and again is once."""
    kiosk = known_kiosk()
    now = services().now()

    def work(session: Session) -> None:
        ask_for_help(session, kiosk.id, now)

    try:
        in_transaction(services().database, work)
    except DatabaseBusy:
        return "", 503
    return redirect(url_for("kiosk_screen.show"), 303)

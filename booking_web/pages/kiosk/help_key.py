# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's help key, pressed or held down: its screen posts here, with the kiosk's own cookie.

No CSRF token: that cookie is SameSite=Strict, and the page may stay open for months.
"""

from flask import Blueprint, abort, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import row_number
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments.acts import request_hang_up
from booking_web.domain.kiosks.help import ask_for_help
from booking_web.domain.rights.kiosks import appointment_at
from booking_web.domain.rights.person import NotVisible
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk
from booking_web.tables.states import IllegalMove

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


@blueprint.post("/fin")
def end_call() -> tuple[str, int]:
    """End the call of the appointment that is named: who holds the key down has had enough.

    A wish that comes late ends nobody else's call; one that is over already is no fault.
    """
    kiosk = known_kiosk()
    number = request.form.get("appointment", 0, type=row_number)
    now, actor = services().now(), f"kiosk:{kiosk.slug}"

    def work(session: Session) -> None:
        appointment = appointment_at(session, kiosk.id, number, to_change=True)
        request_hang_up(session, appointment, actor, now)

    try:
        in_transaction(services().database, work)
    except NotVisible:
        abort(404)
    except IllegalMove:
        return "", 204
    except DatabaseBusy:
        return "", 503
    services().doorbell.ring()
    return "", 204

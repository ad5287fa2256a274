# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen says what people see on it, with the kiosk's own cookie.

No CSRF token: that cookie is SameSite=Strict, and the page may stay open for months.
"""

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.languages import language_or_french
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.kiosks.in_sight import InSight, is_news, note_in_sight
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState

blueprint = Blueprint("kiosk_in_sight", __name__, url_prefix="/borne")


@blueprint.post("/vu")
def tell() -> tuple[str, int]:
    """Take what is in sight; outside a call nobody asks for it."""
    kiosk, now = known_kiosk(), services().now()
    told = InSight(
        request.form.get("feuille", ""),
        language_or_french(request.form.get("langue", "")),
    )
    query = select(Appointment).where(
        Appointment.kiosk_id == kiosk.id,
        Appointment.state == AppointmentState.IN_CALL,
    )
    with services().database.read() as session:
        found = session.scalar(query)
        if found is None:
            return "", 204
        appointment_id = found.id
        if not is_news(screen_content(session, found, now), told, now):
            return "", 204

    def work(session: Session) -> None:
        appointment = session.get_one(Appointment, appointment_id, with_for_update=True)
        note_in_sight(session, appointment, told, now)

    try:
        in_transaction(services().database, work)
    except DatabaseBusy:
        return "", 503
    return "", 204

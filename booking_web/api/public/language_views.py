# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the kiosk write and speak another language in an appointment."""

from typing import Any

from sqlalchemy.orm import Session

from booking_web.api.public.access import reachable_appointment, this_client
from booking_web.api.public.blueprint import blueprint, told
from booking_web.api.public.schemas import AppointmentSchema, LanguageSchema
from booking_web.api.public.showing import shown
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.shell.services import services


@blueprint.post("/appointments/<int:appointment_id>/language")
@blueprint.arguments(LanguageSchema)
@told(400, 415)
@blueprint.response(200, AppointmentSchema)
def choose_kiosk_language(asked: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Have the kiosk write and speak another language in the appointment, also in its call."""
    client, now = this_client(), services().now()

    def work(session: Session) -> dict[str, Any]:
        appointment = reachable_appointment(session, appointment_id, to_change=True)
        choose_language(session, appointment, asked["language"], client.actor, now)
        return shown(appointment)

    return in_transaction(services().database, work)

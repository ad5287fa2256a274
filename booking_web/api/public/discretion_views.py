# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes an appointment discreet, or not any more."""

from typing import Any

from sqlalchemy.orm import Session

from booking_web.api.public.access import reachable_appointment, this_client
from booking_web.api.public.blueprint import blueprint, told
from booking_web.api.public.schemas import AppointmentSchema, DiscretionSchema
from booking_web.api.public.showing import shown
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.discretion import choose_discretion as choose
from booking_web.shell.services import services


@blueprint.post("/appointments/<int:appointment_id>/discretion")
@blueprint.arguments(DiscretionSchema)
@told(400, 415)
@blueprint.response(200, AppointmentSchema)
def choose_discretion(asked: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Have boards and messages tell neither who comes nor why, or tell it again."""
    client, now = this_client(), services().now()

    def work(session: Session) -> dict[str, Any]:
        appointment = reachable_appointment(session, appointment_id, to_change=True)
        choose(session, appointment, asked["discreet"], client.actor, now)
        return shown(appointment)

    return in_transaction(services().database, work)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one thing that an interpreter may do in an appointment: write to its resident.

Only somebody of a service that interprets by writing, while one of it is in that very call.
Whatever else an appointment has stays its organisation's.
"""

from sqlalchemy import exists
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.rights.person import NotVisible, Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import InterpreterCall, InterpreterState
from booking_web.tables.states import AppointmentState
from provisioning.database.models import InterpreterKind, Kiosk


def written_to(
    session: Session, person: Person, appointment_id: int, *, to_change: bool = False
) -> Appointment:
    """Give the appointment whose resident they write to now; raises NotVisible."""
    is_here = exists().where(
        InterpreterCall.appointment_id == Appointment.id,
        InterpreterCall.organisation_id == person.own_organisation_id,
        InterpreterCall.state == InterpreterState.HERE,
    )
    query = (
        person.interpretations()
        .where(
            Appointment.id == appointment_id,
            Appointment.state == AppointmentState.IN_CALL,
            is_here,
        )
        .options(joinedload(Appointment.kiosk).joinedload(Kiosk.relay))
    )
    if to_change:
        query = query.with_for_update(of=Appointment)
    found = session.scalar(query)
    if found is None or not _is_typed(found):
        raise NotVisible
    return found


def _is_typed(appointment: Appointment) -> bool:
    interpreter = appointment.interpreter
    return interpreter is not None and interpreter.interprets == InterpreterKind.TYPED

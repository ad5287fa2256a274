# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console says of the interpreter, where one is booked."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from booking_web.domain.appointments.interpreters.calls import (
    call_going_on,
    last_call,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import InterpreterState
from booking_web.tables.states import AppointmentState
from booking_web.words.interpreters import call_sentence, interpreter_named

_S = InterpreterState
_TONES = {_S.ASKED: "busy", _S.HERE: "live", _S.LEFT: "over", _S.NOBODY: "trouble"}


@dataclass(frozen=True)
class InterpreterLine:
    """The interpreter of an appointment; outside of its call nothing but who it is."""

    # The service, with its kind.
    name: str
    # How the call stands, in a sentence; empty where the appointment is in no call.
    said: str = ""
    tone: str = ""
    may_call_again: bool = False
    may_send_away: bool = False


def interpreter_line(
    session: Session, appointment: Appointment
) -> InterpreterLine | None:
    """Read how the interpreter's call stands; None where nobody interprets."""
    interpreter = appointment.interpreter
    if interpreter is None:
        return None
    name = interpreter_named(interpreter)
    call = last_call(session, appointment.id)
    if appointment.state != AppointmentState.IN_CALL or call is None:
        return InterpreterLine(name)
    is_over = call.state in (_S.LEFT, _S.NOBODY)
    return InterpreterLine(
        name,
        call_sentence(call),
        _TONES[_S(call.state)],
        # A guest may have the kiosk's second call.
        may_call_again=is_over and call_going_on(session, appointment.id) is None,
        may_send_away=not is_over and call.end_requested_at is None,
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter in an appointment's call: how it stands, and the two buttons of it."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.interpreters.calls import (
    NoInterpreterToCall,
    NoInterpreterToSendAway,
    call_again,
    send_away,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import back_to_console
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment


@blueprint.post("/<int:appointment_id>/interprete/rappeler")
def call_interpreter_again(appointment_id: int) -> Response:
    """Have the interpreter called into the call once more."""
    return _do(appointment_id, call_again)


@blueprint.post("/<int:appointment_id>/interprete/faire-partir")
def send_interpreter_away(appointment_id: int) -> Response:
    """Have the interpreter's call end; the appointment's goes on."""
    return _do(appointment_id, send_away)


def _do(
    appointment_id: int, act: Callable[[Session, Appointment, str, datetime], None]
) -> Response:
    viewer = signed_in(Right.CONSOLE)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        act(session, appointment, viewer.actor, services().now())

    done = carry_out(
        work,
        {NoInterpreterToCall: _not_to_call, NoInterpreterToSendAway: _not_there},
    )
    if done is not None:
        services().doorbell.ring()
    return back_to_console(
        appointment_id, "interpreter-title", is_done=done is not None
    )


def _not_to_call(_error: NoInterpreterToCall) -> str:
    return gettext(
        "L'interprète est déjà appelé, ou l'appel est terminé. Rien n'a été fait."
    )


def _not_there(_error: NoInterpreterToSendAway) -> str:
    return gettext("L'interprète n'est plus là. Rien n'a été fait.")

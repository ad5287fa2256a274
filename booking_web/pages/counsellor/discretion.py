# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes an appointment discreet, or not any more."""

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.discretion import choose_discretion as choose
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in


@blueprint.post("/<int:appointment_id>/discretion")
def choose_discretion(appointment_id: int) -> Response:
    """Have boards and messages tell neither who comes nor why, or tell it again."""
    viewer = signed_in(Right.CONSOLE)
    discreet = request.form.get("discret") == "1"

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        choose(session, appointment, discreet, viewer.actor, services().now())

    carry_out(work, {})
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)

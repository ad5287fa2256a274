# SPDX-License-Identifier: AGPL-3.0-or-later
"""How loud the kiosk is in the call: louder, softer, a step at a time."""

from flask import request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import row_number
from booking_web.domain.kiosks.orders import NotInCall, set_volume
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import back_to_console, call_is_over
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.device_jobs import VOLUMES


@blueprint.post("/<int:appointment_id>/volume")
def choose_volume(appointment_id: int) -> Response:
    """Have the kiosk be as loud as the level that the button names."""
    viewer = signed_in(Right.CONSOLE)
    level = request.form.get("volume", 0, type=row_number)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        set_volume(session, appointment, level, viewer.actor, services().now())

    done = carry_out(work, {NotInCall: call_is_over, ValueError: _no_such_level})
    return back_to_console(appointment_id, "volume", is_done=done is not None)


def _no_such_level(_error: ValueError) -> str:
    return gettext("Le volume va de 1 à %(most)s. Rien n'a été fait.", most=VOLUMES[-1])

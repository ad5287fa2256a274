# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the kiosk write and speak another language, before the call or in it."""

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.languages import UnknownLanguage
from booking_web.domain.appointments.kiosk_language import choose_language as choose
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.words.languages import unknown_language_sentence


@blueprint.post("/<int:appointment_id>/langue")
def choose_language(appointment_id: int) -> Response:
    """Set the language that the kiosk is in from now on, in this appointment alone."""
    viewer = signed_in(Right.CONSOLE)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        choose(
            session,
            appointment,
            request.form.get("langue", ""),
            viewer.actor,
            services().now(),
        )

    carry_out(work, {UnknownLanguage: lambda _: unknown_language_sentence()})
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)

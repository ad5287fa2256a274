# SPDX-License-Identifier: AGPL-3.0-or-later
"""The button that asks another interpreter, where a service withdrew its own."""

from datetime import datetime

from flask import request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.interpreters.replacing import (
    NothingToReplace,
    ask_another,
)
from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.domain.appointments.refusals import PlaceTaken, UnknownInterpreter
from booking_web.pages.secretary.desk.actions import do
from booking_web.pages.secretary.desk.pages import blueprint
from booking_web.tables.appointment import Appointment
from booking_web.words.interpreters import unknown_interpreter_sentence


@blueprint.post("/rendez-vous/<int:appointment_id>/interprete")
def ask_another_interpreter(appointment_id: int) -> Response:
    """Have another service interpret, at the hour that stays as it is."""
    slug = request.form.get("interprete", "")

    def act(
        session: Session, appointment: Appointment, actor: str, now: datetime
    ) -> None:
        services_there = {
            each.slug: each for each in interpreting_organisations(session)
        }
        if slug not in services_there:
            raise UnknownInterpreter
        ask_another(session, appointment, services_there[slug], actor, now)

    return do(
        act,
        appointment_id,
        {
            UnknownInterpreter: lambda _error: unknown_interpreter_sentence(),
            PlaceTaken: _taken,
            NothingToReplace: _too_late,
        },
    )


def _taken(_error: PlaceTaken) -> str:
    return gettext("Cet interprète vient d'être pris à cette heure. Rien n'a été fait.")


def _too_late(_error: NothingToReplace) -> str:
    return gettext("Ce rendez-vous a changé entre-temps : rien n'a été fait.")

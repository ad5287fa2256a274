# SPDX-License-Identifier: AGPL-3.0-or-later
"""The appointments in which a service was to interpret, settled after it withdrew the hours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.interpreters import replacing
from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.places.interpreters import open_interpreter
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.manager.gate import blueprint
from booking_web.pages.manager.touched import ShownAppointment, shown_interpretation
from booking_web.shell.carrying_out import Refusals, carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment


@dataclass(frozen=True)
class Interpretation:
    """One that waits, and whether another interpreter of the service is free."""

    appointment: ShownAppointment
    can_send_another: bool


def interpretations_shown(
    session: Session, appointments: Sequence[Appointment], now: datetime
) -> list[Interpretation]:
    """Put these into words, without whoever comes."""
    return [
        Interpretation(shown_interpretation(each, now), _is_another_free(session, each))
        for each in appointments
    ]


@blueprint.post("/a-deplacer/<int:appointment_id>/autre-interprete")
def send_another_interpreter(appointment_id: int) -> Response:
    """Send another interpreter of the service, whose hours hold it."""

    def act(session: Session, each: Appointment, acting: Person, now: datetime) -> None:
        own = acting.organisation(session)
        replacing.ask_another(session, each, own, acting.actor, now)

    return _settle(
        appointment_id, act, gettext("Un autre interprète y va. La mairie le lit.")
    )


@blueprint.post("/a-deplacer/<int:appointment_id>/garder-interprete")
def keep_interpreter(appointment_id: int) -> Response:
    """Come though the hours are gone."""
    return _settle(
        appointment_id,
        lambda session, each, acting, now: replacing.keep(
            session, each, acting.actor, now
        ),
        gettext("L'interprète vient à l'heure prévue."),
    )


@blueprint.post("/a-deplacer/<int:appointment_id>/sans-interprete")
def give_up_interpreter(appointment_id: int) -> Response:
    """Interpret no more; who booked reads it, and can ask another service."""
    return _settle(
        appointment_id,
        lambda session, each, acting, now: replacing.give_up(
            session, each, acting.actor, now
        ),
        gettext("La mairie lit que ce rendez-vous n'a plus d'interprète."),
    )


def _is_another_free(session: Session, appointment: Appointment) -> bool:
    interpreter_id = appointment.interpreter_id
    return interpreter_id is not None and (
        open_interpreter(session, interpreter_id, appointment, needs_hours=True)
        is not None
    )


def _settle(
    appointment_id: int,
    act: Callable[[Session, Appointment, Person, datetime], None],
    said: str,
) -> Response:
    acting, now = signed_in(Right.HOURS), services().now()

    def work(session: Session) -> None:
        act(session, acting.interpretation(session, appointment_id), acting, now)

    refusals: Refusals = {
        PlaceTaken: _nobody_free,
        replacing.NothingToReplace: _has_changed,
    }
    if carry_out(work, refusals) is not None:
        flash(said, "success")
    return redirect(url_for("manager.plan_again"), 303)


def _nobody_free(_error: Exception) -> str:
    return gettext("Aucun autre de vos interprètes n'est libre à cette heure.")


def _has_changed(_error: Exception) -> str:
    return gettext("Ce rendez-vous a changé entre-temps : rien n'a été fait.")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The trainee's own pages: exercises, part, telephone, what happens; and all wiped at once.

Only the practice has them. What they write is in the trainee's world.
"""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Flask,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.refusals import BookingError
from booking_web.practice.exercises import EXERCISES
from booking_web.practice.happenings import Happening
from booking_web.practice.partner import hang_up, pick_up, ringing, send_visitor
from booking_web.practice.record import record_of
from booking_web.practice.trainees import PARTS, choose_part, part, trainee
from booking_web.shell.carrying_out import Refusals, carry_out
from booking_web.shell.practising import mark_as_practice
from booking_web.shell.services import services
from booking_web.tables.states import AppointmentState
from provisioning.database.models import UserRole

PART_WORDS = {
    UserRole.SECRETARY: lazy_gettext("le secrétariat de mairie"),
    UserRole.COUNSELLOR: lazy_gettext("le conseiller de l'organisme"),
}


@dataclass(frozen=True)
class HappeningWords:
    """What has it happen, what says that it goes on, and what puts it right."""

    begin: LazyString
    goes_on: LazyString
    mend: LazyString


HAPPENINGS = {
    Happening.NO_PAPER: HappeningWords(
        lazy_gettext("Vider le bac à papier"),
        lazy_gettext("L'imprimante d'exercice n'a plus de papier."),
        lazy_gettext("Remettre du papier"),
    ),
    Happening.KIOSK_OFF: HappeningWords(
        lazy_gettext("Éteindre la borne d'exercice"),
        lazy_gettext("La borne d'exercice est éteinte."),
        lazy_gettext("Rallumer la borne"),
    ),
}

blueprint = Blueprint("practice", __name__, url_prefix="/consignes")


@dataclass(frozen=True)
class Telephone:
    """What the trainee's telephone does now."""

    appointment_id: int
    name: str
    is_up: bool


def register(app: Flask) -> None:
    """Give the practice its pages, and every page of it its band."""
    app.register_blueprint(blueprint)
    mark_as_practice(app)
    app.jinja_env.globals |= {
        "practice_part": lambda: PART_WORDS[part()],
        "practice_telephone": _telephone,
        "practice_way_out": "/",
    }


@blueprint.get("")
def show() -> str:
    """Show the exercises of the part, each with its tick."""
    return render_template(
        "practice/exercises.html",
        title=gettext("Exercices"),
        part=part(),
        parts=PART_WORDS,
        **_progress(),
    )


@blueprint.get("/fait")
def progress() -> str:
    """Give the list of the exercises as it is now, for the page that is open."""
    return render_template("practice/_exercises.html", **_progress())


@blueprint.get("/telephone")
def telephone() -> str:
    """Give the band's telephone as it is now, for every page that is open."""
    return render_template("practice/_telephone.html", line=_telephone())


@blueprint.post("/role")
def play_part() -> Response:
    """Play the other part from now on, and begin at its first page."""
    chosen = request.form.get("part")
    if chosen not in PARTS:
        abort(400)
    choose_part(UserRole(chosen))
    return redirect(url_for("practice.show"), 303)


@blueprint.post("/zero")
def begin_anew() -> Response:
    """Wipe everything that was practised; what was open until now is refused."""
    trainee().reset()
    return redirect(url_for("practice.show"), 303)


@blueprint.post("/evenement/<name>")
def change_happening(name: str) -> Response:
    """Have something happen, or put it right."""
    if name not in list(Happening):
        abort(404)
    world = trainee().world
    if request.form.get("fin"):
        world.mend(Happening(name))
    else:
        world.begin(Happening(name))
    return redirect(url_for("practice.show"), 303)


@blueprint.post("/usager")
def send_somebody() -> Response:
    """Have somebody come to the counsellor's counter."""
    now = services().now()
    taken: Refusals = {
        BookingError: lambda error: gettext("Finissez d'abord l'appel en cours.")
    }
    if carry_out(lambda writing: send_visitor(writing, now), taken) is not None:
        flash(
            gettext("Quelqu'un s'assied devant la borne : votre téléphone va sonner."),
            "success",
        )
    return redirect(url_for("practice.show"), 303)


@blueprint.post("/telephone")
def use_telephone() -> Response:
    """Pick up, or hang up; leads to the appointment whose call it is."""
    now = services().now()
    act = hang_up if request.form.get("fin") else pick_up

    def work(writing: Session) -> int | None:
        appointment = ringing(writing)
        if appointment is None or not act(writing, now):
            return None
        return appointment.id

    number = in_transaction(services().database, work)
    if number is None:
        flash(gettext("L'appel était déjà fini."), "warning")
        return redirect(url_for("practice.show"), 303)
    return redirect(url_for("console.show", appointment_id=number), 303)


def _progress() -> dict[str, object]:
    world = trainee().world
    with services().database.read() as session:
        record = record_of(session, world)
    done = [(each, each.is_done(record)) for each in EXERCISES[part()]]
    return {
        "exercises": done,
        "done_count": sum(is_done for _each, is_done in done),
        "going_on": {each for each in Happening if world.has(each)},
        "happenings": HAPPENINGS,
    }


def _telephone() -> Telephone | None:
    if part() is not UserRole.COUNSELLOR:
        return None
    with services().database.read() as session:
        appointment = ringing(session)
        if appointment is None:
            return None
        return Telephone(
            appointment.id,
            appointment.name_on_boards,
            appointment.state == AppointmentState.IN_CALL,
        )

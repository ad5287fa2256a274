# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door of the CVs: whose they are, and what is said where one is gone."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.cv.cvs import CvTaken, OpenCv
from booking_web.domain.cv.errors import CvError, CvGone
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.cv_services import cvs
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.appointment import Appointment
from booking_web.words.cv import cv_trouble
from booking_web.words.documents import trouble_sentence
from provisioning.database.models import Kiosk

# What scripts put into a page that is open: a sign-in has no place there.
PARTS_OF_A_PAGE = ("cv.draw", "cv.changes", "cv.state", "cv.renew_token")
# What is asked by scripts alone: nobody would read another page.
ASKED_BY_SCRIPTS = (*PARTS_OF_A_PAGE, "cv.save_key", "cv.preview", "cv.take_over")

blueprint = Blueprint("cv", __name__, url_prefix="/rendez-vous/<int:appointment_id>/cv")


@blueprint.before_request
def _refuse_late_keys() -> None:
    """Tell a page whose sign-in has ended so: its fields are sent by its script."""
    if request.method != "GET" and not current_user.is_authenticated:
        abort(401)


blueprint.before_request(gate(Right.FILLING, parts=PARTS_OF_A_PAGE))


def counsellor() -> Person:
    """Give the signed-in person, who may write a CV with a resident."""
    return signed_in(Right.FILLING)


def own_appointment(session: Session, appointment_id: int) -> Appointment:
    """Give the appointment, with its place; raises NotVisible."""
    return counsellor().appointment(
        session,
        appointment_id,
        joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        joinedload(Appointment.organisation),
    )


def may_change(appointment_id: int, session: Session) -> Appointment:
    """Give the appointment, locked; raises NotVisible."""
    return counsellor().appointment(session, appointment_id, to_change=True)


def own_cv(appointment_id: int) -> OpenCv:
    """Give the CV of an appointment that the person sees; raises NotVisible or CvGone."""
    with services().database.read() as session:
        counsellor().appointment(session, appointment_id)
    cv = cvs().read(appointment_id)
    if cv is None:
        raise CvGone(str(appointment_id))
    return cv


def held_words(taken: CvTaken) -> str:
    """Say who writes it, and that nothing was done."""
    with services().database.read() as session:
        name = names_of(session, [taken.held_by])[taken.held_by]
    return gettext(
        "%(name)s écrit ce CV en ce moment : rien n'a été fait. Reprenez la main d'abord.",
        name=name,
    )


@blueprint.errorhandler(CvError)
def _tell_trouble(error: CvError) -> Response:
    if request.endpoint in ASKED_BY_SCRIPTS:
        return Response(status=404)
    return _back_with(cv_trouble(error))


@blueprint.errorhandler(DatabaseBusy)
def _tell_busy(_error: DatabaseBusy) -> Response:
    if request.endpoint in ASKED_BY_SCRIPTS:
        return Response(status=503)
    return _back_with(busy_words())


@blueprint.errorhandler(StoreUnavailable)
def _tell_store(error: StoreUnavailable) -> Response:
    if request.endpoint in ASKED_BY_SCRIPTS:
        return Response(status=503)
    flash(trouble_sentence(error), "warning")
    back = url_for(
        "console.show", appointment_id=(request.view_args or {})["appointment_id"]
    )
    return redirect(back, 303)


def _back_with(words: str) -> Response:
    flash(words, "warning")
    appointment_id = (request.view_args or {})["appointment_id"]
    return redirect(url_for("cv.show", appointment_id=appointment_id), 303)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The console's buttons: print, scan, copy, cancel, state. Plain form posts."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.kiosks.orders import (
    NoSuchDocument,
    NotInCall,
    OthersCall,
    TooManyJobs,
    ask_state,
    cancel_jobs,
    hide_document,
    key_again,
    prepare_job,
    show_document,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.documents import refuse_unread
from booking_web.pages.counsellor.forms import OrderNotUnderstood, read_order
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import Operation

Order = Callable[[Session, Appointment, str, datetime], object]

_OPERATIONS = {
    "imprimer": Operation.PRINT,
    "numeriser": Operation.SCAN,
    "copier": Operation.COPY,
}


@blueprint.post("/<int:appointment_id>/<any(imprimer, numeriser, copier):act>")
def run_job(appointment_id: int, act: str) -> Response:
    """Store the job and have its code keyed."""
    try:
        order = read_order(_OPERATIONS[act], request.form)
    except OrderNotUnderstood:
        abort(422)
    return _do(
        appointment_id,
        lambda session, appointment, actor, now: prepare_job(
            session, appointment, order, actor, now
        ),
    )


@blueprint.post("/<int:appointment_id>/operations/<int:number>/relancer")
def run_again(appointment_id: int, number: int) -> Response:
    """Have the code of a job keyed again of which the kiosk told nothing."""
    return _do(
        appointment_id,
        lambda session, appointment, actor, now: key_again(
            session, appointment, number, actor, now
        ),
    )


@blueprint.post("/<int:appointment_id>/annuler-operations")
def cancel(appointment_id: int) -> Response:
    """Have the kiosk cancel what its devices are doing."""
    return _do(appointment_id, cancel_jobs)


@blueprint.post("/<int:appointment_id>/etat")
def state(appointment_id: int) -> Response:
    """Have the kiosk tell the counsellor's telephone how its devices are."""
    return _do(appointment_id, ask_state)


@blueprint.post("/<int:appointment_id>/documents/<int:number>/montrer")
def show_at_kiosk(appointment_id: int, number: int) -> Response:
    """Have the kiosk show the document on its second screen, or its next page."""
    refuse_unread(appointment_id, number)
    done = _do(
        appointment_id,
        lambda session, appointment, actor, now: show_document(
            session, appointment, number, actor, now
        ),
        f"document-{number}",
    )
    if request.form.get("back") != "montrer":
        return done
    # Pressed on the page that points at the document.
    page = url_for("console.show_pages", appointment_id=appointment_id, number=number)
    return redirect(page, 303)


@blueprint.post("/<int:appointment_id>/ne-plus-montrer")
def hide_at_kiosk(appointment_id: int) -> Response:
    """Have the kiosk show no document any more."""
    return _do(appointment_id, hide_document, "documents-title")


def _do(
    appointment_id: int, order: Order, anchor: str = "operations-title"
) -> Response:
    viewer = signed_in(Right.CONSOLE)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        order(session, appointment, viewer.actor, services().now())

    done = carry_out(
        work,
        {
            NotInCall: call_is_over,
            NoSuchDocument: _document_is_gone,
            TooManyJobs: too_many,
        },
    )
    return back_to_console(appointment_id, anchor, is_done=done is not None)


def back_to_console(appointment_id: int, anchor: str, *, is_done: bool) -> Response:
    """Lead back to where the page shows what was done, or to its top, which says why not."""
    place = anchor if is_done else None
    page = url_for("console.show", appointment_id=appointment_id, _anchor=place)
    return redirect(page, 303)


def call_is_over(error: NotInCall) -> str:
    """Say that nobody at the kiosk hears any more, or that a colleague has the call."""
    if isinstance(error, OthersCall):
        return gettext(
            "%(name)s est en communication : les appareils de la borne sont les siens "
            "pendant l'appel. Rien n'a été fait.",
            name=error.name,
        )
    return gettext("L'appel est terminé : la borne n'écoute plus. Rien n'a été fait.")


def _document_is_gone(_error: NoSuchDocument) -> str:
    return gettext("Ce document a été retiré. Rien n'a été fait.")


def too_many(_error: TooManyJobs) -> str:
    """Say that the kiosk has enough to do."""
    return gettext(
        "Trop d'opérations sont en attente : attendez qu'elles soient faites, "
        "ou annulez-les."
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door of printed forms: who may, and what is said where something is gone."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.domain.forms.errors import (
    DraftGone,
    EngineUnavailable,
    FormError,
    FormRefused,
)
from booking_web.domain.forms.printed.errors import PrintedFormGone, ReturnedPageGone
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.pages import refusal_words
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.words.documents import trouble_sentence

blueprint = Blueprint(
    "returns", __name__, url_prefix="/rendez-vous/<int:appointment_id>"
)
blueprint.before_request(gate(Right.FILLING))

SECTION = "printed-forms-title"
# Why a document could not be made: `not_made` has the words.
TROUBLES = (DocumentRefused, StoreUnavailable, EngineUnavailable, FormRefused)


def counsellor_of(appointment_id: int) -> Person:
    """Give the signed-in person; raises NotVisible where the appointment is not theirs."""
    viewer = signed_in(Right.FILLING)
    with services().database.read() as session:
        viewer.appointment(session, appointment_id)
    return viewer


def back_to_console(appointment_id: int, words: str = "", tone: str = "") -> Response:
    """Lead back to the section of the console, with something to say."""
    if words:
        flash(words, tone)
    address = url_for("console.show", appointment_id=appointment_id, _anchor=SECTION)
    return redirect(address, 303)


def not_made(error: Exception) -> str:
    """Say why a document could not be made; nothing is lost by it."""
    if isinstance(error, DocumentRefused):
        return refusal_words(error.reason)
    if isinstance(error, StoreUnavailable):
        return trouble_sentence(error)
    return gettext(
        "Le serveur n'a pas pu préparer les pages. Rien n'est perdu : réessayez dans un "
        "instant, puis prévenez l'administrateur."
    )


@blueprint.errorhandler(StoreUnavailable)
def _tell_trouble(error: StoreUnavailable) -> tuple[str, int]:
    page = render_template(
        "shell/error.html",
        title=gettext("Les documents ne sont pas accessibles"),
        then=trouble_sentence(error),
        status=503,
    )
    return page, 503


@blueprint.errorhandler(DraftGone)
@blueprint.errorhandler(PrintedFormGone)
@blueprint.errorhandler(ReturnedPageGone)
def _tell_gone(_error: FormError) -> Response:
    # The appointment is the viewer's: whoever may not see it was turned away before.
    words = gettext(
        "Ce formulaire ou cette page n'est plus là : un collègue l'a peut-être retiré. "
        "Rien n'a été changé."
    )
    appointment_id: int = (request.view_args or {})["appointment_id"]
    return back_to_console(appointment_id, words, "warning")

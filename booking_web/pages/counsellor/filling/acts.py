# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done with a draft as a whole: begun, resumed, taken over, set aside, erased."""

from collections.abc import Callable
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.draft_outcomes import Taken
from booking_web.domain.forms.library_reading import read_edition
from booking_web.pages.counsellor.filling.blueprint import (
    blueprint,
    counsellor,
    own_appointment,
    own_draft,
)
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.pages.counsellor.filling.sent import number_sent
from booking_web.shell.carrying_out import Done, busy_words
from booking_web.shell.form_services import drafts
from booking_web.shell.services import services
from booking_web.tables.forms import SUBMISSION_LENGTH
from booking_web.words.documents import trouble_sentence
from booking_web.words.drafts import TROUBLES, draft_trouble

Result = TypeVar("Result")


@blueprint.post("")
def begin(appointment_id: int) -> Response:
    """Begin a draft of a form; the same page's button pressed twice begins one."""
    with services().database.read() as session:
        own_appointment(session, appointment_id)
    edition, actor = number_sent("edition"), counsellor().actor
    submission = request.form.get("submission", "")[:SUBMISSION_LENGTH]
    begun = _attempt(lambda: drafts().begin(edition, appointment_id, actor, submission))
    if begun is None:
        return _to_console(appointment_id)
    return _to_draft(appointment_id, begun.value)


@blueprint.post("/<int:draft_id>/continuer")
def resume(appointment_id: int, draft_id: int) -> Response:
    """Go on in this appointment with a draft that waits for the resident."""
    with services().database.read() as session:
        own_appointment(session, appointment_id)
    actor = counsellor().actor
    if _attempt(lambda: drafts().resume(draft_id, appointment_id, actor)) is None:
        return _to_console(appointment_id)
    return _to_draft(appointment_id, draft_id)


@blueprint.post("/<int:draft_id>/prendre")
def have(appointment_id: int, draft_id: int) -> Response:
    """Take a draft over and show it, where no script does so on the page."""
    own_draft(appointment_id, draft_id)
    actor = counsellor().actor
    _attempt(lambda: drafts().take_over(draft_id, actor))
    return _to_draft(appointment_id, draft_id)


@blueprint.post("/<int:draft_id>/mettre-de-cote")
def set_aside(appointment_id: int, draft_id: int) -> Response:
    """Have the draft wait for the resident's next appointment."""
    own_draft(appointment_id, draft_id)
    actor = counsellor().actor
    done = _attempt(lambda: drafts().set_aside(draft_id, actor))
    if done is not None and isinstance(done.value, Taken):
        flash(_held_words(done.value), "warning")
    elif done is not None:
        flash(
            gettext(
                "Le brouillon attend le prochain rendez-vous de l'usager avec votre "
                "organisme."
            ),
            "success",
        )
    return _to_console(appointment_id)


@blueprint.get("/<int:draft_id>/effacer")
def ask_to_erase(appointment_id: int, draft_id: int) -> str:
    """Ask once before what was filled in is gone."""
    draft = own_draft(appointment_id, draft_id)
    with services().database.read() as session:
        edition = read_edition(session, draft.edition_id)
        resident = own_appointment(session, appointment_id).resident_name
    return render_template(
        "counsellor/filling/erase.html",
        form=edition.title,
        number=draft_id,
        resident=resident,
        filled=sum(1 for each in draft.values.values() if each),
        back=url_for("console.show", appointment_id=appointment_id),
        title=gettext("Effacer ce brouillon ?"),
    )


@blueprint.post("/<int:draft_id>/effacer")
def erase(appointment_id: int, draft_id: int) -> Response:
    """Erase it, once confirmed."""
    own_draft(appointment_id, draft_id)
    actor = counsellor().actor
    done = _attempt(lambda: drafts().erase(draft_id, actor))
    if done is not None and isinstance(done.value, Taken):
        flash(_held_words(done.value), "warning")
    elif done is not None:
        flash(gettext("Le brouillon est effacé."), "success")
    return _to_console(appointment_id)


def _attempt(work: Callable[[], Result]) -> Done[Result] | None:
    """Do it; None where it was refused: why is said on the next page."""
    try:
        return Done(work())
    except DatabaseBusy:
        flash(busy_words(), "warning")
    except StoreUnavailable as error:
        flash(trouble_sentence(error), "warning")
    except tuple(TROUBLES) as error:
        flash(draft_trouble(error), "warning")
    return None


def _held_words(other: Taken) -> str:
    with services().database.read() as session:
        name = names_of(session, [other.held_by])[other.held_by]
    return gettext(
        "%(name)s remplit ce brouillon en ce moment : rien n'a été fait. Reprenez-le "
        "d'abord.",
        name=name,
    )


def _to_draft(appointment_id: int, draft_id: int) -> Response:
    address = url_for("filling.show", appointment_id=appointment_id, draft_id=draft_id)
    return redirect(address, 303)


def _to_console(appointment_id: int) -> Response:
    address = url_for(
        "console.show", appointment_id=appointment_id, _anchor="forms-title"
    )
    return redirect(address, 303)

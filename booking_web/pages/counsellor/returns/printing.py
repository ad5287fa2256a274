# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft is printed to be signed: at once, or after a page that says what would be wrong."""

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.forms.printed.printing import LookedOver
from booking_web.domain.kiosks.orders import (
    NotInCall,
    OthersCall,
    TooManyJobs,
    prepare_job,
)
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import call_is_over, too_many
from booking_web.pages.counsellor.filling.fields import name_of
from booking_web.pages.counsellor.returns.blueprint import (
    TROUBLES,
    back_to_console,
    blueprint,
    counsellor_of,
    not_made,
)
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.form_services import printed_forms
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.words.forms import remark_sentence
from booking_web.words.returns import unmarked_sentence


@dataclass(frozen=True)
class DoubtLine:
    """A field that would not be printed well, in words, and where it is mended."""

    label: str
    page: int
    sentences: tuple[str, ...]
    address: str


@blueprint.get("/brouillons/<int:draft_id>/imprimer")
def ask_to_print(appointment_id: int, draft_id: int) -> Response | str:
    """Say what would be printed badly, and ask whether to print all the same."""
    counsellor_of(appointment_id)
    try:
        looked = printed_forms().look_over(appointment_id, draft_id)
    except TROUBLES as error:
        return back_to_console(appointment_id, not_made(error), "warning")
    return _confirmation(looked)


@blueprint.post("/brouillons/<int:draft_id>/imprimer")
def print_draft(appointment_id: int, draft_id: int) -> Response | str | tuple[str, int]:
    """Print a draft, unless something of it would be printed badly and nobody said so."""
    viewer = counsellor_of(appointment_id)
    try:
        looked = printed_forms().look_over(appointment_id, draft_id)
        if looked.doubts and request.form.get("vu") != str(looked.revision):
            return _confirmation(looked)
        title = looked.edition.title
        printed = printed_forms().keep(looked, title, viewer.actor)
    except TROUBLES as error:
        return back_to_console(appointment_id, not_made(error), "warning")
    if printed.unmarked:
        flash(unmarked_sentence(printed.unmarked), "info")
    print_document(appointment_id, printed.document, draft_id)
    return back_to_console(appointment_id)


def print_document(
    appointment_id: int, number: int, draft_id: int | None = None
) -> None:
    """Have the kiosk print a document, and say what comes of it on the next page.

    The draft that it was made of is no longer what the second screen shows: it has to draw
    where the sheets come out and where they are signed.
    """
    viewer = signed_in(Right.FILLING)
    was_shown = False

    def work(session: Session) -> None:
        nonlocal was_shown
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        order = JobOrder(operation=Operation.PRINT, document=number)
        now = services().now()
        prepare_job(session, appointment, order, viewer.actor, now)
        shown = screen_content(session, appointment, now).draft
        was_shown = shown is not None and shown.id == draft_id
        if was_shown:
            show_page(session, appointment, None, 1, viewer.actor, now)

    def not_now(error: NotInCall) -> str:
        if isinstance(error, OthersCall):
            return call_is_over(error)
        return gettext(
            "Le document %(number)s est prêt. Il n'y a pas d'appel en cours : imprimez-le "
            "quand l'usager est là.",
            number=number,
        )

    if carry_out(work, {NotInCall: not_now, TooManyJobs: too_many}) is not None:
        said = gettext(
            "Le document %(number)s part à l'imprimante. Faites-le signer, puis "
            "numérisez-le : ses pages seront reconnues.",
            number=number,
        )
        if was_shown:
            said += " " + gettext("Le second écran ne montre plus le formulaire.")
        flash(said, "success")


def _confirmation(looked: LookedOver) -> str:
    back = url_for(
        "filling.show",
        appointment_id=looked.appointment_id,
        draft_id=looked.draft.id,
    )
    names = {
        each.key: name_of(number)
        for number, each in enumerate(looked.edition.description.fields)
    }
    lines = []
    for doubt in looked.doubts:
        sentences = [remark_sentence(each) for each in doubt.remarks]
        if doubt.is_empty:
            sentences.append(gettext("Ce champ est obligatoire et il est vide."))
        where = f"{back}#{names[doubt.key]}"
        lines.append(DoubtLine(doubt.label, doubt.page, tuple(sentences), where))
    return render_template(
        "counsellor/returns/confirm.html",
        lines=lines,
        back=back,
        revision=looked.revision,
        appointment_id=looked.appointment_id,
        draft_id=looked.draft.id,
        form=looked.edition.title,
        title=gettext("Avant d'imprimer : %(form)s", form=looked.edition.title),
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt: looked at and completed before it is printed, or printed at once by one key.

It names the forms that were filled in: it is for those who fill in.
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.languages import FRENCH
from booking_web.domain.made_papers.keeping import Kept, Printing
from booking_web.domain.receipts.keeping import note_receipt
from booking_web.domain.receipts.proposing import Proposal, propose
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.made_document import (
    MAKING_TROUBLES,
    made_trouble,
    make_document,
)
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.counsellor.receipt.form import (
    Chosen,
    ReceiptForm,
    receipt_of,
    usual_choice,
)
from booking_web.shell.paper_maker import paper_maker
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from booking_web.telling.papers.receipt import SIZES
from booking_web.words.dates import short_date
from booking_web.words.receipts import line_sentence, next_appointment_sentence
from provisioning.database.models import Kiosk


@blueprint.get("/<int:appointment_id>/recu")
def show_receipt(appointment_id: int) -> str:
    """Show what the receipt would say; all of it can be taken away."""
    proposal, name, is_in_call = _read(appointment_id)
    usual = usual_choice(proposal)
    form = ReceiptForm(formdata=None, data=vars(usual))
    return _page(appointment_id, form, proposal, usual, name, is_in_call)


@blueprint.post("/<int:appointment_id>/recu")
def keep_receipt(appointment_id: int) -> Response | tuple[str, int]:
    """Make the receipt as it was completed, and print it where that was pressed."""
    proposal, name, is_in_call = _read(appointment_id)
    form = ReceiptForm()
    chosen = Chosen(
        keys=request.form.getlist("line"),
        other=form.other.data or "",
        next_steps=form.next_steps.data or "",
        with_appointment=bool(form.with_appointment.data),
        whom=form.whom.data or "",
        telephone=form.telephone.data or "",
    )
    error = ""
    if form.validate():
        prints = request.form.get("act") != "keep"
        made = _make(appointment_id, proposal, chosen, prints=prints)
        if isinstance(made, Kept):
            return _tell_of(made, appointment_id)
        error = made
    page = _page(appointment_id, form, proposal, chosen, name, is_in_call, error)
    return page, 503 if error else 422


@blueprint.post("/<int:appointment_id>/recu/imprimer")
def print_receipt(appointment_id: int) -> Response:
    """Make the receipt as it is proposed and print it: one key."""
    proposal, _, _ = _read(appointment_id)
    made = _make(appointment_id, proposal, usual_choice(proposal), prints=True)
    if isinstance(made, Kept):
        return _tell_of(made, appointment_id)
    flash(made, "warning")
    return redirect(url_for("console.show_receipt", appointment_id=appointment_id), 303)


def _read(appointment_id: int) -> tuple[Proposal, str, bool]:
    viewer = signed_in(Right.FILLING)
    with services().database.read() as session:
        appointment = viewer.appointment(
            session,
            appointment_id,
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
        proposal = propose(session, viewer, appointment, services().now())
        is_in_call = appointment.state == AppointmentState.IN_CALL
        return proposal, appointment.name_on_boards, is_in_call


def _make(
    appointment_id: int, proposal: Proposal, chosen: Chosen, *, prints: bool
) -> Kept | str:
    """Make it; give why not, in a sentence, where it was not made."""
    viewer = signed_in(Right.FILLING)
    now = services().now()

    def may_change(session: Session) -> Appointment:
        return viewer.appointment(session, appointment_id, to_change=True)

    try:
        # It is for the resident, whatever the counsellor's pages speak; its title is for who looks
        # through the documents, like the others.
        with force_locale(proposal.language):
            receipt = receipt_of(proposal, chosen)
            page = render_template("papers/receipt.html", receipt=receipt)
        with force_locale(FRENCH):
            return make_document(
                may_change,
                # On one sheet at 20 points or more, else on several at 20.
                paper_maker().make(page, SIZES).pdf,
                gettext("Reçu du %(day)s", day=short_date(receipt.day)),
                Act.RECEIPT_MADE,
                Printing(viewer.actor, now, is_wanted=prints),
                lambda session, document: note_receipt(session, document, now),
            )
    except MAKING_TROUBLES as error:
        return made_trouble(error)


def _tell_of(made: Kept, appointment_id: int) -> Response:
    if made.is_printing:
        words = gettext(
            "Le reçu s'imprime à la borne. C'est le document %(number)s.",
            number=made.number,
        )
    else:
        words = gettext(
            "Le reçu est gardé : c'est le document %(number)s. Il n'est pas imprimé.",
            number=made.number,
        )
    services().doorbell.ring()
    flash(words, "success")
    anchor = f"document-{made.number}"
    address = url_for("console.show", appointment_id=appointment_id, _anchor=anchor)
    return redirect(address, 303)


def _page(
    appointment_id: int,
    form: ReceiptForm,
    proposal: Proposal,
    chosen: Chosen,
    name: str,
    is_in_call: bool,
    error: str = "",
) -> str:
    following = proposal.next_appointment
    return render_template(
        "counsellor/receipt/receipt.html",
        form=form,
        lines=[
            (each.key, line_sentence(each), each.deed, each.key in chosen.keys)
            for each in proposal.lines
        ],
        following=next_appointment_sentence(following) if following else "",
        is_in_call=is_in_call,
        error=error,
        view_id=appointment_id,
        back=url_for("console.show", appointment_id=appointment_id),
        title=gettext("Le reçu de %(name)s", name=name),
    )

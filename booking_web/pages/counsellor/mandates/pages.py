# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of an appointment's mandates: who acts for the resident, drawn up and printed twice.

Whoever sees the appointment sees that somebody acts; counsellors alone draw a mandate up.
"""

from flask import flash, redirect, render_template, url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.languages import FRENCH
from booking_web.domain.made_papers.keeping import Kept, Printing
from booking_web.domain.mandates.keeping import LONGEST, MandateOrder, note_mandate
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.made_document import (
    MAKING_TROUBLES,
    made_trouble,
    make_document,
)
from booking_web.pages.counsellor.mandates.form import RELATION_CHOICES, MandateForm
from booking_web.pages.counsellor.mandates.section import mandate_lines, today_at
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.paper_maker import paper_maker
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.mandates import MATTER_LENGTH, NAME_LENGTH
from booking_web.tables.states import AppointmentState
from booking_web.telling.papers.mandate import SIZES, MandatePaper
from booking_web.words.dates import short_date
from booking_web.words.mandates import REASONS, RELATIONS, mandate_title
from provisioning.database.models import Kiosk

# One for who acts, one for whom.
COPIES = 2


@blueprint.get("/<int:appointment_id>/mandats")
def show_mandates(appointment_id: int) -> str:
    """Show the mandates of the resident with this organisation, and the form of a new one."""
    return _page(appointment_id, MandateForm(formdata=None))


@blueprint.post("/<int:appointment_id>/mandats")
def draw_up_mandate(appointment_id: int) -> Response | tuple[str, int]:
    """Make the mandate's paper a document, and have it printed twice in the call."""
    viewer, now = signed_in(Right.FILLING), services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id, *_WITH_NAMES)
        today = today_at(appointment, now)
    form = MandateForm()
    order = form.order(today) if form.validate() else None
    if order is None:
        return _page(appointment_id, form), 422
    made = _make(appointment_id, _paper(appointment, order), order)
    if not isinstance(made, Kept):
        return _page(appointment_id, form, made), 503
    services().doorbell.ring()
    flash(_said_of(made), "success")
    return redirect(
        url_for("console.show_mandates", appointment_id=appointment_id), 303
    )


def _make(appointment_id: int, paper: MandatePaper, order: MandateOrder) -> Kept | str:
    """Make it; give why not, in a sentence, where it was not made."""
    viewer, now = signed_in(Right.FILLING), services().now()

    def may_change(session: Session) -> Appointment:
        return viewer.appointment(session, appointment_id, to_change=True)

    try:
        # What is signed is French, whatever the counsellor's pages speak.
        with force_locale(FRENCH):
            page = render_template("papers/mandate.html", paper=paper)
            return make_document(
                may_change,
                paper_maker().make(page, SIZES, sheets=1).pdf,
                mandate_title(order.starts_on),
                Act.MANDATE_DRAWN_UP,
                Printing(viewer.actor, now, is_wanted=True, copies=COPIES),
                lambda session, document: note_mandate(
                    session, document, order, viewer.actor, now
                ),
            )
    except MAKING_TROUBLES as error:
        return made_trouble(error)


def _paper(appointment: Appointment, order: MandateOrder) -> MandatePaper:
    with force_locale(FRENCH):
        return MandatePaper(
            resident=appointment.resident_name,
            representative=order.representative,
            relation=str(RELATIONS[order.relation]),
            organisation=appointment.organisation.name,
            relay=appointment.kiosk.relay.name,
            for_appointments=order.for_appointments,
            for_documents=order.for_documents,
            matter=order.matter,
            starts=short_date(order.starts_on),
            ends=short_date(order.ends_on),
        )


def _said_of(made: Kept) -> str:
    if made.is_printing:
        return gettext(
            "Le mandat s'imprime en deux exemplaires (document %(number)s). Faites "
            "signer, puis numérisez une feuille.",
            number=made.number,
        )
    return gettext(
        "Le mandat est le document %(number)s. Il n'est pas imprimé : il faut un appel.",
        number=made.number,
    )


def _page(appointment_id: int, form: MandateForm, error: str = "") -> str:
    viewer, now = signed_in(Right.CONSOLE), services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id, *_WITH_NAMES)
        today = today_at(appointment, now)
        lines = mandate_lines(session, viewer, appointment, now)
    return render_template(
        "counsellor/mandates/mandates.html",
        form=form,
        error=error,
        lines=lines,
        is_in_force=any(each.is_in_force for each in lines),
        name=appointment.resident_name,
        view_id=appointment_id,
        is_in_call=appointment.state == AppointmentState.IN_CALL,
        may_draw_up=viewer.may(Right.FILLING),
        relations=RELATION_CHOICES,
        reasons=REASONS,
        today=today,
        latest=today + LONGEST,
        lengths=(NAME_LENGTH, MATTER_LENGTH),
        title=gettext("Mandats"),
    )


_WITH_NAMES = (
    joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
    joinedload(Appointment.organisation),
)

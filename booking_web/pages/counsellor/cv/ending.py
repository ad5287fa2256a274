# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done with a CV as a whole: sent by e-mail, erased, its history read."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.cv.cv_rows import history
from booking_web.domain.cv.cvs import CvTaken
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.made_papers.mailing import AddressChanged, mail_document
from booking_web.pages.counsellor.cv.blueprint import (
    blueprint,
    counsellor,
    held_words,
    may_change,
    own_appointment,
    own_cv,
)
from booking_web.pages.counsellor.cv.pressed import make_cv_document
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.cv_services import cv_sheets, cvs
from booking_web.shell.services import services
from booking_web.words.cv import field_words


@blueprint.get("/envoyer")
def ask_to_send(appointment_id: int) -> str | Response:
    """Ask once whether the address is right."""
    own_cv(appointment_id)
    address = _address(appointment_id)
    if not address:
        flash(
            gettext(
                "L'usager n'a pas d'adresse e-mail. La mairie peut la noter dans sa fiche."
            ),
            "warning",
        )
        return redirect(url_for("cv.show", appointment_id=appointment_id), 303)
    return render_template(
        "counsellor/cv/send.html",
        address=address,
        can_send=bool(services().settings.smtp_host),
        back=url_for("cv.show", appointment_id=appointment_id),
        title=gettext("Envoyer le CV par e-mail"),
    )


@blueprint.post("/envoyer")
def send(appointment_id: int) -> Response:
    """Queue the e-mail with the CV attached, to the address that was confirmed."""
    cv = own_cv(appointment_id)
    confirmed, actor = request.form.get("address", ""), counsellor().actor
    made = make_cv_document(appointment_id, cv, prints=False)
    if isinstance(made, str):
        flash(made, "warning")
        return redirect(url_for("cv.show", appointment_id=appointment_id), 303)

    def queue(session: Session) -> None:
        appointment = may_change(appointment_id, session)
        now = services().now()
        mail_document(session, appointment, made.document_id, confirmed, actor, now)

    try:
        in_transaction(services().database, queue)
    except AddressChanged:
        flash(
            gettext("L'adresse a changé entre-temps. Vérifiez-la avec l'usager."),
            "warning",
        )
        return redirect(url_for("cv.ask_to_send", appointment_id=appointment_id), 303)
    flash(gettext("Le CV part par e-mail dans les minutes qui viennent."), "success")
    return redirect(url_for("cv.show", appointment_id=appointment_id), 303)


@blueprint.get("/effacer")
def ask_to_erase(appointment_id: int) -> str:
    """Ask once before the CV is erased."""
    own_cv(appointment_id)
    return render_template(
        "counsellor/cv/erase.html",
        back=url_for("cv.show", appointment_id=appointment_id),
        title=gettext("Effacer le CV"),
    )


@blueprint.post("/effacer")
def erase(appointment_id: int) -> Response:
    """Erase what was written, once confirmed."""
    cv = own_cv(appointment_id)
    done = cvs().erase(cv.id, counsellor().actor)
    if isinstance(done, CvTaken):
        flash(held_words(done), "warning")
        return redirect(url_for("cv.show", appointment_id=appointment_id), 303)
    cv_sheets().forget(cv.id)
    flash(gettext("Le CV est effacé."), "success")
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)


@blueprint.get("/historique")
def show_history(appointment_id: int) -> str:
    """Show who changed which field, and when; never to what."""
    cv = own_cv(appointment_id)
    with services().database.read() as session:
        appointment = own_appointment(session, appointment_id)
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
        changes = history(session, cv.id)
        names = names_of(session, [each.by for each in changes])
    return render_template(
        "counsellor/cv/history.html",
        lines=[
            (each.at, field_words(cv.content, each.field), names[each.by])
            for each in reversed(changes)
        ],
        zone=zone,
        back=url_for("cv.show", appointment_id=appointment_id),
        title=gettext("Qui a changé quoi dans le CV"),
    )


def _address(appointment_id: int) -> str:
    with services().database.read() as session:
        appointment = own_appointment(session, appointment_id)
        resident = resident_of(session, appointment)
        return resident.email if resident else ""

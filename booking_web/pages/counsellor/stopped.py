# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt of what a resident has stopped: an agreement withdrawn, a mandate revoked.

Printed at the kiosk in the call; else it is a document, to be opened and printed.
"""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.languages import FRENCH
from booking_web.base.local_time import local_day
from booking_web.domain.consents.answers import last_answer
from booking_web.domain.made_papers.keeping import Kept, Printing
from booking_web.domain.mandates.reading import mandate_of
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.consent import back_to_consent
from booking_web.pages.counsellor.made_document import (
    MAKING_TROUBLES,
    made_trouble,
    make_document,
)
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.paper_maker import paper_maker
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.consents import ConsentAnswer
from booking_web.tables.journal_acts import Act
from booking_web.telling.papers.stopped import SIZES, StoppedPaper
from booking_web.words.dates import clock
from booking_web.words.stopped import (
    consent_stopped_follows,
    consent_stopped_title,
    consent_stopped_words,
    mandate_stopped_follows,
    mandate_stopped_title,
    mandate_stopped_words,
)
from provisioning.database.models import Kiosk


class NothingStopped(Exception):
    """It is not withdrawn, or not revoked: there is no receipt of it."""


# Title, what is said, what follows.
Words = tuple[str, tuple[str, ...], tuple[str, ...]]


@blueprint.post("/<int:appointment_id>/accord/recu")
def make_consent_receipt(appointment_id: int) -> Response:
    """Make the receipt of the agreement, where it is withdrawn."""

    def words(session: Session, appointment: Appointment) -> Words:
        last = last_answer(session, appointment.id)
        if last is None or last.answer != ConsentAnswer.WITHDRAWN:
            raise NothingStopped
        said = consent_stopped_words(*_when(appointment, last.noted_at))
        return consent_stopped_title(), said, consent_stopped_follows()

    _make(appointment_id, words)
    return back_to_consent(appointment_id)


@blueprint.post("/<int:appointment_id>/mandats/<int:mandate_id>/recu")
def make_mandate_receipt(appointment_id: int, mandate_id: int) -> Response:
    """Make the receipt of a mandate, where it was revoked."""

    def words(session: Session, appointment: Appointment) -> Words:
        mandate = mandate_of(session, appointment, mandate_id)
        if mandate.revoked_at is None:
            raise NothingStopped
        when = _when(appointment, mandate.revoked_at)
        said = mandate_stopped_words(mandate, *when)
        return mandate_stopped_title(), said, mandate_stopped_follows()

    _make(appointment_id, words)
    page = url_for("console.show_mandates", appointment_id=appointment_id)
    return redirect(page, 303)


def _make(appointment_id: int, words: Callable[[Session, Appointment], Words]) -> None:
    """Make it once, and say on the next page where it is, or why it is not."""
    viewer, now = signed_in(Right.CONSOLE), services().now()

    def may_change(session: Session) -> Appointment:
        return viewer.appointment(session, appointment_id, to_change=True)

    try:
        # It is French, as all that is signed here, whatever the pages speak.
        with force_locale(FRENCH):
            paper = _paper(viewer, appointment_id, words)
            page = render_template("papers/stopped.html", paper=paper)
            made = make_document(
                may_change,
                paper_maker().make(page, SIZES, sheets=1).pdf,
                gettext("Reçu : %(title)s", title=paper.title),
                Act.RECEIPT_MADE,
                Printing(viewer.actor, now, is_wanted=True),
            )
    except NothingStopped:
        flash(gettext("Rien n'a été retiré : il n'y a pas de reçu à faire."), "warning")
    except MAKING_TROUBLES as error:
        flash(made_trouble(error), "warning")
    else:
        services().doorbell.ring()
        flash(_said_of(made), "success")


def _paper(
    viewer: Person,
    appointment_id: int,
    words: Callable[[Session, Appointment], Words],
) -> StoppedPaper:
    with services().database.read() as session:
        appointment = viewer.appointment(
            session,
            appointment_id,
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
        title, said, follows = words(session, appointment)
        return StoppedPaper(
            title=title,
            resident=appointment.resident_name,
            organisation=appointment.organisation.name,
            relay=appointment.kiosk.relay.name,
            said=said,
            follows=follows,
            officer=services().settings.data_officer or "",
        )


def _said_of(made: Kept) -> str:
    if made.is_printing:
        return gettext(
            "Le reçu s'imprime à la borne. C'est le document %(number)s.",
            number=made.number,
        )
    return gettext(
        "Le reçu est gardé : c'est le document %(number)s. Il n'est pas imprimé.",
        number=made.number,
    )


def _when(appointment: Appointment, at: datetime) -> tuple[date, str]:
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return local_day(at, zone), clock(at, zone)

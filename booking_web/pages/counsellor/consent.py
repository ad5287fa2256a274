# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the resident agrees: the text, read or read aloud at the kiosk, and their answer.

For the secretary before the call, for the counsellor before and in it, for both afterwards.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.languages import language_or_french
from booking_web.domain.appointments.guests.refusal import (
    have_guest_leave_where_barred,
)
from booking_web.domain.consents.answers import (
    ConsentText,
    answers_of,
    note_answer,
)
from booking_web.domain.consents.reading_aloud import (
    TO_COME,
    NotReadNow,
    read_aloud,
    reading_at,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.rows.actors import name_of
from booking_web.pages.rows.consents import ConsentLine, consent_lines
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.consent_text import consent_text
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.consents import ConsentAnswer
from booking_web.telling.voice.speaking import has_voice
from booking_web.words.consents import ANSWERS, what_follows
from booking_web.words.dates import moment
from provisioning.database.models import Kiosk


class TextChanged(Exception):
    """What was read is not what is read now."""


@dataclass(frozen=True)
class Given:
    """One answer, as the page tells of it."""

    answer: str
    when: str
    by: str
    is_of_this_text: bool


@dataclass(frozen=True)
class ConsentPage:
    """What the page shows."""

    resident_name: str
    text: ConsentText
    line: ConsentLine
    # The kiosk may be asked to read, and does so now.
    may_be_read: bool
    is_read: bool
    given: tuple[Given, ...]


@blueprint.get("/<int:appointment_id>/accord")
def show_consent(appointment_id: int) -> str:
    """Show the text in large letters, how it stands, and what was answered when."""
    viewer, now = signed_in(Right.CONSOLE), services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(
            session,
            appointment_id,
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        )
        page = _read(session, appointment, now)
    return render_template(
        "counsellor/consent.html",
        page=page,
        view_id=appointment_id,
        has_voice=has_voice(),
        follows=what_follows(),
        title=gettext("Accord de l'usager"),
    )


@blueprint.post("/<int:appointment_id>/accord")
def note_consent(appointment_id: int) -> Response:
    """Keep what the resident said to the text that the page showed."""
    viewer, now = signed_in(Right.CONSOLE), services().now()
    told, shown = request.form.get("reponse", ""), request.form.get("texte", "")

    def work(session: Session) -> ConsentAnswer:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        if told not in set(ConsentAnswer):
            abort(422)
        answer = ConsentAnswer(told)
        text = consent_text(language_or_french(appointment.language))
        if answer is not ConsentAnswer.WITHDRAWN and shown != text.sha256:
            raise TextChanged
        note_answer(session, appointment, answer, text, viewer.actor, now)
        have_guest_leave_where_barred(session, appointment, viewer.actor, now)
        return answer

    done = carry_out(work, {TextChanged: _changed})
    if done is not None:
        said = ANSWERS[done.value]
        flash(gettext("C'est noté : %(answer)s.", answer=said), "success")
    return back_to_consent(appointment_id)


@blueprint.post("/<int:appointment_id>/accord/lire")
def read_consent_aloud(appointment_id: int) -> Response:
    """Have the kiosk show the text and speak it."""
    viewer, now = signed_in(Right.CONSOLE), services().now()

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        read_aloud(session, appointment, viewer.actor, now)

    if carry_out(work, {NotReadNow: _not_now}) is not None:
        flash(gettext("La borne montre le texte et le lit."), "success")
    return back_to_consent(appointment_id)


def _read(session: Session, appointment: Appointment, now: datetime) -> ConsentPage:
    text = consent_text(language_or_french(appointment.language))
    given = answers_of(session, appointment.id)
    reading = reading_at(session, appointment.kiosk_id, now)
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return ConsentPage(
        resident_name=appointment.resident_name,
        text=text,
        line=consent_lines(session, [appointment.id])[appointment.id],
        may_be_read=appointment.state in TO_COME,
        is_read=reading is not None and reading.appointment_id == appointment.id,
        given=tuple(
            Given(
                str(ANSWERS[ConsentAnswer(each.answer)]),
                moment(each.noted_at, zone, now),
                name_of(session, each.noted_by),
                each.sha256 == text.sha256,
            )
            for each in given
        ),
    )


def back_to_consent(appointment_id: int) -> Response:
    """Lead back to the page on which the button was pressed."""
    page = url_for("console.show_consent", appointment_id=appointment_id)
    if request.form.get("retour") == "console":
        page = url_for("console.show", appointment_id=appointment_id, _anchor="consent")
    return redirect(page, 303)


def _changed(_error: TextChanged) -> str:
    return gettext("Le texte vient de changer : lisez-le, puis demandez à nouveau.")


def _not_now(_error: NotReadNow) -> str:
    return gettext(
        "La borne ne lit rien : elle est prise, ou l'appel a déjà eu lieu. Lisez le "
        "texte vous-même."
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of messages that go out, and of reminders to telephone."""

from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.residents.telephones import NoTelephone, telephone_of
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.secretary.messages.reminder_calls import (
    calls_to_make,
    channels_of,
    note_call,
    note_number,
)
from booking_web.pages.secretary.messages.sent import retry, rows_of
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.messages import CallOutcome, MessageState
from booking_web.words.dates import moment

UNDO = "undo"

blueprint = Blueprint("messages", __name__, url_prefix="/bureau")
blueprint.before_request(gate(Right.DESK))


@blueprint.get("/messages")
def show() -> str:
    """Show what was sent, what waits and what failed."""
    now = services().now()
    with services().database.read() as session:
        rows = rows_of(session, signed_in(Right.DESK), now)
    return render_template(
        "secretary/messages/messages.html",
        rows=rows,
        channels=channels_of(services().settings),
        moment=lambda instant, zone: moment(instant, zone, now),
        title=gettext("Messages aux usagers"),
    )


@blueprint.post("/messages/<int:message_id>/reessayer")
def try_again(message_id: int) -> Response:
    """Have a message tried again at once."""
    looking, now = signed_in(Right.DESK), services().now()
    before = in_transaction(
        services().database, lambda session: retry(session, looking, message_id, now)
    )
    if before is None:
        abort(404)
    if before is MessageState.SENT:
        flash(gettext("Ce message est déjà parti."), "info")
    else:
        flash(gettext("Le message part dans un instant."), "success")
    return redirect(url_for("messages.show"), 303)


@blueprint.get("/rappels")
def reminders() -> str:
    """Show whom to call for the coming days."""
    return _reminders_page()


def _looking_at(appointment_id: int) -> Person:
    """Give who acts, where the resident is theirs (else 404), before a value is read."""
    looking = signed_in(Right.DESK)
    with services().database.read() as session:
        looking.appointment(session, appointment_id, of_own_resident=True)
    return looking


def _reminders_page(wrong_id: int | None = None, typed: str = "") -> str:
    """Write the page; `wrong_id` is the appointment whose number was not understood."""
    now, looking = services().now(), signed_in(Right.DESK)
    channels = channels_of(services().settings)
    with services().database.read() as session:
        rows = calls_to_make(session, looking, channels, now)
    to_call = [row for row in rows if row.outcome is not CallOutcome.TOLD]
    return render_template(
        "secretary/messages/reminders.html",
        days=[(day, list(of)) for day, of in groupby(rows, lambda row: row.day)],
        left=len(to_call),
        without_number=sum(not row.number for row in to_call),
        wrong_id=wrong_id,
        typed=typed,
        moment=lambda instant, zone: moment(instant, zone, now),
        title=gettext("Rappels à téléphoner"),
    )


@blueprint.post("/rappels/<int:appointment_id>")
def note_reminder(appointment_id: int) -> Response:
    """Note what came of a call, or take the note back."""
    looking, now = _looking_at(appointment_id), services().now()
    told = request.form.get("outcome", "")
    if told not in {UNDO, *CallOutcome}:
        abort(400)
    outcome = None if told == UNDO else CallOutcome(told)
    in_transaction(
        services().database,
        lambda session: note_call(session, looking, appointment_id, outcome, now),
    )
    return redirect(
        url_for("messages.reminders", _anchor=f"rappel-{appointment_id}"), 303
    )


@blueprint.post("/rappels/<int:appointment_id>/telephone")
def add_number(appointment_id: int) -> Response | tuple[str, int]:
    """Keep the number of somebody to call; one that does not exist comes back."""
    looking, now = _looking_at(appointment_id), services().now()
    typed = request.form.get("telephone", "")[:40]
    try:
        number = telephone_of(typed)
    except NoTelephone:
        return _reminders_page(appointment_id, typed), 422
    if number:
        in_transaction(
            services().database,
            lambda session: note_number(session, looking, appointment_id, number, now),
        )
    return redirect(
        url_for("messages.reminders", _anchor=f"rappel-{appointment_id}"), 303
    )

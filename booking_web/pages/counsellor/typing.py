# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where an interpreter writes to the resident, in the call that they are in.

A script sends `quiet=1` and gets no page: 204 done, 409 no call, 503 busy.
"""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments.interpreters.typing import written_to
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.domain.kiosks.second_screen import write_words
from booking_web.domain.rights.person import NotVisible, Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.shell.written_words import call_name, open_words, seal_words

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/<int:appointment_id>/paroles")
def show_typing(appointment_id: int) -> str:
    """Show the one field; of a call that this person is not in nothing is told (404)."""
    person = signed_in(Right.FILLING)
    with services().database.read() as session:
        try:
            appointment = written_to(session, person, appointment_id)
        except NotVisible:
            abort(404)
        words = screen_content(session, appointment, services().now()).words
        name = call_name(appointment)
        where = f"{appointment.kiosk.relay.name}, {appointment.organisation.name}"
    try:
        written = open_words(words, name) if words else ""
    except StoreUnavailable:
        written = ""
    return render_template(
        "counsellor/typing.html",
        appointment_id=appointment_id,
        where=where,
        written=written,
        title=gettext("Écrire à l'usager"),
    )


@blueprint.post("/<int:appointment_id>/paroles")
def type_words(appointment_id: int) -> Response | tuple[str, int, dict[str, str]]:
    """Show the resident what is written, or nothing any more."""
    person = signed_in(Right.FILLING)
    is_cleared = "effacer" in request.form
    words = "" if is_cleared else request.form.get("words", "").replace("\r\n", "\n")

    def work(session: Session) -> bool:
        appointment = written_to(session, person, appointment_id, to_change=True)
        sealed = seal_words(words, call_name(appointment)) if words.strip() else None
        return write_words(session, appointment, sealed, services().now())

    said, status = "", 204
    try:
        if not in_transaction(services().database, work):
            said, status = _no_call(), 409
    except NotVisible:
        said, status = _no_call(), 409
    except DatabaseBusy:
        said, status = busy_words(), 503
    except StoreUnavailable:
        said, status = (
            gettext("Rien ne peut être écrit : prévenez l'administrateur."),
            503,
        )
    if request.form.get("quiet"):
        return said, status, PLAIN
    if said:
        flash(said, "warning")
        return redirect(url_for("console.home"), 303)
    return redirect(url_for("console.show_typing", appointment_id=appointment_id), 303)


def _no_call() -> str:
    return gettext("Vous n'êtes plus dans cet appel : rien n'est affiché.")

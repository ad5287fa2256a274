# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cancelling, and saying that somebody did not come: asked once, with the reason."""

from flask import render_template, request
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from booking_web.domain.appointments import acts
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.day import Row, row_of
from booking_web.pages.secretary.desk.actions import do, list_of
from booking_web.pages.secretary.desk.pages import blueprint
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.states import ActReason, AppointmentState
from booking_web.words.appointments import ACT_REASONS
from booking_web.words.dates import moment

INVALID = 422
CHOOSE = lazy_gettext("Choisissez la raison dans la liste.")


@blueprint.get("/rendez-vous/<int:appointment_id>/annuler")
def ask_to_cancel(appointment_id: int) -> str:
    """Ask once before cancelling."""
    return _ask(appointment_id, "cancel")


@blueprint.post("/rendez-vous/<int:appointment_id>/annuler")
def cancel(appointment_id: int) -> Response | tuple[str, int]:
    """Cancel, once confirmed."""
    reason = reason_asked_for()
    if reason is None:
        return _ask(appointment_id, "cancel", CHOOSE), INVALID
    return do(
        lambda session, appointment, actor, now: acts.cancel(
            session, appointment, actor, now, reason
        ),
        appointment_id,
    )


@blueprint.get("/rendez-vous/<int:appointment_id>/absent")
def ask_about_no_show(appointment_id: int) -> str:
    """Ask once before somebody is taken for absent."""
    return _ask(appointment_id, "no_show")


@blueprint.post("/rendez-vous/<int:appointment_id>/absent")
def no_show(appointment_id: int) -> Response | tuple[str, int]:
    """Mark the resident as absent, once confirmed."""
    reason = reason_asked_for()
    if reason is None:
        return _ask(appointment_id, "no_show", CHOOSE), INVALID
    return do(
        lambda session, appointment, actor, now: acts.mark_no_show(
            session, appointment, actor, now, reason
        ),
        appointment_id,
    )


def reason_asked_for() -> str | None:
    """Read the reason of the form; empty for none, None for one that is unknown."""
    reason = request.form.get("raison", "")
    return reason if not reason or reason in set(ActReason) else None


def _ask(appointment_id: int, what: str, error: LazyString | str = "") -> str:
    now = services().now()
    with services().database.read() as session:
        appointment = signed_in(Right.DESK).appointment(session, appointment_id)
        row = row_of(appointment, now)
        is_in_line = appointment.in_line
    return render_template(
        "secretary/desk/cancel.html",
        row=row,
        when=moment(row.starts_at, row.zone, now),
        back=list_of(row.starts_at, row.zone, appointment_id),
        reasons=ACT_REASONS,
        chosen="",
        error=error,
        **_words(what, row, is_in_line),
    )


def _words(what: str, row: Row, is_in_line: bool) -> dict[str, str]:
    if what == "no_show":
        return {
            "title": gettext("Noter l'usager absent"),
            "warning": (
                gettext("L'appel a eu lieu sans lui : il ne comptera pas comme fait.")
                if row.state is AppointmentState.DONE
                else gettext("La borne et le guichet seront rendus à d'autres.")
            ),
            "act": gettext("%(name)s n'est pas là", name=row.resident_name),
            "symbol": "person-x",
        }
    if is_in_line:
        return {
            "title": gettext("Retirer de la file d'attente"),
            "warning": gettext("Sa place dans la file sera perdue."),
            "act": gettext("Retirer de la file"),
            "symbol": "x-circle",
        }
    return {
        "title": gettext("Annuler le rendez-vous"),
        "warning": gettext("L'heure sera rendue à d'autres."),
        "act": gettext("Annuler ce rendez-vous"),
        "symbol": "x-circle",
    }

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor has a kiosk called, early, late or again; and settles calls that were missed."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.missed_calls import settle_missed_call
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.rows.call_refusals import changed, counters_taken, kiosk_taken
from booking_web.pages.rows.day import row_of
from booking_web.shell.carrying_out import Refusals, carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState, IllegalMove
from booking_web.words.dates import moment

CallAct = Callable[[Session, Appointment, str, datetime], None]


@blueprint.get("/<int:appointment_id>/appeler")
def ask_to_call(appointment_id: int) -> str:
    """Ask once before a kiosk is called: it answers by itself, and shows who sits there."""
    viewer, now = signed_in(Right.RECEIVING), services().now()
    with services().database.read() as session:
        row = row_of(viewer.appointment(session, appointment_id), now)
    return render_template(
        "rows/question.html",
        row=row,
        when=f"{moment(row.starts_at, row.zone, now)}, {row.relay}",
        back=url_for("console.home"),
        title=gettext("Appeler la borne maintenant ?"),
        warning=gettext(
            "La borne répond toute seule et votre téléphone sonne : l'usager doit être "
            "devant elle."
        ),
        before=_doubt(row.state),
        act=gettext("Appeler la borne"),
        symbol="telephone-outbound",
    )


def _doubt(state: AppointmentState) -> str:
    if state is AppointmentState.BOOKED:
        return gettext("La mairie n'a pas encore noté que l'usager est arrivé.")
    return ""


@blueprint.post("/<int:appointment_id>/appeler")
def call_kiosk(appointment_id: int) -> Response:
    """Have the kiosk called now, and show who comes and why before the telephone rings."""
    done = _do(acts.call_now, appointment_id)
    if done:
        flash(gettext("L'appel est demandé : votre téléphone va sonner."), "success")
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)


@blueprint.post("/<int:appointment_id>/terminer")
def finish_call(appointment_id: int) -> Response:
    """Close an appointment whose call broke after all was said; its outcome comes next."""
    if not _do(acts.finish, appointment_id):
        return redirect(url_for("console.home"), 303)
    return redirect(url_for("console.show_end", appointment_id=appointment_id), 303)


@blueprint.post("/<int:appointment_id>/rien-a-faire")
def settle_call(appointment_id: int) -> Response:
    """Say that nothing is to be done of a call that was missed."""
    if _do(settle_missed_call, appointment_id):
        flash(gettext("C'est noté : rien à faire pour cet appel manqué."), "success")
    return redirect(url_for("console.home"), 303)


def _do(act: CallAct, appointment_id: int) -> bool:
    viewer, now = signed_in(Right.RECEIVING), services().now()

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        act(session, appointment, viewer.actor, now)

    refusals: Refusals = {
        IllegalMove: changed,
        acts.KioskTaken: partial(_kiosk_taken, appointment_id, now),
        acts.CountersTaken: counters_taken,
    }
    return carry_out(work, refusals) is not None


def _kiosk_taken(appointment_id: int, now: datetime, error: acts.KioskTaken) -> str:
    with services().database.read() as session:
        appointment = signed_in(Right.RECEIVING).appointment(session, appointment_id)
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return kiosk_taken(error, zone, now)

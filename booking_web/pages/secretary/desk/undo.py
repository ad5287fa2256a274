# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking back what was pressed by mistake: at once beside the news of it, or later in the list.

Both are plain forms. What cannot be taken back, such as hanging up, is asked about before.
"""

from datetime import datetime

from flask import render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.setting_back import (
    HourTaken,
    NothingToSetBack,
    mistakes,
    set_back,
)
from booking_web.domain.receipts.keeping import receipt_number
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.day import row_of
from booking_web.pages.secretary.desk.actions import do, list_of
from booking_web.pages.secretary.desk.pages import blueprint
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from booking_web.words.appointments import wording_of
from booking_web.words.dates import moment


@blueprint.get("/rendez-vous/<int:appointment_id>/raccrocher")
def ask_to_hang_up(appointment_id: int) -> str:
    """Ask once before a call is ended."""
    now = services().now()
    with services().database.read() as session:
        row = row_of(signed_in(Right.DESK).appointment(session, appointment_id), now)
        has_receipt = receipt_number(session, appointment_id) is not None
    return render_template(
        "rows/question.html",
        row=row,
        before=None if has_receipt else _receipt_first(),
        when=moment(row.starts_at, row.zone, now),
        back=list_of(row.starts_at, row.zone, appointment_id),
        title=gettext("Raccrocher"),
        warning=(
            gettext("L'appel sera coupé pour l'usager et pour le conseiller.")
            if row.state in ON_THE_LINE
            else gettext("Cet appel est déjà terminé.")
        ),
        act=gettext("Couper l'appel"),
        symbol="telephone-x",
        is_grave=True,
    )


def _receipt_first() -> str:
    # Whoever may hang up here makes no receipt.
    return gettext(
        "L'usager n'a pas encore son reçu : le conseiller peut le faire avant la fin de "
        "l'appel."
    )


@blueprint.post("/rendez-vous/<int:appointment_id>/raccrocher")
def hang_up(appointment_id: int) -> Response:
    """Ask for the end of the call, once confirmed."""
    return do(acts.request_hang_up, appointment_id)


@blueprint.get("/rendez-vous/<int:appointment_id>/retablir")
def ask_to_set_back(appointment_id: int) -> str:
    """Ask once before a state is set back to what it was."""
    now = services().now()
    with services().database.read() as session:
        appointment = signed_in(Right.DESK).appointment(session, appointment_id)
        row = row_of(appointment, now)
        mistake = mistakes(session, [appointment], now).get(appointment_id)
    back = list_of(row.starts_at, row.zone, appointment_id)
    if mistake is None:
        return render_template(
            "shell/error.html",
            title=gettext("Il n'y a rien à rétablir"),
            then=gettext("Ce rendez-vous a changé entre-temps."),
            status=409,
        )
    before, after = wording_of(mistake.before).word, wording_of(mistake.after).word
    return render_template(
        "rows/question.html",
        row=row,
        when=moment(row.starts_at, row.zone, now),
        back=back,
        title=gettext("Rétablir le rendez-vous"),
        warning=gettext(
            "Il est maintenant « %(after)s » et redeviendra « %(before)s ».",
            after=after,
            before=before,
        ),
        act=gettext("Remettre « %(state)s »", state=before),
        symbol="arrow-left",
        is_grave=False,
        expected=mistake.after,
    )


@blueprint.post("/rendez-vous/<int:appointment_id>/retablir")
def set_back_now(appointment_id: int) -> Response:
    """Set the state back that the page showed."""
    expected = request.form.get("etat", "")

    def act(
        session: Session, appointment: Appointment, actor: str, now: datetime
    ) -> None:
        if expected not in set(AppointmentState):
            raise NothingToSetBack
        set_back(session, appointment, AppointmentState(expected), actor, now)

    return do(
        act, appointment_id, {HourTaken: _hour_taken, NothingToSetBack: _has_changed}
    )


def _hour_taken(_error: HourTaken) -> str:
    return gettext(
        "Cette heure a été donnée à quelqu'un d'autre entre-temps. "
        "Prenez un nouveau rendez-vous."
    )


def _has_changed(_error: NothingToSetBack) -> str:
    return gettext("Ce rendez-vous a changé entre-temps. Rien n'a été fait.")

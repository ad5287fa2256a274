# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done to a mandate: its signed paper scanned or chosen, and its end before its day."""

from collections.abc import Callable
from functools import partial

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.kiosks.orders import NoSuchDocument, NotInCall, TooManyJobs
from booking_web.domain.mandates.handling import Handling
from booking_web.domain.mandates.keeping import revoke
from booking_web.domain.mandates.reading import mandate_of
from booking_web.domain.mandates.signing import MandateOver, ask_for_scan, choose_scan
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import call_is_over, too_many
from booking_web.pages.counsellor.mandates.section import today_at
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.mandates import RevocationReason
from provisioning.database.models import Kiosk

MANDATE = "/<int:appointment_id>/mandats/<int:mandate_id>"


@blueprint.post(f"{MANDATE}/numeriser")
def scan_mandate(appointment_id: int, mandate_id: int) -> Response:
    """Have the kiosk scan the signed paper; what comes is bound to the mandate."""
    said = gettext("Le scanner attend la feuille signée : elle sera liée au mandat.")
    return _do(Right.FILLING, appointment_id, mandate_id, ask_for_scan, said)


@blueprint.post(f"{MANDATE}/signe")
def choose_signed(appointment_id: int, mandate_id: int) -> Response:
    """Have a scan of the appointment be the signed paper."""
    number = whole_or_none(request.form.get("document", ""))
    work = partial(choose_scan, number=number)
    said = gettext("Le mandat est signé : la numérisation lui est liée.")
    return _do(Right.FILLING, appointment_id, mandate_id, work, said)


@blueprint.post(f"{MANDATE}/retirer")
def revoke_mandate(appointment_id: int, mandate_id: int) -> Response:
    """End the mandate now, with the reason."""
    told = request.form.get("raison", "")

    def work(it: Handling) -> None:
        if told not in set(RevocationReason):
            abort(422)
        revoke(it, RevocationReason(told))

    said = gettext(
        "Le mandat est retiré : il ne permet plus rien. Donnez-en le reçu à l'usager."
    )
    return _do(Right.CONSOLE, appointment_id, mandate_id, work, said)


def _do(
    right: Right,
    appointment_id: int,
    mandate_id: int,
    work: Callable[[Handling], None],
    said: str,
) -> Response:
    viewer, now = signed_in(right), services().now()

    def in_one(session: Session) -> None:
        appointment = viewer.appointment(
            session,
            appointment_id,
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            to_change=True,
        )
        mandate = mandate_of(session, appointment, mandate_id)
        today = today_at(appointment, now)
        work(Handling(session, appointment, mandate, viewer.actor, now, today))

    done = carry_out(
        in_one,
        {
            MandateOver: _over,
            NoSuchDocument: _no_scan,
            NotInCall: call_is_over,
            TooManyJobs: too_many,
        },
    )
    if done is not None:
        flash(said, "success")
    return redirect(
        url_for("console.show_mandates", appointment_id=appointment_id), 303
    )


def _over(_error: MandateOver) -> str:
    return gettext("Ce mandat est terminé ou retiré : il ne permet plus rien.")


def _no_scan(_error: NoSuchDocument) -> str:
    return gettext("Choisissez une numérisation de ce rendez-vous.")

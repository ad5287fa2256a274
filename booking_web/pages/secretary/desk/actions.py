# SPDX-License-Identifier: AGPL-3.0-or-later
"""The buttons of the day's list: plain form posts that come back to the list.

Those that ask first have pages of their own, in `ending`, `moving` and `undo`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from flask import session as session_cookie
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.setting_back import mistakes
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.call_refusals import changed, counters_taken, kiosk_taken
from booking_web.pages.secretary.desk.pages import UNDO, blueprint
from booking_web.shell.carrying_out import Refusals, carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import IllegalMove
from booking_web.words.appointments import wording_of

Act = Callable[[Session, Appointment, str, datetime], None]
# Anything else: not asked.
ANSWERS = {"oui": True, "non": False}


@blueprint.post("/rendez-vous/<int:appointment_id>/arrive")
def arrive(appointment_id: int) -> Response:
    """Mark the resident as arrived."""
    return do(acts.mark_arrived, appointment_id)


@blueprint.post("/rendez-vous/<int:appointment_id>/appeler")
def call(appointment_id: int) -> Response:
    """Ask for the call now, for the first time or again."""
    return do(acts.call_now, appointment_id)


@blueprint.post("/rendez-vous/<int:appointment_id>/terminer")
def finish(appointment_id: int) -> Response:
    """Close an appointment whose call broke after all was said."""
    return do(acts.finish, appointment_id)


@blueprint.post("/rendez-vous/<int:appointment_id>/utile")
def note_usefulness(appointment_id: int) -> Response:
    """Keep whether it was useful; another click changes the answer."""
    answer = ANSWERS.get(request.form.get("utile", ""))
    return do(
        lambda session, appointment, actor, now: acts.note_usefulness(
            session, appointment, answer, actor, now
        ),
        appointment_id,
    )


def do(act: Act, appointment_id: int, refusals: Refusals | None = None) -> Response:
    """Do the act in one transaction and come back to the list with what came of it."""
    acting = signed_in(Right.DESK)
    now = services().now()

    def work(session: Session) -> None:
        appointment = acting.appointment(session, appointment_id, to_change=True)
        act(session, appointment, acting.actor, now)

    done = carry_out(
        work,
        {
            IllegalMove: changed,
            acts.KioskTaken: partial(_kiosk_taken, appointment_id, now),
            acts.CountersTaken: counters_taken,
            **(refusals or {}),
        },
    )
    if done is not None:
        _offer_undo(appointment_id, now)
    return back_to_list(appointment_id)


def back_to_list(appointment_id: int) -> Response:
    """Come back to the list that holds the appointment."""
    with services().database.read() as session:
        appointment = signed_in(Right.DESK).appointment(session, appointment_id)
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return redirect(list_of(appointment.starts_at, zone, appointment_id), 303)


def _offer_undo(appointment_id: int, now: datetime) -> None:
    """Tell on the next page what was done just now, beside a button that takes it back."""
    with services().database.read() as session:
        appointment = signed_in(Right.DESK).appointment(session, appointment_id)
        mistake = mistakes(session, [appointment], now).get(appointment_id)
        if mistake is None or mistake.at != now:
            return
        words = gettext(
            "%(name)s : %(what)s.",
            name=appointment.resident_name,
            what=wording_of(mistake.after).word,
        )
    session_cookie[UNDO] = {
        "words": words,
        "id": appointment_id,
        "state": str(mistake.after),
    }


def _kiosk_taken(appointment_id: int, now: datetime, error: acts.KioskTaken) -> str:
    with services().database.read() as session:
        appointment = signed_in(Right.DESK).appointment(session, appointment_id)
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return kiosk_taken(error, zone, now)


def list_of(starts_at: datetime, zone: ZoneInfo, appointment_id: int) -> str:
    """Give the address of the list that holds the appointment."""
    shown: dict[str, Any] = {}
    day = local_day(starts_at, zone)
    if day != local_day(services().now(), zone):
        shown["jour"] = day.isoformat()
    return url_for("desk.show", _anchor=f"rendez-vous-{appointment_id}", **shown)

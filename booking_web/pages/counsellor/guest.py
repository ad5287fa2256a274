# SPDX-License-Identifier: AGPL-3.0-or-later
"""The third person in an appointment's call: invited, let in, sent away by whoever has it."""

from collections.abc import Callable
from datetime import datetime

from flask import Response as Answer
from flask import redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.resident_text import has_letter, has_unprintable, normalised
from booking_web.domain.appointments.guests.invitations import (
    NobodyInvited,
    NobodyWaits,
    SecondCallTaken,
    SomebodyInvited,
    invite,
    let_in,
    send_guest_away,
)
from booking_web.domain.kiosks.desks import colleague_in_call
from booking_web.domain.kiosks.orders import NotInCall
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import call_is_over
from booking_web.pages.counsellor.guest_line import guest_line
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import NAME_LENGTH
from booking_web.tables.states import AppointmentState
from booking_web.words.guests import beside_words


class NoName(Exception):
    """Nobody can tell by these words who is invited."""


@blueprint.post("/<int:appointment_id>/invite")
def invite_guest(appointment_id: int) -> Response:
    """Make a link for one person; the page then shows it."""
    name = normalised(request.form.get("name"))
    secret = services().settings.secret_key

    def act(
        session: Session, appointment: Appointment, actor: str, now: datetime
    ) -> None:
        if not tells_who(name):
            raise NoName
        invite(session, appointment, name, secret, actor, now)

    return _do(appointment_id, act)


@blueprint.post("/<int:appointment_id>/invite/faire-entrer")
def let_guest_in(appointment_id: int) -> Response:
    """Let the person who waits into the call."""
    return _do(appointment_id, let_in)


@blueprint.post("/<int:appointment_id>/invite/faire-partir")
def have_guest_leave(appointment_id: int) -> Response:
    """End the invitation, and the person's part in the call; the call goes on."""
    return _do(appointment_id, send_guest_away)


@blueprint.get("/<int:appointment_id>/invite/etat")
def guest_standing(appointment_id: int) -> Answer:
    """Say what of the third person calls for the counsellor, for a desk that shows another page.

    Nothing (204) where nobody is there, or nothing is to be done about them.
    """
    viewer = signed_in(Right.RECEIVING)
    now = services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        is_in_call = appointment.state == AppointmentState.IN_CALL
        line = guest_line(session, viewer, appointment, now) if is_in_call else None
        is_ours = colleague_in_call(session, appointment, viewer.actor) is None
    if line is None or not line.is_to_be_seen or not is_ours:
        return Answer(status=204)
    return Answer(beside_words(line.name, line.said), mimetype="text/plain")


def _do(
    appointment_id: int, act: Callable[[Session, Appointment, str, datetime], object]
) -> Response:
    viewer = signed_in(Right.RECEIVING)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        act(session, appointment, viewer.actor, services().now())

    done = carry_out(
        work,
        {
            NoName: _no_name,
            NotInCall: call_is_over,
            SomebodyInvited: somebody_invited,
            NobodyWaits: _nobody_waits,
            NobodyInvited: _nobody_invited,
            SecondCallTaken: taken,
        },
    )
    return back_to_guest(appointment_id, is_done=done is not None)


def tells_who(name: str) -> bool:
    """Tell whether a third person can be named so, for resident and counsellor."""
    return has_letter(name) and not has_unprintable(name) and len(name) <= NAME_LENGTH


def back_to_guest(appointment_id: int, *, is_done: bool) -> Response:
    """Lead back to where the page says how it stands with the third person.

    Why it was refused is said on top of the page: it leads there.
    """
    anchor = "guest-title" if is_done else None
    page = url_for("console.show", appointment_id=appointment_id, _anchor=anchor)
    return redirect(page, 303)


def _no_name(_error: NoName) -> str:
    return gettext("Dites en quelques mots qui vous invitez.")


def somebody_invited(_error: SomebodyInvited) -> str:
    """Say that one person is invited already."""
    return gettext(
        "Une personne est déjà invitée : une seule à la fois. Rien n'a été fait."
    )


def _nobody_waits(_error: NobodyWaits) -> str:
    return gettext("La personne invitée n'attend plus. Rien n'a été fait.")


def _nobody_invited(_error: NobodyInvited) -> str:
    return gettext("La personne invitée n'est plus là. Rien n'a été fait.")


def taken(_error: SecondCallTaken) -> str:
    """Say that the kiosk has its second call."""
    return gettext(
        "Un interprète est dans l'appel, ou il est appelé : la borne prend une seule "
        "personne de plus. Faites-le partir d'abord."
    )

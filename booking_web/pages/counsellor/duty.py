# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor says whether they are available, on whichever page they are.

A script sends `quiet=1` and gets no page: 204 done, 409 refused in words, 503 busy.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, redirect, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.duty import wishes
from booking_web.domain.kiosks.pictures import own_counsellor
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.duty_line import duty_line
from booking_web.shell.carrying_out import Refusals, busy_words, carry_out
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import services
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.duty import CHOSEN_REASONS
from provisioning.database.models import Counsellor, User

Wish = Callable[[Session, Counsellor, datetime], None]

blueprint = Blueprint("duty", __name__, url_prefix="/rendez-vous/presence")
blueprint.before_request(gate(Right.DUTY, "console.home", parts=("duty.changes",)))


class NoTelephone(Exception):
    """Nobody said which telephone this account answers."""


@blueprint.get("/changements")
def changes() -> Response:
    """Give the bar where the page does not show it so: for pages with no other parts."""
    update = PageUpdate()
    now = services().now()
    with services().database.read() as session:
        line = duty_line(session, signed_in(Right.DUTY), now)
        update.part("duty", line, "counsellor/_duty.html", duty=line)
    return update.response()


@blueprint.post("/pause")
def pause() -> AnyResponse:
    """Ask for a pause, for the reason that was chosen."""
    chosen = request.form.get("reason", "")
    reason = next((each for each in CHOSEN_REASONS if each == chosen), None)
    if reason is None:
        abort(422)
    return _wish(
        lambda session, counsellor, now: wishes.pause(session, counsellor, reason, now)
    )


@blueprint.post("/disponible")
def be_available() -> AnyResponse:
    """Ask to be rung: a pause or a wrap-up ends."""
    return _wish(wishes.be_available)


@blueprint.post("/prolonger")
def prolong() -> AnyResponse:
    """Have the wrap-up end later."""
    return _wish(wishes.prolong_wrap_up)


def _wish(wish: Wish) -> AnyResponse:
    viewer = signed_in(Right.DUTY)

    def work(session: Session) -> None:
        account = session.get_one(User, viewer.user_id)
        counsellor = own_counsellor(session, account)
        if counsellor is None:
            raise NoTelephone
        wish(session, counsellor, services().now())

    if request.form.get("quiet"):
        return _do_quietly(work)
    carry_out(work, _refusals())
    return redirect(landing(current_user.role, request.form.get("back", "")), 303)


def _do_quietly(work: Callable[[Session], None]) -> Response:
    said, status = "", 204
    refusals = _refusals()
    try:
        in_transaction(services().database, work)
    except DatabaseBusy:
        said, status = busy_words(), 503
    except tuple(refusals) as error:
        said, status = refusals[type(error)](error), 409
    else:
        services().doorbell.ring()
    return Response(said, status, mimetype="text/plain")


def _refusals() -> Refusals:
    return {
        NoTelephone: _no_telephone,
        wishes.WrapUpOver: _wrap_up_over,
        wishes.WrapUpLongEnough: _long_enough,
    }


def _no_telephone(_error: NoTelephone) -> str:
    return gettext(
        "Le téléphone de ce compte n'est pas connu. Prévenez l'administrateur."
    )


def _wrap_up_over(_error: wishes.WrapUpOver) -> str:
    return gettext(
        "Le temps de saisie était déjà fini. Pour ne pas être appelé, mettez-vous en "
        "pause."
    )


def _long_enough(_error: wishes.WrapUpLongEnough) -> str:
    return gettext(
        "Le temps de saisie ne peut pas être prolongé davantage : mettez-vous en pause."
    )

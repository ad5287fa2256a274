# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's answer to a call for help, at the desk."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.kiosks.help import answer_help
from booking_web.domain.rights.person import Right
from booking_web.pages.secretary.desk.pages import blueprint, desk_view
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.presence import HelpCall


@blueprint.post("/aide/<int:help_call_id>", endpoint="answer_help")
def answer_help_call(help_call_id: int) -> Response:
    """Say that this person goes to the kiosk; it stops ringing everywhere."""
    acting, now = signed_in(Right.DESK), services().now()
    with services().database.read() as session:
        shown: dict[str, Any] = dict(desk_view(session).parameters)
        mine = {each.id for each in acting.relays(session)}

    def work(session: Session) -> bool:
        call = session.get(HelpCall, help_call_id, with_for_update=True)
        if call is None or call.kiosk.relay_id not in mine:
            abort(404)
        return answer_help(session, call, acting.user_id, now)

    done = carry_out(work)
    if done is not None:
        was_ringing = done.value
        flash(
            (
                gettext("La borne affiche : « Quelqu'un arrive ».")
                if was_ringing
                else gettext("Quelqu'un y est déjà allé.")
            ),
            "success" if was_ringing else "info",
        )
    return redirect(url_for("desk.show", **shown), 303)

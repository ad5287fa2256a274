# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor says that the chair was empty: asked once, after the call and not before."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments import acts
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.rows.day import row_of
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.words.dates import moment


@blueprint.get("/<int:appointment_id>/absent")
def ask_about_empty_chair(appointment_id: int) -> str:
    """Ask once before a call that was made is taken for one to an empty chair."""
    now = services().now()
    with services().database.read() as session:
        row = row_of(signed_in(Right.CONSOLE).appointment(session, appointment_id), now)
    if not row.may_have_been_absent:
        abort(404)
    return render_template(
        "rows/question.html",
        row=row,
        when=moment(row.starts_at, row.zone, now),
        back=url_for("console.show", appointment_id=appointment_id),
        title=gettext("Personne n'était là ?"),
        warning=gettext("Cet appel ne comptera pas comme fait."),
        act=gettext("%(name)s n'était pas là", name=row.resident_name),
        symbol="person-x",
        is_grave=True,
    )


@blueprint.post("/<int:appointment_id>/absent")
def say_chair_was_empty(appointment_id: int) -> Response:
    """Note the resident as absent, once confirmed."""
    viewer = signed_in(Right.CONSOLE)
    now = services().now()

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        if not row_of(appointment, now).may_have_been_absent:
            abort(404)
        acts.mark_no_show(session, appointment, viewer.actor, now)

    if carry_out(work) is not None:
        flash(gettext("C'est noté : personne n'était là."), "success")
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)

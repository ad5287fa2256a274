# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an organisation still sees of a call that it handed to another one, and notes of it."""

from flask import Response as PlainResponse
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.handing_over.going import is_elsewhere
from booking_web.domain.appointments.handing_over.noting import (
    NothingToNote,
    note_own_part,
)
from booking_web.domain.appointments.handing_over.reading import handover_of
from booking_web.domain.rights.person import NotVisible, Right
from booking_web.pages.counsellor.ending.pages import EndForm
from booking_web.pages.counsellor.handing_over.handed_on import (
    HandedOn,
    handed_on_of,
)
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.conclusions import NOTE_LENGTH, Outcome
from booking_web.words.conclusions import OUTCOMES


@blueprint.get("/passes/<int:handover_id>")
def show_handover(handover_id: int) -> str:
    """Show what became of it, and what the organisation notes of its own part."""
    begin_page()
    row = _read(handover_id)
    form = EndForm(
        formdata=None, data={"outcome": row.outcome, "note": row.outcome_note}
    )
    return _page(row, form)


@blueprint.post("/passes/<int:handover_id>")
def note_handover(handover_id: int) -> Response | tuple[str, int]:
    """Note outcome and note of the organisation's own part."""
    begin_page()
    viewer, now = signed_in(Right.RECEIVING), services().now()
    form = EndForm()
    row = _read(handover_id)
    if not form.validate():
        return _page(row, form), 422

    def work(session: Session) -> None:
        found = handover_of(session, viewer, handover_id, to_change=True)
        note_own_part(
            session,
            found,
            Outcome(form.outcome.data),
            form.note.data,
            actor=viewer.actor,
            now=now,
        )

    if carry_out(work, {NothingToNote: _nothing}) is not None:
        flash(gettext("L'issue du rendez-vous est notée."), "success")
    return redirect(url_for("console.show_handover", handover_id=handover_id), 303)


@blueprint.get("/passes/<int:handover_id>/changements")
def handover_changes(handover_id: int) -> PlainResponse:
    """Give how it stands where the page does not show it so."""
    update = PageUpdate()
    row = _read(handover_id)
    update.part(
        "standing", _shown(row), "counsellor/handing_over/_standing.html", row=row
    )
    return update.response()


def _read(handover_id: int) -> HandedOn:
    viewer = signed_in(Right.RECEIVING)
    with services().database.read() as session:
        row = handover_of(session, viewer, handover_id)
        if not is_elsewhere(row):
            # A colleague's appointment is the organisation's own, as ever.
            raise NotVisible
        return handed_on_of(row)


def _shown(row: HandedOn) -> tuple[object, ...]:
    return (row.standing, row.is_going_on, row.is_undone)


def _page(row: HandedOn, form: EndForm) -> str:
    name = row.resident_name or gettext("un usager")
    return render_template(
        "counsellor/handing_over/former.html",
        row=row,
        form=form,
        shown=_shown(row),
        outcomes=OUTCOMES,
        note_length=NOTE_LENGTH,
        last_event=last_change(),
        title=gettext("Appel de %(name)s passé à %(to)s", name=name, to=row.to),
    )


def _nothing(_error: NothingToNote) -> str:
    return gettext("Il n'y a plus rien à noter ici. Rien n'a été enregistré.")

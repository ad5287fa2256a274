# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an open desk asks for: the rows of the changes that it was told of, or what differs."""

from dataclasses import replace

from flask import Response
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.domain.journal.live_events import Change, changes_of
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.day import parts_with, rows_of_day
from booking_web.pages.rows.readiness import NOTHING_READY
from booking_web.pages.rows.restricted import RestrictedDay, restricted_of_day
from booking_web.pages.secretary.desk.pages import (
    DeskView,
    blueprint,
    desk_view,
    readiness_of_day,
)
from booking_web.shell.asked_day import asked_day
from booking_web.shell.live_parts import PageUpdate, told_changes
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.live_kind import Kind
from booking_web.tables.states import OVER, AppointmentState
from booking_web.words.appointments import wording_of


@blueprint.get("/changements")
def changes() -> Response:
    """Give the rows of the changes `n`; without them, whatever the page does not show."""
    update = PageUpdate()
    numbers = told_changes()
    with services().database.read() as session:
        if numbers:
            told = changes_of(session, numbers)
            moved = [each for each in told if each.kind is Kind.APPOINTMENT]
            _update_rows(session, update, moved)
        else:
            _update_all(desk_view(session), update)
    return update.response()


def _update_rows(session: Session, update: PageUpdate, moved: list[Change]) -> None:
    """Draw the rows of these changes, and who waits in a line: their turn has moved."""
    view = _view_of(session, {each.appointment_id or 0 for each in moved})
    here = {row.id for row in view.rows}
    changed = {each.appointment_id or 0 for each in moved}
    update.say(_announcements(view, moved))
    update.rows(
        view.rows, sorted(changed - here), "secretary/desk/_day_rows.html", view=view
    )
    if changed - here:
        # Perhaps nobody works with their data any more.
        restricted = restricted_of_day(session, view.viewer, view.day)
        _update_restricted(restricted, update)
    if any(
        each.state == AppointmentState.BOOKED or each.state in OVER for each in moved
    ):
        # Whose counsellors are shown depends on who is still to come.
        ready = readiness_of_day(session, view)
        update.part(
            "readiness",
            (ready, view.today),
            "secretary/desk/_readiness.html",
            view=replace(view, readiness=ready),
        )


def _update_all(view: DeskView, update: PageUpdate) -> None:
    rows = update.differing(view.rows)
    shown = replace(view, parts=parts_with(rows))
    update.rows(
        rows, update.gone(view.rows), "secretary/desk/_day_rows.html", view=shown
    )
    facts = (view.readiness, view.today)
    update.part("readiness", facts, "secretary/desk/_readiness.html", view=view)
    update.part("help", view.readiness.helps, "secretary/desk/_help.html", view=view)
    _update_restricted(view.restricted, update)


def _update_restricted(restricted: RestrictedDay, update: PageUpdate) -> None:
    template = "rows/_restricted.html"
    update.part("restricted", restricted, template, restricted=restricted)


def _view_of(session: Session, appointment_ids: set[int]) -> DeskView:
    looking, now = signed_in(Right.DESK), services().now()
    asked = asked_day(session, looking, now)
    rows = rows_of_day(
        session, looking, asked.day, asked.relay, now, only=appointment_ids
    )
    parts = parts_with(rows)
    return DeskView(
        looking, asked.relays, asked.relay, asked.day, asked.today, parts, NOTHING_READY
    )


def _announcements(view: DeskView, changes: list[Change]) -> list[str]:
    """Say each state that was passed through, the last one with its reason."""
    rows = {row.id: row for row in view.rows}
    sentences = []
    for change in changes:
        row = rows.get(change.appointment_id or 0)
        if row is None or change.state is None:
            continue
        if change.state is row.state:
            sentence = row.announcement
        else:
            word = wording_of(change.state).word
            sentence = gettext(
                "%(name)s : %(what)s.", name=row.resident_name, what=word
            )
        if sentence not in sentences:
            sentences.append(sentence)
    return sentences

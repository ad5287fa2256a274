# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen shows of a draft: begun and ended here, moved by the focus."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.domain.kiosks.second_screen import show_draft, show_page
from booking_web.domain.rights.person import Person
from booking_web.pages.counsellor.filling.blueprint import (
    blueprint,
    counsellor,
    own_draft,
)
from booking_web.pages.counsellor.filling.sent import field_sent, number_sent
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.form_services import drawn
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment

Result = TypeVar("Result")


@blueprint.post("/<int:draft_id>/montrer")
def show_at_kiosk(appointment_id: int, draft_id: int) -> Response:
    """Have the second screen follow the draft from its first page on."""
    page = _page_sent(own_draft(appointment_id, draft_id))

    def show(
        session: Session, appointment: Appointment, viewer: Person, now: datetime
    ) -> bool:
        return show_draft(session, appointment, draft_id, page, "", viewer, now)

    done = on_the_screen(appointment_id, show)
    if done is False:
        flash(
            gettext("L'appel est terminé : le second écran n'a rien montré."), "warning"
        )
    return back_to(appointment_id, draft_id)


@blueprint.post("/<int:draft_id>/ne-plus-montrer")
def hide_at_kiosk(appointment_id: int, draft_id: int) -> Response:
    """Have the second screen show nothing any more."""
    own_draft(appointment_id, draft_id)
    on_the_screen(
        appointment_id,
        lambda session, appointment, viewer, now: show_page(
            session, appointment, None, 1, viewer.actor, now
        ),
    )
    return back_to(appointment_id, draft_id)


@blueprint.post("/<int:draft_id>/cadrer")
def frame(appointment_id: int, draft_id: int) -> tuple[str, int]:
    """Move the frame of a screen that follows this draft to where the counsellor is."""
    draft = own_draft(appointment_id, draft_id)
    if request.form.get("champ"):
        _, place = field_sent(drawn(draft).description)
        page, key = place.page, place.key
    else:
        page, key = _page_sent(draft), ""
    viewer = counsellor()

    def move(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        now = services().now()
        shown = screen_content(session, appointment, now).draft
        if shown is not None and shown.id == draft_id:
            show_draft(session, appointment, draft_id, page, key, viewer, now)

    in_transaction(services().database, move)
    return "", 204


def _page_sent(draft: OpenDraft) -> int:
    pages = len(drawn(draft).description.pages)
    return min(max(number_sent("page", 1), 1), pages)


def on_the_screen(
    appointment_id: int,
    order: Callable[[Session, Appointment, Person, datetime], Result],
) -> Result | None:
    """Do it with the appointment locked; None where it was refused: why is said then."""
    viewer = counsellor()

    def work(session: Session) -> Result:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        return order(session, appointment, viewer, services().now())

    done = carry_out(work)
    return done.value if done else None


def back_to(appointment_id: int, draft_id: int) -> Response:
    """Lead back to the draft, where no script stays there."""
    address = url_for("filling.show", appointment_id=appointment_id, draft_id=draft_id)
    return redirect(address, 303)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk wants on its second screen: a page of a document, a cue."""

from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.api.kiosk.access import appointment_in_call, this_actor
from booking_web.api.kiosk.blueprint import blueprint
from booking_web.api.kiosk.schemas import (
    CueSchema,
    ShownPageSchema,
    ShowSchema,
    SpokenSchema,
)
from booking_web.base.languages import language_or_french
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.arranging import as_laid
from booking_web.domain.kiosks.looking_closely import further, look_closely
from booking_web.domain.kiosks.screen_content import WHOLE, ShownCue, screen_content
from booking_web.domain.kiosks.second_screen import show_cue, show_page
from booking_web.domain.rights.kept_documents import is_served
from booking_web.shell.archive import opened_closely
from booking_web.shell.services import services
from booking_web.tables.documents import Document


@blueprint.put("/appointments/<int:appointment_id>/screen")
@blueprint.arguments(ShowSchema)
@blueprint.response(200, ShownPageSchema)
@blueprint.alt_response(404, description="No such appointment, document or page.")
@blueprint.alt_response(409, description="The appointment is not in call now.")
@blueprint.alt_response(422, description="The page cannot be drawn.")
def show_on_screen(told: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Show a page of a document, or none, on the kiosk's second screen.

    It opens large enough to be read, at its top. Told the page that follows (of the only
    page, that one again), it goes down the page that is shown first; `page` is the one that
    is seen then.
    """
    number, page = told["document"], int(told["page"])
    with services().database.read() as session:
        appointment_in_call(session, appointment_id)
        document = _document(session, appointment_id, number)
        laid = as_laid(session, document, page) if document else None
    closer = WHOLE
    if document is not None and laid is not None:
        if page > document.pages:
            abort(404)
        # Drawn before it is promised: a page that nobody can see is told as such.
        closer = opened_closely(document, laid)

    def work(session: Session) -> int:
        appointment = appointment_in_call(session, appointment_id, to_change=True)
        found = _document(session, appointment_id, number)
        now = services().now()
        content = screen_content(session, appointment, now)
        shown = content.page
        if found and shown and shown.document_id == found.id:
            on = further(content.closer)
            if found.pages == 1:
                # There is no next page to turn to: then all of it, then from its top again.
                is_whole = content.closer == WHOLE
                on = closer if is_whole else on or WHOLE
            if on is not None and page == shown.page % found.pages + 1:
                look_closely(session, appointment, on, now)
                return shown.page
        show_page(session, appointment, found, page, this_actor(), now, closer)
        return page

    seen = in_transaction(services().database, work)
    pages = document.pages if document else 0
    return {"document": number, "page": seen, "pages": pages, "is_seen": False}


@blueprint.put("/appointments/<int:appointment_id>/cue")
@blueprint.arguments(CueSchema)
@blueprint.response(200, SpokenSchema)
@blueprint.alt_response(404, description="No such appointment.")
@blueprint.alt_response(409, description="The appointment is not in call now.")
def show_cue_on_screen(told: dict[str, Any], appointment_id: int) -> dict[str, str]:
    """Tell the resident, on the second screen, what the devices do."""
    cue = ShownCue(told["cue"], told["page"], told["pages"])

    def work(session: Session) -> str:
        appointment = appointment_in_call(session, appointment_id, to_change=True)
        show_cue(session, appointment, cue, services().now())
        return language_or_french(appointment.language)

    return {"language": in_transaction(services().database, work)}


def _document(
    session: Session, appointment_id: int, number: int | None
) -> Document | None:
    if number is None:
        return None
    document = session.scalar(
        select(Document).where(
            Document.appointment_id == appointment_id,
            Document.number == number,
            Document.removed_at.is_(None),
            is_served(),
        )
    )
    if document is None:
        abort(404)
    return document

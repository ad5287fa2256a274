# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document's page as the resident sees it, large enough to point at."""

from dataclasses import dataclass

from flask import Response, abort, render_template, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.row_numbers import row_number
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.errors import DocumentRefused
from booking_web.domain.forms.printed.scanned import scanned
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.looking_closely import STEPS
from booking_web.domain.kiosks.screen_content import WHOLE, Closer, screen_content
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.document_cards import DocumentCard, document_card
from booking_web.pages.counsellor.documents import readable_document
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.archive import archive
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from booking_web.words.read_aloud import unreadable_words


@dataclass(frozen=True)
class PointedAt:
    """A document with the page that is looked at, and whether the resident sees it."""

    card: DocumentCard
    appointment_id: int
    kiosk_id: int
    page: int
    pages: int
    is_shown: bool
    is_in_call: bool
    # How closely the resident sees it, and how closely one can.
    closer: Closer
    steps: str

    @property
    def why_silent(self) -> str:
        """Say why it is not read aloud."""
        return unreadable_words(self.card.number)


@blueprint.get("/<int:appointment_id>/documents/<int:number>/montrer")
def show_pages(appointment_id: int, number: int) -> str:
    """Show the page that the second screen shows; before it shows any, the first."""
    begin_page()
    return render_template(
        "counsellor/second_screen/showing.html",
        view=_pointed_at(appointment_id, number),
        last_event=last_change(),
        title=gettext("Montrer le document %(number)s", number=number),
    )


@blueprint.get("/<int:appointment_id>/documents/<int:number>/montrer/changements")
def show_pages_changes(appointment_id: int, number: int) -> Response:
    """Give the page that is shown by now."""
    update = PageUpdate()
    view = _pointed_at(appointment_id, number)
    update.part("pointed", view, "counsellor/second_screen/_pointed.html", view=view)
    return update.response()


@blueprint.get("/<int:appointment_id>/documents/<int:number>/pages/<int:page>.png")
def draw_page(appointment_id: int, number: int, page: int) -> Response:
    """Give the picture of a page; that it was looked at is written down."""
    document = readable_document(appointment_id, number)
    try:
        picture = archive().draw_page(document, page)
    except DocumentRefused:
        abort(404)
    actor = signed_in(Right.CONSOLE).actor

    def work(session: Session) -> None:
        appointment = session.get_one(Appointment, appointment_id)
        detail = f"document {number}, page {page}"
        now = services().now()
        tell(session, Act.VIEWED, appointment, actor=actor, at=now, detail=detail)

    in_transaction(services().database, work)
    return Response(picture, mimetype="image/png")


def _pointed_at(appointment_id: int, number: int) -> PointedAt:
    viewer = signed_in(Right.CONSOLE)
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        document = session.scalar(
            select(Document).where(
                Document.appointment_id == appointment_id,
                Document.number == number,
                Document.removed_at.is_(None),
            )
        )
        if document is None:
            abort(404)
        if not viewer.reads(document):
            abort(403)
        content = screen_content(session, appointment, services().now())
        shown = content.page
        is_shown = shown is not None and shown.document_id == document.id
        wanted = request.args.get("page", 1, type=row_number)
        page = shown.page if shown and is_shown else wanted
        return PointedAt(
            document_card(
                document, shown, scanned(session, [document]).get(document.id)
            ),
            appointment_id,
            appointment.kiosk_id,
            min(max(page, 1), document.pages),
            document.pages,
            is_shown,
            appointment.state == AppointmentState.IN_CALL,
            content.closer if is_shown else WHOLE,
            " ".join(f"{each:g}" for each in STEPS),
        )

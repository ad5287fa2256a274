# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document is made of the pages as they lie, or becomes what was scanned again."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.arranging import Change, read_table
from booking_web.domain.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.domain.documents.keeping import (
    DocumentGone,
    NoOriginal,
    SourceGone,
    Then,
)
from booking_web.domain.documents.keepings import begin_keeping
from booking_web.domain.documents.laid_pages import LaidPage, LayingRefused, find_page
from booking_web.domain.kiosks.desks import colleague_in_call
from booking_web.domain.kiosks.orders import NotInCall, OthersCall
from booking_web.domain.kiosks.screen_content import WHOLE, Closer, screen_content
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.actions import call_is_over
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.counsellor.scans.acts import (
    back_to_table,
    change_laid,
    save_name,
)
from booking_web.pages.counsellor.scans.table import TABLE, read_table_view
from booking_web.pages.counsellor.scans.view import find_document
from booking_web.shell.archive import opened_closely
from booking_web.shell.carrying_out import Refusals, busy_words, carry_out
from booking_web.shell.scan_services import scan_services
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from booking_web.words.documents import trouble_sentence
from booking_web.words.scans import laying_refusal

# What takes longer is told on the table, page by page.
WAITED_FOR_SECONDS = 2.0


@blueprint.post(f"{TABLE}/garder")
def keep_table(appointment_id: int, number: int) -> Response:
    """Keep the name and the pages as they lie."""
    if not save_name(appointment_id, number):
        return back_to_table(appointment_id, number)
    begun = change_laid(appointment_id, number, _begin)
    if begun is None:
        return back_to_table(appointment_id, number)
    document_id, revision = begun.value
    actor = signed_in(Right.CONSOLE).actor
    keepings = scan_services().keepings
    ended = keepings.start(document_id, revision, actor, _shown_at(services().now))
    if not ended.wait(WAITED_FOR_SECONDS):
        return back_to_table(appointment_id, number)
    if not _is_there(appointment_id, number):
        flash(laying_refusal(DocumentGone()), "warning")
        return _to_console(appointment_id, number)
    if read_table_view(appointment_id, number).trouble:
        return back_to_table(appointment_id, number)
    flash(gettext("Le document %(number)s est enregistré.", number=number), "success")
    return _to_console(appointment_id, number)


@blueprint.post(f"{TABLE}/origine")
def set_back(appointment_id: int, number: int) -> Response:
    """Give the document what was scanned at first."""
    viewer = signed_in(Right.CONSOLE)
    with services().database.read() as session:
        document = find_document(session, viewer, appointment_id, number)
    keeper = scan_services().keeper
    try:
        if request.form.get("geste") == "effacer":
            keeper.erase_original(document.id, viewer.actor)
            words = gettext("La numérisation d'origine est effacée.")
        else:
            keeper.set_back(document.id, viewer.actor, then=_shown_at(services().now))
            words = gettext("Le document est de nouveau comme il a été numérisé.")
    except (NoOriginal, DocumentGone) as error:
        flash(laying_refusal(error), "warning")
    except StoreUnavailable as error:
        flash(trouble_sentence(error), "warning")
    except DatabaseBusy:
        flash(busy_words(), "warning")
    else:
        flash(words, "success")
    return back_to_table(appointment_id, number)


@blueprint.post(f"{TABLE}/<int:key>/montrer")
def show_laid_page_at_kiosk(appointment_id: int, number: int, key: int) -> Response:
    """Have the second screen show this page to the resident as it lies, or no more."""
    is_hidden = request.form.get("geste") == "cacher"
    viewer = signed_in(Right.CONSOLE)
    closer = WHOLE if is_hidden else _opened(viewer, appointment_id, number, key)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        if appointment.state != AppointmentState.IN_CALL:
            raise NotInCall
        colleague = colleague_in_call(session, appointment, viewer.actor)
        if colleague is not None:
            raise OthersCall(colleague.name)
        document = find_document(session, viewer, appointment_id, number)
        now = services().now()
        if is_hidden:
            show_page(session, appointment, None, 1, viewer.actor, now)
            return
        page = find_page(read_table(session, document, now).pages, key)
        source = session.get_one(Document, page.document_id)
        if source.removed_at is not None or source.sha256 != page.sha256:
            raise SourceGone
        show_page(session, appointment, source, page.page, viewer.actor, now, closer)

    refusals: Refusals = {NotInCall: call_is_over, LayingRefused: laying_refusal}
    if carry_out(work, refusals) is not None:
        words = (
            gettext("Le second écran ne montre plus rien.")
            if is_hidden
            else gettext("Cette page est envoyée au second écran.")
        )
        flash(words, "success")
    is_large = request.form.get("vue") == "page"
    return back_to_table(appointment_id, number, key, is_large=is_large)


def _opened(viewer: Person, appointment_id: int, number: int, key: int) -> Closer:
    """Give how closely the page opens; drawn before anything is locked."""
    with services().database.read() as session:
        document = find_document(session, viewer, appointment_id, number)
        try:
            page = find_page(read_table(session, document, services().now()).pages, key)
        except LayingRefused:
            return WHOLE
        source = session.get_one(Document, page.document_id)
    try:
        return opened_closely(source, page)
    except (DocumentRefused, StoreUnavailable):
        return WHOLE


def _begin(change: Change) -> tuple[int, int]:
    begin_keeping(change)
    return change.document.id, change.revision


def _is_there(appointment_id: int, number: int) -> bool:
    query = select(Document.id).where(
        Document.appointment_id == appointment_id,
        Document.number == number,
        Document.removed_at.is_(None),
    )
    with services().database.read() as session:
        return session.scalar(query) is not None


def _shown_at(now: Callable[[], datetime]) -> Then:
    """Have a second screen that shows one of the pages show what it has become."""

    def show_anew(
        session: Session,
        appointment: Appointment,
        document: Document,
        pages: Sequence[LaidPage],
    ) -> None:
        content = screen_content(session, appointment, now())
        shown = content.page
        if shown is None:
            return
        page = (shown.document_id, shown.page)
        lay = [(each.document_id, each.page) for each in pages]
        if page in lay:
            place = lay.index(page) + 1
        elif shown.document_id == document.id:
            place = min(shown.page, document.pages)
        else:
            return
        actor = f"kiosk:{appointment.kiosk.slug}"
        closer = content.closer
        show_page(session, appointment, document, place, actor, now(), closer)

    return show_anew


def _to_console(appointment_id: int, number: int) -> Response:
    anchor = f"document-{number}"
    return redirect(
        url_for("console.show", appointment_id=appointment_id, _anchor=anchor), 303
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the table of a scan's pages shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import abort
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import local_day
from booking_web.domain.documents.arranging import Table, read_table
from booking_web.domain.documents.keeping import may_come_back
from booking_web.domain.documents.laid_pages import LaidPage
from booking_web.domain.forms.printed.scanned import Scanned, scanned
from booking_web.domain.kiosks.screen_content import ShownPage, Sight, screen_content
from booking_web.domain.rights.person import Person
from booking_web.shell.live_parts import seen
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import DocumentOriginal
from booking_web.tables.document_kinds import IDENTITY_CARDS
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from booking_web.words.documents import document_title
from booking_web.words.scans import copy_mark, how_it_lies
from booking_web.words.second_screen import LAID_PAGE
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class PageCard:
    """A page on the table."""

    key: int
    # From 1, as they lie.
    place: int
    # From which document, and what was done to it; empty where there is nothing to say.
    facts: str
    is_awaiting: bool
    # Whether the resident sees it; None where the second screen shows it not.
    sight: Sight | None
    # Tells a picture from one of how the page lay before.
    version: str

    @property
    def sight_words(self) -> str:
        """Say whether the resident sees it."""
        return str(LAID_PAGE[self.sight]) if self.sight else ""


@dataclass(frozen=True)
class OtherScan:
    """Another document of the appointment, whose pages can be joined."""

    number: int
    words: str


@dataclass(frozen=True)
class TableView:
    """The table of one document."""

    appointment_id: int
    kiosk_id: int
    number: int
    title: str
    given_title: str
    kind: str
    resident_name: str
    organisation: str
    is_in_call: bool
    pages: list[PageCard]
    revision: int
    is_changed: bool
    has_before: bool
    mark: str
    suggested_mark: str
    is_identity: bool
    kept: tuple[int, int] | None
    trouble: str
    others: list[OtherScan]
    may_come_back: bool

    @property
    def parts(self) -> dict[str, object]:
        """Give what the page's live parts show; their templates are scans/_NAME.html."""
        return {
            "table": (
                self.pages,
                self.revision,
                self.is_changed,
                self.has_before,
                self.mark,
                self.kept,
                self.trouble,
                self.is_in_call,
                self.may_come_back,
            )
        }

    def card(self, key: int) -> PageCard:
        """Give the card of a page; 404 where it is not on the table."""
        found = next((card for card in self.pages if card.key == key), None)
        if found is None:
            abort(404)
        return found


def find_document(
    session: Session, viewer: Person, appointment_id: int, number: int
) -> Document:
    """Give a document that the person may arrange; 404 where there is none, or 403."""
    viewer.appointment(session, appointment_id)
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
    return document


def read_view(
    session: Session, viewer: Person, appointment_id: int, number: int, now: datetime
) -> TableView:
    """Read the table of a document; 404 where the person may not see it."""
    appointment = viewer.appointment(
        session,
        appointment_id,
        joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        joinedload(Appointment.organisation),
    )
    documents = _documents(session, appointment_id)
    document = next((each for each in documents if each.number == number), None)
    if document is None:
        abort(404)
    return _view(session, viewer, appointment, document, documents, now)


def _view(
    session: Session,
    viewer: Person,
    appointment: Appointment,
    document: Document,
    documents: Sequence[Document],
    now: datetime,
) -> TableView:
    table = read_table(session, document, now)
    scans = scanned(session, documents)
    numbers = {each.id: each.number for each in documents}
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    organisation = appointment.organisation
    return TableView(
        appointment_id=appointment.id,
        kiosk_id=appointment.kiosk_id,
        number=document.number,
        title=document_title(document, scans.get(document.id)),
        given_title=document.title,
        kind=document.kind,
        resident_name=appointment.resident_name,
        organisation=organisation.name,
        is_in_call=appointment.state == AppointmentState.IN_CALL,
        pages=_cards(table, numbers, screen_content(session, appointment, now).page),
        revision=table.revision,
        is_changed=table.is_changed,
        has_before=table.has_before,
        mark=table.mark,
        suggested_mark=copy_mark(organisation.short_name, local_day(now, zone)),
        is_identity=document.kind in IDENTITY_CARDS,
        kept=table.kept,
        trouble=table.trouble,
        others=[
            _other(each, scans.get(each.id))
            for each in documents
            if each is not document and viewer.reads(each)
        ],
        may_come_back=_comes_back(session, document, appointment, now),
    )


def _comes_back(
    session: Session, document: Document, appointment: Appointment, now: datetime
) -> bool:
    original = session.get(DocumentOriginal, document.id)
    return original is not None and may_come_back(original, appointment, now)


def _documents(session: Session, appointment_id: int) -> Sequence[Document]:
    query = select(Document).where(
        Document.appointment_id == appointment_id, Document.removed_at.is_(None)
    )
    return session.scalars(query.order_by(Document.number)).all()


def _cards(
    table: Table, numbers: dict[int, int], shown: ShownPage | None
) -> list[PageCard]:
    return [
        PageCard(
            page.key,
            place,
            _facts(page, table, numbers),
            page.key in table.awaiting,
            (
                shown.sight
                if shown is not None
                and (page.document_id, page.page) == (shown.document_id, shown.page)
                else None
            ),
            seen((page.sha256, page.page, page.turn, page.crop)),
        )
        for place, page in enumerate(table.pages, start=1)
    ]


def _facts(page: LaidPage, table: Table, numbers: dict[int, int]) -> str:
    facts = []
    if page.document_id != table.document.id:
        number = numbers.get(page.document_id)
        facts.append(
            gettext("du document %(number)s", number=number)
            if number
            else gettext("d'un document retiré")
        )
    if lies := how_it_lies(page):
        facts.append(lies)
    return ", ".join(facts)


def _other(document: Document, scan: Scanned | None) -> OtherScan:
    pages = ngettext("%(num)d page", "%(num)d pages", document.pages)
    words = gettext(
        "%(number)s : %(title)s, %(pages)s",
        number=document.number,
        title=document_title(document, scan),
        pages=pages,
    )
    return OtherScan(document.number, words)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment's documents as the console shows them."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.documents.arranging import unkept
from booking_web.domain.forms.printed.scanned import Scanned, scanned
from booking_web.domain.kiosks.screen_content import ShownPage, Sight
from booking_web.domain.rights.person import Person
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.words.documents import (
    KINDS,
    ORIGINS,
    document_title,
    unread_title,
    verdict_sentence,
)
from booking_web.words.second_screen import page_words


@dataclass(frozen=True)
class DocumentCard:
    """A document as the page shows it."""

    number: int
    title: str
    facts: str
    doubts: str
    # What of it the kiosk's second screen shows, in words; empty where nothing.
    shown: str = ""
    # Whether the resident sees it; None where nothing is shown.
    sight: Sight | None = None
    # Whether there is more of what is shown than is seen.
    goes_on: bool = False
    # Whether its pages were arranged and the document was not made of them yet.
    is_unkept: bool = False
    # Whether the reader of the page may look into it.
    is_readable: bool = True


def document_cards(
    session: Session,
    viewer: Person,
    appointment_id: int,
    shown: ShownPage | None,
    now: datetime,
) -> list[DocumentCard]:
    """Read the documents that the viewer knows of; `shown` is what the kiosk's screen shows."""
    query = select(Document).where(
        Document.appointment_id == appointment_id, Document.removed_at.is_(None)
    )
    found = session.scalars(query.order_by(Document.number)).all()
    documents = [each for each in found if viewer.knows(each)]
    arranged = unkept(session, documents, now)
    scans = scanned(session, documents)
    return [
        replace(
            document_card(
                each, shown, scans.get(each.id), is_readable=viewer.reads(each)
            ),
            is_unkept=each.number in arranged,
        )
        for each in documents
    ]


def document_card(
    document: Document,
    shown: ShownPage | None = None,
    scan: Scanned | None = None,
    *,
    is_readable: bool = True,
) -> DocumentCard:
    """Turn a document into its card; `shown` is what the kiosk's screen shows.

    `scan` is what is known of a scan that nobody named.

    What is not readable by who looks at the page is called by no name that tells of it.
    """
    is_shown = shown is not None and shown.document_id == document.id
    pages = ngettext("%(num)d page", "%(num)d pages", document.pages)
    kilobytes = max(1, round(document.size / 1024))
    size = (
        gettext("%(size)s ko", size=kilobytes)
        if kilobytes < 1024
        else gettext("%(size)s Mo", size=round(kilobytes / 1024, 1))
    )
    origin = str(ORIGINS[Source(document.source)])
    return DocumentCard(
        document.number,
        document_title(document, scan) if is_readable else unread_title(document),
        _facts_of(document, f"{pages}, {size}, {origin}", is_readable=is_readable),
        verdict_sentence(document.verdicts),
        page_words(shown) if shown and is_shown else "",
        shown.sight if shown and is_shown else None,
        shown.goes_on if shown and is_shown else False,
        is_readable=is_readable,
    )


def _facts_of(document: Document, facts: str, *, is_readable: bool) -> str:
    # A document without a title is called by its kind.
    if is_readable and document.kind and document.title:
        return f"{KINDS[DocumentKind(document.kind)]} – {facts}"
    return facts

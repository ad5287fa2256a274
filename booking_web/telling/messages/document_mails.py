# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters that bring a resident a document: what they hold, and what is told of them.

The document is read from the store when its e-mail is written.
"""

from datetime import datetime, timedelta

import structlog
from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from booking_web.base.languages import language_or_french
from booking_web.domain.documents.archive import Archive
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.restriction import is_restricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import MessageState, Trouble
from booking_web.telling.messages.mail_queue import Letter, Verdict
from provisioning.database.engine import Database

# After each failed attempt; the resident is told on the spot, and waits no longer.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
ACTOR = "messages"

logger = structlog.get_logger(__name__)


class DocumentLetters:
    """One document each, to the address that its resident has by then."""

    name = "document"
    table = DocumentMail
    pauses = PAUSES

    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive

    def waiting(self) -> ColumnElement[bool]:
        """Give the condition of a row whose letter has not gone out."""
        return DocumentMail.state == MessageState.WAITING

    def write(self, mail_id: int, now: datetime) -> Letter | Trouble:
        """Write the letter, or say why nobody needs it any more."""
        with self._database.read() as session:
            asked = session.get(DocumentMail, mail_id)
            if asked is None:
                return Trouble.TOO_LATE
            document = session.get_one(Document, asked.document_id)
            appointment = session.get_one(Appointment, document.appointment_id)
            resident = resident_of(session, appointment)
            if resident is None or not resident.email:
                return Trouble.ADDRESS_GONE
            if is_restricted(session, resident.id):
                return Trouble.RESTRICTED
            if document.removed_at is not None:
                return Trouble.SUPERSEDED
            address, organisation = resident.email, appointment.organisation.name
            language = language_or_french(appointment.language)
        pdf = b"".join(self._archive.read(document))
        with force_locale(language):
            subject, text = gettext("Votre CV"), _text(organisation)
        return Letter(address, subject, text, ("cv.pdf", pdf), language)

    def note(
        self, session: Session, asked: DocumentMail, verdict: Verdict, now: datetime
    ) -> None:
        """Keep what came of it for the page, and in the journal that it went out."""
        asked.reason = str(verdict.trouble or "")
        if asked.state != verdict.state:
            asked.state, asked.state_since = verdict.state, now
        document = session.get_one(Document, asked.document_id)
        detail = f"document {document.number}"
        if verdict.state is MessageState.SENT:
            appointment = session.get_one(Appointment, document.appointment_id)
            act = Act.MAIL_SENT
            tell(session, act, appointment, actor=ACTOR, at=now, detail=detail)
        logger.info(
            "document mail handled",
            mail=asked.id,
            appointment=document.appointment_id,
            document=document.number,
            state=str(verdict.state),
            reason=asked.reason,
        )


def _text(organisation: str) -> str:
    lines = [
        gettext("Bonjour,"),
        "",
        gettext("Voici votre CV, écrit avec vous au guichet virtuel."),
        gettext("Il est dans la pièce jointe : vous pouvez l'ouvrir et l'imprimer."),
        "",
        organisation,
        "",
        gettext("Ce message est automatique. Ne répondez pas."),
    ]
    return "\n".join(lines) + "\n"

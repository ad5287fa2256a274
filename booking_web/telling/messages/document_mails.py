# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends the e-mails that bring a resident a document, beside the messages.

As for those, each is claimed in a transaction of its own before it goes out, and no address
is logged. The document is read from the store when its e-mail is written.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import MessageState, Trouble
from booking_web.telling.messages.ports import Mailer, NotDelivered
from provisioning.database.engine import Database

LANGUAGE = "fr"
CLAIM = timedelta(minutes=10)
# After each failed attempt; the resident is told on the spot, and waits no longer.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
ACTOR = "messages"

logger = structlog.get_logger(__name__)


class DocumentMailer:
    """Sends what was asked for, one e-mail at a time."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        archive: Archive,
        *,
        mail_from: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._archive = archive
        self._mail_from = mail_from
        self._now = now

    def send_due(self) -> int:
        """Send what is due; gives how many e-mails went out."""
        sent = 0
        try:
            while (claimed := in_transaction(self._database, self._claim)) is not None:
                sent += self._deliver(claimed)
        finally:
            self._mailer.close()
        return sent

    def _claim(self, session: Session) -> int | None:
        now = self._now()
        due = session.scalar(
            select(DocumentMail)
            .where(
                DocumentMail.state == MessageState.WAITING,
                DocumentMail.next_attempt_at <= now,
            )
            .order_by(DocumentMail.next_attempt_at, DocumentMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if due is None:
            return None
        due.attempts += 1
        due.next_attempt_at = now + CLAIM
        return due.id

    def _deliver(self, mail_id: int) -> int:
        state, trouble = MessageState.SENT, None
        try:
            written = self._write(mail_id)
            if isinstance(written, Trouble):
                state, trouble = MessageState.DROPPED, written
            else:
                self._mailer.send(written)
        except NotDelivered as error:
            state = MessageState.GIVEN_UP if error.is_final else MessageState.WAITING
            trouble = error.trouble
        except StoreUnavailable:
            state, trouble = MessageState.WAITING, Trouble.INTERNAL
        in_transaction(
            self._database, lambda session: self._note(session, mail_id, state, trouble)
        )
        return int(state is MessageState.SENT)

    def _write(self, mail_id: int) -> EmailMessage | Trouble:
        """Write the e-mail, or say why nobody needs it any more."""
        with self._database.read() as session:
            asked = session.get_one(DocumentMail, mail_id)
            document = session.get_one(Document, asked.document_id)
            appointment = session.get_one(Appointment, document.appointment_id)
            resident = resident_of(session, appointment)
            if resident is None or not resident.email:
                return Trouble.ADDRESS_GONE
            if document.removed_at is not None:
                return Trouble.SUPERSEDED
            address, organisation = resident.email, appointment.organisation.name
        pdf = b"".join(self._archive.read(document))
        mail = EmailMessage()
        mail["From"] = self._mail_from
        mail["To"] = address
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{mail_id}-{asked.attempts}.document.invalid>"
        # No "out of office" comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = LANGUAGE
        with force_locale(LANGUAGE):
            mail["Subject"] = gettext("Votre CV")
            mail.set_content(_text(organisation))
        mail.add_attachment(
            pdf, maintype="application", subtype="pdf", filename="cv.pdf"
        )
        return mail

    def _note(
        self,
        session: Session,
        mail_id: int,
        state: MessageState,
        trouble: Trouble | None,
    ) -> None:
        asked = session.get(DocumentMail, mail_id)
        if asked is None:
            return
        now = self._now()
        if state is MessageState.WAITING:
            if asked.attempts > len(PAUSES):
                state = MessageState.GIVEN_UP
            else:
                asked.next_attempt_at = now + PAUSES[asked.attempts - 1]
        asked.reason = str(trouble or "")
        if asked.state != state:
            asked.state, asked.state_since = state, now
        document = session.get_one(Document, asked.document_id)
        if state is MessageState.SENT:
            appointment = session.get_one(Appointment, document.appointment_id)
            detail = f"document {document.number}"
            tell(
                session,
                Act.MAIL_SENT,
                appointment,
                actor=ACTOR,
                at=now,
                detail=detail,
            )
        logger.info(
            "document mail handled",
            mail=mail_id,
            appointment=document.appointment_id,
            document=document.number,
            state=str(state),
            reason=asked.reason,
            attempts=asked.attempts,
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

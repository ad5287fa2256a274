# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends e-mails that were asked for one by one: claims, sends, tries again, gives up.

What a letter holds, and what becomes of its row, is its kind's to say (`document_mails`,
`password_mails`). Each is claimed in a transaction of its own before it goes out, so that
two senders never hold the same one; one that is killed in between leaves it to the next
after CLAIM. No address and no text is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Generic, Protocol, TypeVar

import structlog
from flask_babel import force_locale
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking_web.base.languages import FRENCH
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.rights.password_links import PasswordMail
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.messages import MessageState, Trouble
from booking_web.telling.messages.ports import Mailer, NotDelivered, ServerDown
from provisioning.database.engine import Database

CLAIM = timedelta(minutes=10)

Asked = TypeVar("Asked", DocumentMail, PasswordMail)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """What an e-mail holds, and in which language."""

    recipient: str
    subject: str
    text: str
    # The name of the file that is attached, and the file.
    pdf: tuple[str, bytes] | None = None
    language: str = FRENCH


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt, to be noted at its row."""

    state: MessageState
    trouble: Trouble | None = None


class Letters(Protocol[Asked]):
    """One kind of letters: the rows that ask for them, and what each holds."""

    # In logs, and in each Message-ID.
    name: str
    table: type[Asked]
    # After each failed attempt; after the last one the letter is given up.
    pauses: tuple[timedelta, ...]

    def waiting(self) -> ColumnElement[bool]:
        """Give the condition of a row whose letter has not gone out."""

    def write(self, mail_id: int, now: datetime) -> Letter | Trouble:
        """Write the letter, or say why nobody needs it any more."""

    def note(
        self, session: Session, asked: Asked, verdict: Verdict, now: datetime
    ) -> None:
        """Keep at the row what came of it."""


class MailQueue(Generic[Asked]):
    """Sends what was asked for of one kind, one e-mail at a time."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        letters: Letters[Asked],
        *,
        mail_from: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._letters: Letters[Asked] = letters
        self._mail_from = mail_from
        self._now = now

    def send_due(self) -> int:
        """Send what is due; gives how many e-mails went out.

        A server that is down is not tried twice.
        """
        sent = 0
        down: ServerDown | None = None
        try:
            while (claimed := in_transaction(self._database, self._claim)) is not None:
                verdict, down = self._deliver(*claimed, down)
                self._settle(claimed[0], verdict)
                sent += verdict.state is MessageState.SENT
        finally:
            self._mailer.close()
        return sent

    def _claim(self, session: Session) -> tuple[int, int] | None:
        """Take what has been due longest; give its number, and which attempt this is."""
        # One of two tables: mypy follows a type variable into no column.
        table: Any = self._letters.table
        now = self._now()
        due = session.scalar(
            select(table)
            .where(self._letters.waiting(), table.next_attempt_at <= now)
            .order_by(table.next_attempt_at, table.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if due is None:
            return None
        due.attempts += 1
        due.next_attempt_at = now + CLAIM
        return due.id, due.attempts

    def _deliver(
        self, mail_id: int, attempt: int, down: ServerDown | None
    ) -> tuple[Verdict, ServerDown | None]:
        try:
            if down is not None:
                raise down
            with force_locale(FRENCH):
                written = self._letters.write(mail_id, self._now())
            if isinstance(written, Trouble):
                return Verdict(MessageState.DROPPED, written), None
            self._mailer.send(self._seal(written, f"{mail_id}-{attempt}"))
        except NotDelivered as error:
            state = MessageState.GIVEN_UP if error.is_final else MessageState.WAITING
            is_down = error if isinstance(error, ServerDown) else None
            return Verdict(state, error.trouble), is_down
        except StoreUnavailable as error:
            logger.warning("store unavailable", mail=mail_id, reason=str(error))
            return Verdict(MessageState.WAITING, Trouble.INTERNAL), None
        except Exception:
            # One that cannot be written must not keep the others from going out.
            logger.exception("mail failed", kind=self._letters.name, mail=mail_id)
            return Verdict(MessageState.WAITING, Trouble.INTERNAL), None
        return Verdict(MessageState.SENT), None

    def _seal(self, letter: Letter, attempt: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._mail_from
        mail["To"] = letter.recipient
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{attempt}.{self._letters.name}.invalid>"
        # No "out of office" comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail["Subject"] = letter.subject
        mail.set_content(letter.text)
        if letter.pdf is not None:
            name, pdf = letter.pdf
            mail.add_attachment(
                pdf, maintype="application", subtype="pdf", filename=name
            )
        # Last: whatever sets content takes the headers of that name away.
        mail["Content-Language"] = letter.language
        return mail

    def _settle(self, mail_id: int, verdict: Verdict) -> None:
        in_transaction(
            self._database, lambda session: self._note(session, mail_id, verdict)
        )

    def _note(self, session: Session, mail_id: int, verdict: Verdict) -> None:
        asked = session.get(self._letters.table, mail_id)
        if asked is None:
            return
        now, pauses = self._now(), self._letters.pauses
        if verdict.state is MessageState.WAITING:
            if asked.attempts > len(pauses):
                verdict = Verdict(MessageState.GIVEN_UP, verdict.trouble)
            else:
                asked.next_attempt_at = now + pauses[asked.attempts - 1]
        logger.info(
            "mail handled",
            kind=self._letters.name,
            mail=mail_id,
            state=str(verdict.state),
            reason=str(verdict.trouble or ""),
            attempts=asked.attempts,
        )
        self._letters.note(session, asked, verdict, now)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends the e-mails with which a password is chosen, beside the messages to residents.

The link is made when its e-mail is written, so that its token lies nowhere. No address is
logged.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from flask_babel import force_locale, gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.account_names import account_named
from booking_web.domain.rights.password_links import (
    GOOD_FOR,
    PasswordMail,
    one_time_link,
)
from booking_web.tables.password_links import Purpose
from booking_web.telling.messages.ports import Mailer, NotDelivered
from provisioning.database.engine import Database

LANGUAGE = "fr"
CLAIM = timedelta(minutes=10)
# After each failed attempt; who waits for such an e-mail asks for another one by then.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))

logger = structlog.get_logger(__name__)


class PasswordMailer:
    """Sends what was asked for, one e-mail at a time."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        *,
        mail_from: str,
        site_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._site_url = site_url
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
            select(PasswordMail)
            .where(PasswordMail.next_attempt_at <= now)
            .order_by(PasswordMail.next_attempt_at, PasswordMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if due is None:
            return None
        due.attempts += 1
        due.next_attempt_at = now + CLAIM
        return due.id

    def _deliver(self, mail_id: int) -> int:
        mail = in_transaction(
            self._database, lambda session: self._write(session, mail_id)
        )
        if mail is not None:
            try:
                self._mailer.send(mail)
            except NotDelivered as error:
                is_final = error.is_final
                logger.warning("password mail failed", mail=mail_id, reason=str(error))
                in_transaction(
                    self._database,
                    lambda session: self._put_off(session, mail_id, is_final),
                )
                return 0
            logger.info("password mail sent", mail=mail_id)
        in_transaction(self._database, lambda session: _forget(session, mail_id))
        return int(mail is not None)

    def _write(self, session: Session, mail_id: int) -> EmailMessage | None:
        asked = session.get(PasswordMail, mail_id)
        user = account_named(session, asked.email) if asked is not None else None
        if asked is None or user is None or not user.active:
            return None
        now = self._now()
        purpose = Purpose(asked.purpose)
        # Several may be under way to one person, and arrive in any order.
        token = one_time_link(session, user, purpose, now, keeps_others=True)
        link = f"{self._site_url.rstrip('/')}/mot-de-passe/{token}"
        mail = EmailMessage()
        mail["From"] = self._mail_from
        mail["To"] = user.email
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{mail_id}-{asked.attempts}.password.invalid>"
        # No "out of office" comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = LANGUAGE
        with force_locale(LANGUAGE):
            mail["Subject"] = gettext("Choisissez votre mot de passe")
            mail.set_content(_text(purpose, user.name, link))
        return mail

    def _put_off(self, session: Session, mail_id: int, is_final: bool) -> None:
        asked = session.get(PasswordMail, mail_id)
        if asked is None:
            return
        if is_final or asked.attempts > len(PAUSES):
            session.delete(asked)
        else:
            asked.next_attempt_at = self._now() + PAUSES[asked.attempts - 1]


def _forget(session: Session, mail_id: int) -> None:
    session.execute(delete(PasswordMail).where(PasswordMail.id == mail_id))


def _text(purpose: Purpose, name: str, link: str) -> str:
    hours = int(GOOD_FOR[purpose].total_seconds()) // 3600
    if purpose is Purpose.INVITATION:
        why = gettext(
            "Un compte du guichet virtuel est ouvert pour vous. "
            "Choisissez votre mot de passe à cette adresse :"
        )
        ends = gettext(
            "Elle sert une seule fois, dans les %(days)s jours.", days=hours // 24
        )
    else:
        why = gettext(
            "Quelqu'un, sans doute vous, a demandé un nouveau mot de passe pour le "
            "guichet virtuel. Choisissez-le à cette adresse :"
        )
        ends = gettext(
            "Elle sert une seule fois, dans l'heure. Si vous n'avez rien demandé, ne "
            "faites rien : votre mot de passe reste le même."
        )
    return "\n".join([f"{name},", "", why, "", link, "", ends, ""])

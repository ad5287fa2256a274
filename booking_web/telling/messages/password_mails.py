# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters about a person's sign-in: those by which a password is chosen, and notices.

The link is made when its e-mail is written, so that its token lies nowhere.
"""

from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.account_names import account_named
from booking_web.domain.rights.password_links import (
    GOOD_FOR,
    PasswordMail,
    one_time_link,
)
from booking_web.tables.messages import MessageState, Trouble
from booking_web.tables.password_links import MailPurpose, Purpose
from booking_web.telling.messages.mail_queue import Letter, Verdict
from provisioning.database.engine import Database
from provisioning.database.models import User

# After each failed attempt; who waits for such an e-mail asks for another one by then.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))


class PasswordLetters:
    """One each, to the account that has this address by then, if any."""

    name = "password"
    table = PasswordMail
    pauses = PAUSES

    def __init__(self, database: Database, *, site_url: str) -> None:
        self._database = database
        self._site_url = site_url.rstrip("/")

    def waiting(self) -> ColumnElement[bool]:
        """Give the condition of a row whose letter has not gone out: each that is there."""
        return true()

    def write(self, mail_id: int, now: datetime) -> Letter | Trouble:
        """Write the letter, with a new link if any, or say why nobody needs it any more."""
        return in_transaction(
            self._database, lambda session: self._write(session, mail_id, now)
        )

    def note(
        self, session: Session, asked: PasswordMail, verdict: Verdict, now: datetime
    ) -> None:
        """Forget the row once nothing more comes of it."""
        if verdict.state is not MessageState.WAITING:
            session.delete(asked)

    def _write(self, session: Session, mail_id: int, now: datetime) -> Letter | Trouble:
        asked = session.get(PasswordMail, mail_id)
        user = account_named(session, asked.email) if asked is not None else None
        if asked is None or user is None or not user.active:
            return Trouble.ADDRESS_GONE
        if asked.purpose == MailPurpose.FACTOR_RESET:
            return _reset(user)
        purpose = Purpose(asked.purpose)
        # Several may be under way to one person, and arrive in any order.
        token = one_time_link(session, user, purpose, now, keeps_others=True)
        link = f"{self._site_url}/mot-de-passe/{token}"
        return Letter(
            user.email,
            gettext("Choisissez votre mot de passe"),
            _text(purpose, user.name, link),
        )


def _reset(user: User) -> Letter:
    told = gettext(
        "Un administrateur du guichet virtuel a retiré le code du téléphone de votre "
        "compte, et vous a déconnecté partout. Votre mot de passe reste le même."
    )
    doubt = gettext(
        "Vous ne l'avez pas demandé ? Prévenez tout de suite l'administrateur, et "
        "changez votre mot de passe."
    )
    text = "\n".join([f"{user.name},", "", told, "", doubt, ""])
    return Letter(user.email, gettext("Le code de votre téléphone est retiré"), text)


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

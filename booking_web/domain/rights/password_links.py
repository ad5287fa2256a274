# SPDX-License-Identifier: AGPL-3.0-or-later
"""One-time links with which a person chooses a password, and the e-mails about sign-ins.

A link is worth nothing once it was used, once it is old, and once the password was changed
in any other way: it names the password that it is to replace. Needs no Flask.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from booking_web.domain.rights.web_sessions import end_web_sessions_of
from booking_web.tables.password_links import (
    MailPurpose,
    PasswordLink,
    Purpose,
    one_of,
)
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import User
from provisioning.directory.credentials import new_session_key
from provisioning.directory.digests import digest_of

EMAIL_LENGTH = 254


GOOD_FOR = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.FORGOTTEN: timedelta(hours=1),
}


class PasswordMail(Base):
    """An e-mail that is to be sent, to whoever has this address if anybody.

    The page that is asked for one only writes this line, whether or not there is such an
    account: neither its words nor its time tell. The sender looks the account up.
    """

    __tablename__ = "password_mail"
    __table_args__ = (CheckConstraint(one_of(MailPurpose), name="purpose_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    purpose: Mapped[MailPurpose] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    # While an attempt is under way: when another sender may take it over.
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def one_time_link(
    session: Session,
    user: User,
    purpose: Purpose,
    now: datetime,
    *,
    keeps_others: bool = False,
) -> str:
    """Make a link for this person and give its token, which is kept nowhere.

    Replaces the person's other links of the purpose, unless told to keep them.
    """
    superseded = PasswordLink.expires_at < now
    if not keeps_others:
        superseded |= (PasswordLink.user_id == user.id) & (
            PasswordLink.purpose == purpose
        )
    session.execute(delete(PasswordLink).where(superseded))
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            token_digest=digest_of(token),
            user_id=user.id,
            purpose=purpose,
            replaces=digest_of(user.password),
            created_at=now,
            expires_at=now + GOOD_FOR[purpose],
        )
    )
    session.flush()
    return token


def person_of_link(
    session: Session, token: str, now: datetime, *, to_use: bool = False
) -> User | None:
    """Tell whose password the link lets choose; None where it is good for nothing.

    `to_use` has whoever uses it at the same time wait for this transaction.
    """
    link = session.get(PasswordLink, digest_of(token), with_for_update=to_use or None)
    if link is None or link.expires_at <= now:
        return None
    user = session.get_one(User, link.user_id)
    is_good = user.active and link.replaces == digest_of(user.password)
    return user if is_good else None


def set_password(session: Session, user: User, hashed: str) -> None:
    """Store the hash of a new password; links and sign-ins of before end."""
    user.password = hashed
    user.session_key = new_session_key()
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    end_web_sessions_of(session, user.id)


def end_links_of(session: Session, email: str) -> None:
    """End every link of a person: whoever holds one is perhaps not that person."""
    person = select(User.id).where(User.email == email).scalar_subquery()
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == person))


def ask_for_mail(
    session: Session, email: str, purpose: Purpose | MailPurpose, now: datetime
) -> None:
    """Have an e-mail sent, where the address (as looked up) has an open account."""
    session.add(
        PasswordMail(
            email=email[:EMAIL_LENGTH],
            purpose=MailPurpose(purpose),
            attempts=0,
            next_attempt_at=now,
            created_at=now,
        )
    )

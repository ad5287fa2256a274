# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-ins as rows: who is behind a session's key, for as long as nothing ended it.

The key itself is only in the browser's cookie. What a sign-in rests on (password, role,
relay, organisation, open account) is noted with it: a sign-in ends with the first change of
one of these, whoever writes it. Needs no Flask: the pages and the live streams ask here.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    Select,
    Table,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Session

from booking_web.tables.web_sessions import WebSession
from provisioning.database.engine import Database
from provisioning.database.models import Organisation, User
from provisioning.directory.digests import digest_of

# Over night everybody is signed out, also who leaves a page open that asks by itself.
UNUSED_FOR = timedelta(hours=12)
LIFETIME = timedelta(hours=24)
# A request of a session that was seen more recently writes nothing.
SEEN_AGAIN_AFTER = timedelta(minutes=5)


class Employer(NamedTuple):
    """The organisation that a counsellor or manager works for."""

    id: int
    name: str


@dataclass(frozen=True)
class SignedIn:
    """A person who is signed in, in the shape that Flask-Login asks for."""

    key: str
    id: int
    email: str
    name: str
    role: str
    relay_id: int | None
    organisation_id: int | None
    organisation: Employer | None
    seen_at: datetime

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Give what the cookie names: the sign-in, not the person."""
        return self.key

    def __repr__(self) -> str:
        """Show no key."""
        return f"SignedIn(id={self.id})"


def open_web_session(session: Session, user: User, now: datetime) -> str:
    """Write down that this person has signed in; gives the key, which is kept nowhere.

    Sign-ins that are over go at this occasion: the table stays small.
    """
    session.execute(
        delete(WebSession).where(
            (WebSession.seen_at < now - UNUSED_FOR)
            | (WebSession.created_at < now - LIFETIME)
        )
    )
    key = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            key_digest=digest_of(key),
            user_id=user.id,
            basis=_basis({name: getattr(user, name) for name in _RESTS_ON}),
            created_at=now,
            seen_at=now,
        )
    )
    session.flush()
    return key


def end_web_session(session: Session, key: str) -> None:
    """End one sign-in: every copy of its cookie is worth nothing from now on."""
    session.execute(delete(WebSession).where(WebSession.key_digest == digest_of(key)))


def end_web_sessions_of(session: Session, user_id: int) -> None:
    """End every sign-in of a person."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def is_alive(database: Database, key: str) -> SignedIn | None:
    """Tell whose sign-in this is; None where it has ended, for whatever reason."""
    now = datetime.now(UTC)
    with database.read() as session:
        row = session.execute(_session_with(), {"digest": digest_of(key)}).one_or_none()
    if row is None:
        return None
    found = row._mapping
    is_over = (
        found["seen_at"] < now - UNUSED_FOR or found["created_at"] < now - LIFETIME
    )
    if is_over or not found["active"] or found["basis"] != _basis(dict(found)):
        return None
    return SignedIn(
        key=key,
        id=found["id"],
        email=found["email"],
        name=found["name"],
        role=found["role"],
        relay_id=found["relay_id"],
        organisation_id=found["organisation_id"],
        organisation=(
            Employer(found["organisation_id"], found["organisation_name"])
            if found["organisation_id"] is not None
            else None
        ),
        seen_at=found["seen_at"],
    )


def note_seen(database: Database, person: SignedIn) -> None:
    """Keep a sign-in that is used from running out; writes every few minutes only."""
    now = datetime.now(UTC)
    if now - person.seen_at < SEEN_AGAIN_AFTER:
        return
    with database.write() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.key_digest == digest_of(person.key))
            .values(seen_at=now)
        )


_RESTS_ON = (
    "password",
    "active",
    "role",
    "relay_id",
    "organisation_id",
    "session_key",
)


def _basis(user: Mapping[str, Any]) -> str:
    values = [str(user[name]) for name in _RESTS_ON]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


@cache
def _session_with() -> Select[Any]:
    # Asked with each request: to build the question, and to have the ORM read the answer,
    # takes longer than to answer it.
    sign_in = cast(Table, WebSession.__table__).c
    user = cast(Table, User.__table__)
    organisation = cast(Table, Organisation.__table__)
    return (
        select(
            sign_in.basis,
            sign_in.created_at,
            sign_in.seen_at,
            *user.c,
            organisation.c.name.label("organisation_name"),
        )
        .join(user, user.c.id == sign_in.user_id)
        .outerjoin(organisation, organisation.c.id == user.c.organisation_id)
        .where(sign_in.key_digest == bindparam("digest"))
    )

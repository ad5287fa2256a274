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
    case,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Session

from booking_web.tables.secretary_relays import SecretaryRelay
from booking_web.tables.web_sessions import WebSession
from provisioning.database.engine import Database
from provisioning.database.models import Organisation, Relay, User, UserRole
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


class Origin(NamedTuple):
    """From where a sign-in came: a keyed digest, and whether the person often does."""

    place_digest: str
    is_usual: bool


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
    # They must set a second factor up before anything else is open to them.
    owes_second_factor: bool = False
    # Of a secretary who works for several relays: for which one here, and whether she chose it.
    working_for: str = ""
    has_chosen_relay: bool = True

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Give what the cookie names: the sign-in, not the person."""
        return self.key

    def __repr__(self) -> str:
        """Show no key."""
        return f"SignedIn(id={self.id})"


def open_web_session(
    session: Session,
    user: User,
    now: datetime,
    *,
    origin: Origin | None = None,
    owes_second_factor: bool = False,
    sealed_voucher: str | None = None,
) -> str:
    """Write down that this person has signed in; gives the key, which is kept nowhere.

    `origin` says from where, as far as the owner is told it; `sealed_voucher` what an
    identity provider said. Sign-ins that are over go at this occasion: the table stays small.
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
            basis=basis_of(user),
            created_at=now,
            seen_at=now,
            place_digest=origin.place_digest if origin else None,
            at_usual_place=origin is not None and origin.is_usual,
            owes_second_factor=owes_second_factor,
            sealed_voucher=sealed_voucher,
        )
    )
    session.flush()
    return key


def voucher_of_session(session: Session, key: str) -> str | None:
    """Give what an identity provider said at this sign-in, sealed."""
    row = session.get(WebSession, digest_of(key))
    return row.sealed_voucher if row is not None else None


def end_web_session(session: Session, key: str) -> None:
    """End one sign-in: every copy of its cookie is worth nothing from now on."""
    session.execute(delete(WebSession).where(WebSession.key_digest == digest_of(key)))


def end_web_sessions_of(session: Session, user_id: int) -> None:
    """End every sign-in of a person."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def note_owing(session: Session, key: str, owes: bool) -> None:
    """Note whether this sign-in must set a second factor up before anything else."""
    session.execute(
        update(WebSession)
        .where(WebSession.key_digest == digest_of(key))
        .values(owes_second_factor=owes)
    )


def is_alive(database: Database, key: str) -> SignedIn | None:
    """Tell whose sign-in this is; None where it has ended, for whatever reason."""
    now = datetime.now(UTC)
    with database.read() as session:
        row = session.execute(_session_with(), {"digest": digest_of(key)}).one_or_none()
    if row is None:
        return None
    found = row._mapping
    if is_over(found, now):
        return None
    return SignedIn(
        key=key,
        id=found["id"],
        email=found["email"],
        name=found["name"],
        role=found["role"],
        relay_id=found["relay_here"],
        organisation_id=found["organisation_id"],
        organisation=(
            Employer(found["organisation_id"], found["organisation_name"])
            if found["organisation_id"] is not None
            else None
        ),
        seen_at=found["seen_at"],
        owes_second_factor=found["owes_second_factor"],
        working_for=found["relay_name"] if found["has_relays"] else "",
        has_chosen_relay=not found["has_relays"] or found["chosen"] is not None,
    )


def is_over(found: Mapping[Any, Any], now: datetime) -> bool:
    """Tell whether a sign-in, read together with its account, has ended."""
    return bool(
        found["seen_at"] < now - UNUSED_FOR
        or found["created_at"] < now - LIFETIME
        or not found["active"]
        or found["basis"] != _basis(found)
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


def basis_of(user: User) -> str:
    """Give what a sign-in of this account rests on now, as one digest."""
    return _basis({name: getattr(user, name) for name in _RESTS_ON})


def _basis(user: Mapping[Any, Any]) -> str:
    values = [str(user[name]) for name in _RESTS_ON]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


@cache
def _session_with() -> Select[Any]:
    # Asked with each request: to build the question, and to have the ORM read the answer,
    # takes longer than to answer it.
    sign_in = cast(Table, WebSession.__table__).c
    user = cast(Table, User.__table__)
    organisation = cast(Table, Organisation.__table__)
    relay, more = cast(Table, Relay.__table__), cast(Table, SecretaryRelay.__table__)
    is_secretary = user.c.role == UserRole.SECRETARY
    # What is not theirs, or not any more, is not there.
    here = case((more.c.relay_id.is_not(None), more.c.relay_id), else_=user.c.relay_id)
    others = more.alias("any_other_relay")
    has_others = (
        select(others.c.user_id)
        .where(others.c.user_id == user.c.id)
        .correlate(user)
        .exists()
    )
    return (
        select(
            here.label("relay_here"),
            relay.c.name.label("relay_name"),
            sign_in.relay_id.label("chosen"),
            (is_secretary & has_others).label("has_relays"),
            sign_in.basis,
            sign_in.created_at,
            sign_in.seen_at,
            sign_in.owes_second_factor,
            *user.c,
            organisation.c.name.label("organisation_name"),
        )
        .join(user, user.c.id == sign_in.user_id)
        .outerjoin(organisation, organisation.c.id == user.c.organisation_id)
        .outerjoin(
            more,
            (more.c.user_id == user.c.id)
            & (more.c.relay_id == sign_in.relay_id)
            & is_secretary,
        )
        .outerjoin(relay, relay.c.id == here)
        .where(sign_in.key_digest == bindparam("digest"))
    )

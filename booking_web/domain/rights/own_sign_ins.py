# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a person is signed in, as they are told it, and the end of what they end there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from booking_web.domain.rights.web_sessions import (
    LIFETIME,
    UNUSED_FOR,
    SignedIn,
    basis_of,
)
from booking_web.tables.web_sessions import WebSession
from provisioning.database.models import User
from provisioning.directory.digests import digest_of

# As much of the key's digest as names a sign-in among its owner's; it opens nothing.
HANDLE_LENGTH = 16


@dataclass(frozen=True)
class OwnSignIn:
    """One sign-in, as its owner is told it."""

    handle: str
    since: datetime
    seen_at: datetime
    is_here: bool
    # From the same place as who asks.
    is_same_place: bool
    # None: not known, since it was opened before that was noted.
    was_usual_place: bool | None


def own_sign_ins(
    session: Session, person: SignedIn, place_digest: str, now: datetime
) -> Sequence[OwnSignIn]:
    """List them: this one first, then the latest."""
    rows = session.scalars(
        select(WebSession)
        .where(
            WebSession.user_id == person.id,
            WebSession.basis == basis_of(session.get_one(User, person.id)),
            WebSession.seen_at >= now - UNUSED_FOR,
            WebSession.created_at >= now - LIFETIME,
        )
        .order_by(WebSession.created_at.desc(), WebSession.key_digest)
    )
    here = digest_of(person.key)
    found = [
        OwnSignIn(
            handle=row.key_digest[:HANDLE_LENGTH],
            since=row.created_at,
            seen_at=row.seen_at,
            is_here=row.key_digest == here,
            is_same_place=row.place_digest == place_digest,
            was_usual_place=row.at_usual_place if row.place_digest else None,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.is_here)


def end_own(session: Session, person: SignedIn, handle: str) -> int:
    """End one of them, never this one; counts what was ended."""
    start = func.substr(WebSession.key_digest, 1, HANDLE_LENGTH)
    return _end(session, person, start == handle)


def end_others(session: Session, person: SignedIn) -> int:
    """End all but this one; counts what was ended."""
    return _end(session, person)


def _end(session: Session, person: SignedIn, *which: ColumnElement[bool]) -> int:
    ended = session.execute(
        delete(WebSession)
        .where(
            WebSession.user_id == person.id,
            WebSession.key_digest != digest_of(person.key),
            *which,
        )
        .execution_options(synchronize_session=False)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]

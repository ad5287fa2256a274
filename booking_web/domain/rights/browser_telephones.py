# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's telephone that is a page: its secret lives as long as that page's sign-in.

What the page gets is the HA1 of SIP's digest (RFC 7616, 3.4.2), drawn at random: no password
is behind it. Asterisk's row holds the same value, and nothing else does. The next page's
secret ends the one before; the calls that go on go on.

Each function is a piece of work in the caller's transaction.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from booking_web.domain.rights.web_sessions import is_over
from booking_web.tables.appointment import Appointment
from booking_web.tables.browser_telephones import BrowserTelephone
from booking_web.tables.states import AppointmentState
from booking_web.tables.web_sessions import WebSession
from provisioning.database.models import Counsellor, User
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.cutting import revoked_since
from provisioning.directory.digests import digest_of

HA1_BYTES = 16


class NoBrowserTelephone(LookupError):
    """The account's telephone is no page, or nobody said which one is theirs."""


class TelephoneRevoked(Exception):
    """An administrator has taken the access of this telephone away."""


@dataclass(frozen=True)
class PageSecret:
    """What a page signs in with, for its one answer."""

    slug: str
    name: str
    realm: str
    ha1: str = field(repr=False)


@dataclass(frozen=True)
class Ending:
    """A telephone whose registrations from before `asked_at` are to be ended."""

    slug: str
    asked_at: datetime


def own_browser_telephone(session: Session, user_id: int) -> Counsellor:
    """Give the telephone of this account; raises NoBrowserTelephone, TelephoneRevoked."""
    counsellor = session.scalar(
        select(Counsellor).join(User, _is_theirs()).where(User.id == user_id)
    )
    if counsellor is None:
        raise NoBrowserTelephone
    if revoked_since(session, counsellor.slug) is not None:
        raise TelephoneRevoked
    return counsellor


def call_of_own_telephone(session: Session, user_id: int) -> int | None:
    """Give the appointment in whose call this account's page is, or is awaited; else None."""
    return session.scalar(
        select(Appointment.id)
        .join(Counsellor, Counsellor.id == Appointment.counsellor_id)
        .join(User, _is_theirs())
        .where(User.id == user_id, Appointment.state == AppointmentState.IN_CALL)
        .order_by(Appointment.state_since.desc())
        .limit(1)
    )


def give_secret(
    session: Session, user_id: int, session_key: str, now: datetime
) -> PageSecret:
    """Make the secret of a page of this sign-in; the one before ends with the commit.

    Raises what `own_browser_telephone` does.
    """
    counsellor = own_browser_telephone(session, user_id)
    # Locked: of two pages that ask at once, the second is given what is stored last.
    auth = session.get_one(PjsipAuth, counsellor.slug, with_for_update=True)
    ha1 = _store_new_secret(auth)
    row = session.get(BrowserTelephone, counsellor.slug)
    if row is None:
        row = BrowserTelephone(slug=counsellor.slug)
        session.add(row)
    if row.session_digest is not None or row.ending_asked_at is not None:
        row.ending_asked_at = now
    row.session_digest, row.made_at = digest_of(session_key), now
    session.flush()
    return PageSecret(counsellor.slug, counsellor.name, auth.realm, ha1)


def end_secrets_of(session: Session, session_key: str, now: datetime) -> None:
    """End the secret of this sign-in's page, and ask that its registration be ended."""
    theirs = select(BrowserTelephone.slug).where(
        BrowserTelephone.session_digest == digest_of(session_key)
    )
    _lock(session, session.scalars(theirs).all())
    _end(session, session.scalars(theirs).all(), now)


def is_any_over(session: Session, now: datetime) -> bool:
    """Tell whether `end_what_is_over` would do anything."""
    return bool(_over(session, now))


def end_what_is_over(session: Session, now: datetime) -> list[str]:
    """End the secrets whose sign-in has ended, or whose owner has another telephone."""
    locked = _lock(session, _over(session, now))
    # Whoever has signed in again meanwhile has a new one.
    slugs = [slug for slug in _over(session, now) if slug in locked]
    _end(session, slugs, now)
    return slugs


def endings_to_do(session: Session) -> list[Ending]:
    """Give the telephones whose earlier registrations are to be ended."""
    query = select(BrowserTelephone).where(
        BrowserTelephone.ending_asked_at.is_not(None)
    )
    return [
        Ending(row.slug, row.ending_asked_at)
        for row in session.scalars(query)
        if row.ending_asked_at is not None
    ]


def is_ending(session: Session, ending: Ending) -> bool:
    """Tell whether it is still to be done."""
    row = session.get(BrowserTelephone, ending.slug)
    return row is not None and row.ending_asked_at == ending.asked_at


def mark_ended(session: Session, ending: Ending) -> None:
    """Note that it is done, or not wanted any more; what was asked since stays to be done."""
    session.execute(
        update(BrowserTelephone)
        .where(
            BrowserTelephone.slug == ending.slug,
            BrowserTelephone.ending_asked_at == ending.asked_at,
        )
        .values(ending_asked_at=None)
    )


def _is_theirs() -> ColumnElement[bool]:
    """Give the condition under which a telephone is an account's, and a page."""
    return and_(
        User.counsellor_id == Counsellor.id,
        User.organisation_id == Counsellor.organisation_id,
        Counsellor.browser,
    )


def _over(session: Session, now: datetime) -> list[str]:
    rows = session.execute(
        select(
            BrowserTelephone.slug,
            WebSession.created_at,
            WebSession.seen_at,
            WebSession.basis,
            *User.__table__.c,
            Counsellor.id.label("telephone"),
        )
        .outerjoin(WebSession, WebSession.key_digest == BrowserTelephone.session_digest)
        .outerjoin(User, User.id == WebSession.user_id)
        .outerjoin(
            Counsellor, and_(Counsellor.slug == BrowserTelephone.slug, _is_theirs())
        )
        .where(BrowserTelephone.session_digest.is_not(None))
    )
    found = [row._mapping for row in rows]
    return [
        row["slug"]
        for row in found
        if row["seen_at"] is None or row["telephone"] is None or is_over(row, now)
    ]


def _lock(session: Session, slugs: Sequence[str]) -> Sequence[str]:
    """Have nobody else give these a secret before the commit."""
    query = select(PjsipAuth.id).where(PjsipAuth.id.in_(slugs)).order_by(PjsipAuth.id)
    session.scalars(query.with_for_update()).all()
    return slugs


def _end(session: Session, slugs: Sequence[str], now: datetime) -> None:
    pages = select(Counsellor.slug).where(
        Counsellor.slug.in_(slugs), Counsellor.browser
    )
    # Who has another kind of telephone by now has another secret too.
    for slug in session.scalars(pages).all():
        _store_new_secret(session.get_one(PjsipAuth, slug, populate_existing=True))
    session.execute(
        update(BrowserTelephone)
        .where(BrowserTelephone.slug.in_(slugs))
        .values(session_digest=None, ending_asked_at=now)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def _store_new_secret(auth: PjsipAuth) -> str:
    ha1 = secrets.token_hex(HA1_BYTES)
    auth.password_digest = f"MD5:{ha1}"
    return ha1

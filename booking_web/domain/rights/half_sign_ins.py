# SPDX-License-Identifier: AGPL-3.0-or-later
"""Between the password and the code: who owes the code in which browser.

A row for one browser and one use. Nothing is open to it but the page that asks for the code,
and it ends with whatever ends a sign-in. Needs no Flask.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.domain.rights.web_sessions import basis_of
from booking_web.tables.second_factors import HalfSignIn, SecondFactor
from provisioning.database.models import User
from provisioning.directory.digests import digest_of

GOOD_FOR = timedelta(minutes=10)


def begin_half(
    session: Session, user: User, now: datetime, sealed_voucher: str | None = None
) -> str:
    """Write down that the right password was given; gives the key, which is kept nowhere.

    `sealed_voucher` is what an identity provider said instead.
    """
    session.execute(delete(HalfSignIn).where(HalfSignIn.created_at < now - GOOD_FOR))
    key = secrets.token_urlsafe(32)
    session.add(
        HalfSignIn(
            key_digest=digest_of(key),
            user_id=user.id,
            basis=basis_of(user),
            created_at=now,
            sealed_voucher=sealed_voucher,
        )
    )
    return key


def person_of_half(session: Session, key: str, now: datetime) -> User | None:
    """Tell who owes a code with this key; None where it is over, for whatever reason."""
    row = session.get(HalfSignIn, digest_of(key))
    if row is None or row.created_at < now - GOOD_FOR:
        return None
    user = session.get_one(User, row.user_id)
    is_as_before = user.active and row.basis == basis_of(user)
    has_factor = session.get(SecondFactor, user.id) is not None
    return user if is_as_before and has_factor else None


def voucher_of_half(session: Session, key: str) -> str | None:
    """Give what an identity provider said before the code, sealed."""
    row = session.get(HalfSignIn, digest_of(key))
    return row.sealed_voucher if row is not None else None


def use_half(session: Session, key: str, now: datetime) -> bool:
    """Use it up; False where it is good for nothing, or was used already."""
    if person_of_half(session, key, now) is None:
        return False
    ended = session.execute(
        delete(HalfSignIn).where(HalfSignIn.key_digest == digest_of(key))
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]

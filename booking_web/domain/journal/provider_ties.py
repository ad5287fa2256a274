# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ties accounts to people of the identity provider and unties them, and writes it down."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.provider_ties import Voucher, tie, untie
from booking_web.domain.rights.web_sessions import end_web_sessions_of
from booking_web.tables.journal_acts import Act
from booking_web.tables.second_factors import HalfSignIn
from provisioning.database.models import User

# Who writes what nobody of the site did.
PROVIDER = "provider"


def tie_account(session: Session, user: User, voucher: Voucher, now: datetime) -> bool:
    """Tie it at the first sign-in; False where it is another person's."""
    found = tie(session, user.id, voucher, now)
    if found:
        _write_down(session, Act.PROVIDER_TIED, user, f"user:{user.id}", now)
    return found is not None


def refuse_another(session: Session, user: User, now: datetime) -> None:
    """Write down that somebody came with the address of an account that is another's."""
    _write_down(session, Act.PROVIDER_REFUSED, user, PROVIDER, now)


def untie_account(session: Session, user: User, actor: str, now: datetime) -> bool:
    """Untie it and end the person's sign-ins; False where it was not tied."""
    if not untie(session, user.id):
        return False
    end_web_sessions_of(session, user.id)
    session.execute(delete(HalfSignIn).where(HalfSignIn.user_id == user.id))
    _write_down(session, Act.PROVIDER_UNTIED, user, actor, now)
    return True


def _write_down(
    session: Session, act: Act, user: User, actor: str, now: datetime
) -> None:
    write_down(session, act, actor=actor, at=now, detail=f"user:{user.id}")

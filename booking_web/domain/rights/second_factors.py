# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's second factor: of whom it is asked, set up, asked for, taken away.

The secret lies sealed, and is opened for the moment of a comparison alone. Needs no Flask.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking_web.base.sealing import SecretSeal, SecretUnreadable
from booking_web.base.settings import SecondFactorOf
from booking_web.domain.rights.one_time_codes import step_of
from booking_web.domain.rights.person import Account, Person, Right
from booking_web.domain.rights.recovery_codes import replace_codes
from booking_web.tables.second_factors import HalfSignIn, RecoveryCode, SecondFactor
from provisioning.database.models import User

_PURPOSE = b"guichet-virtuel second factors"

logger = structlog.get_logger(__name__)


def second_factor_seal(secret_key: str) -> SecretSeal:
    """Give the seal under which a site keeps the secrets."""
    return SecretSeal(secret_key, _PURPOSE)


def is_asked_of(account: Account, wanted: str) -> bool:
    """Tell whether a second factor is no choice of this account's owner.

    Who sees documents is who has the right to an appointment's console.
    """
    if wanted == SecondFactorOf.WHO_SEES_DOCUMENTS:
        return Person.of(account).may(Right.CONSOLE)
    return wanted == SecondFactorOf.EVERYBODY


def is_owed(session: Session, account: Account, wanted: str) -> bool:
    """Tell whether this account must still set one up; `wanted` is the setting."""
    return is_asked_of(account, wanted) and not has_second_factor(session, account.id)


def has_second_factor(session: Session, user_id: int) -> bool:
    """Tell whether the account asks for a code after its password."""
    return session.get(SecondFactor, user_id) is not None


def set_up_at(session: Session, user_id: int) -> datetime | None:
    """Give when it was set up; None where it is not."""
    row = session.get(SecondFactor, user_id)
    return row.set_up_at if row is not None else None


def turn_on(
    session: Session,
    user_id: int,
    sealed_secret: str,
    step: int,
    recovery_hashes: Sequence[str],
    now: datetime,
) -> bool:
    """Set it up with the secret that the code of this step confirmed.

    False where another browser was quicker: its secret stays.
    """
    session.get_one(User, user_id, with_for_update=True)
    if has_second_factor(session, user_id):
        return False
    session.add(
        SecondFactor(
            user_id=user_id,
            sealed_secret=sealed_secret,
            last_step=step,
            set_up_at=now,
        )
    )
    replace_codes(session, user_id, recovery_hashes)
    return True


def turn_off(session: Session, user_id: int) -> bool:
    """Take it away, with its recovery codes and whatever is half way."""
    found = session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(HalfSignIn).where(HalfSignIn.user_id == user_id))
    return bool(found.rowcount)  # type: ignore[attr-defined]


def take_code(
    session: Session, user_id: int, typed: str, seal: SecretSeal, now: datetime
) -> bool:
    """Tell whether the telephone's code is right; a right one is not taken again."""
    sealed = session.scalar(
        select(SecondFactor.sealed_secret).where(SecondFactor.user_id == user_id)
    )
    if sealed is None:
        return False
    try:
        secret = seal.open(sealed)
    except SecretUnreadable:
        logger.error("second factor unreadable: the secret key changed", user=user_id)
        return False
    step = step_of(secret, typed, now)
    if step is None:
        return False
    # Of two who send the same code at once, one is first.
    taken = session.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ten codes for whoever has lost the telephone; each signs in once."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.tables.second_factors import RecoveryCode
from provisioning.directory.credentials import (
    UNKNOWN_PASSWORD,
    hash_password,
    is_password,
)
from provisioning.directory.kiosk_tokens import READABLE

HOW_MANY = 10
# The first letter says which of the ten it is: one hash is compared, not ten.
_NUMBERS = READABLE[:HOW_MANY]
# 54 bits, behind a password's hash.
_RANDOM_LETTERS = 11
_GROUP = 4


def new_codes() -> list[str]:
    """Give ten new codes, as they are read from paper."""
    return [_grouped(first + _random_letters()) for first in _NUMBERS]


def hashes_of(codes: Sequence[str]) -> list[str]:
    """Give what is stored of them; takes a noticeable time, so never within a transaction."""
    return [hash_password(_plain(code)) for code in codes]


def replace_codes(session: Session, user_id: int, hashes: Sequence[str]) -> None:
    """Store new codes; those of before are worth nothing."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(
        RecoveryCode(user_id=user_id, number=number, code_hash=code_hash)
        for number, code_hash in enumerate(hashes)
    )


def count_left(session: Session, user_id: int) -> int:
    """Count the codes that still sign in."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id)
    return session.scalar(query) or 0


def hash_of_typed(session: Session, user_id: int, typed: str) -> str | None:
    """Give the stored hash that the typed code must be compared with; None: there is none."""
    number = _NUMBERS.find(_plain(typed)[:1] or " ")
    query = select(RecoveryCode.code_hash).where(
        RecoveryCode.user_id == user_id, RecoveryCode.number == number
    )
    return session.scalar(query)


def is_recovery_code(typed: str, stored: str | None) -> bool:
    """Compare; takes a noticeable time, and as long for every answer."""
    is_right = is_password(_plain(typed), stored or UNKNOWN_PASSWORD)
    return stored is not None and is_right


def use_up(session: Session, user_id: int, stored: str) -> bool:
    """Take the code away; False where somebody else has just used it."""
    used = session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.user_id == user_id, RecoveryCode.code_hash == stored
        )
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _random_letters() -> str:
    return "".join(secrets.choice(READABLE) for _ in range(_RANDOM_LETTERS))


def _grouped(code: str) -> str:
    starts = range(0, len(code), _GROUP)
    return "-".join(code[start : start + _GROUP] for start in starts).upper()


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.lower() if letter.isalnum())

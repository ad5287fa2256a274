# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one door to a second factor: each attempt is counted before it is looked at."""

from enum import StrEnum

from flask import abort, request
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.account_names import as_looked_up
from booking_web.domain.rights.recovery_codes import (
    count_left,
    hash_of_typed,
    is_recovery_code,
    use_up,
)
from booking_web.domain.rights.second_factors import second_factor_seal, take_code
from booking_web.shell.services import services
from booking_web.shell.sign_in.guesses import TooManyGuesses, count_attempt
from booking_web.tables.journal_acts import Act
from provisioning.database.models import User

# No code is longer, however it is typed.
CODE_LENGTH = 60
_DIGITS = 6


class Given(StrEnum):
    """Which code was given."""

    OF_TELEPHONE = "of_telephone"
    RECOVERY = "recovery"


def given_code(user: User, typed: str) -> Given | None:
    """Use the code up and tell of which kind it was; None: it is not taken.

    Ends the request (429) for who guesses, from wherever.
    """
    try:
        attempt = count_attempt(
            services().database,
            as_looked_up(user.email),
            user.id,
            request.remote_addr,
            services().settings.secret_key,
            of_code=True,
        )
    except TooManyGuesses:
        abort(429)
    typed = typed[:CODE_LENGTH]
    digits = "".join(typed.split())
    if len(digits) == _DIGITS and digits.isascii() and digits.isdigit():
        given = Given.OF_TELEPHONE if _is_telephones(user.id, digits) else None
    else:
        given = Given.RECOVERY if _is_recovery(user.id, typed) else None
    if given is not None:
        attempt.take_back()
    return given


def _is_telephones(user_id: int, digits: str) -> bool:
    seal = second_factor_seal(services().settings.secret_key)
    now = services().now()
    return in_transaction(
        services().database,
        lambda writing: take_code(writing, user_id, digits, seal, now),
    )


def _is_recovery(user_id: int, typed: str) -> bool:
    with services().database.read() as reading:
        stored = hash_of_typed(reading, user_id, typed)
    if not is_recovery_code(typed, stored) or stored is None:
        return False

    def work(writing: Session) -> bool:
        if not use_up(writing, user_id, stored):
            return False
        write_down(
            writing,
            Act.RECOVERY_CODE_USED,
            actor=f"user:{user_id}",
            at=services().now(),
            detail=str(count_left(writing, user_id)),
        )
        return True

    return in_transaction(services().database, work)

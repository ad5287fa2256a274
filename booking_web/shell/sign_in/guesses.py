# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slows down whoever guesses passwords or codes, by account and by place, for every door alike.

An attempt is counted before its password is looked at, so that forty at once are counted
like forty in a row; a right password takes its own count back. Guesses from unknown places
share one count per account: they never keep out who comes from a usual place, which has a
count of its own.
"""

from dataclasses import dataclass
from typing import NamedTuple

import structlog

from booking_web.domain.rights.known_places import is_known_place, place_of
from booking_web.shell.rate_limits import DatabaseStorage
from provisioning.database.engine import Database

WINDOW_SECONDS = 300
# An account is one person; a whole town hall may share one address.
PER_ACCOUNT = 10
PER_PLACE = 30
# Of codes of a telephone three in a million are right at any moment: who has the password has
# not much of a chance within so many a day (NIST SP 800-63B, 3.2.2).
CODES_WINDOW_SECONDS = 86400
CODES_PER_ACCOUNT = 100

logger = structlog.get_logger(__name__)


class TooManyGuesses(Exception):
    """The password or the code was not looked at; in some minutes it will be."""


@dataclass(frozen=True)
class Attempt:
    """One attempt that was counted."""

    _storage: DatabaseStorage
    _limits: tuple["_Limit", ...]

    def take_back(self) -> None:
        """Count it no more: it was no guess."""
        for each in self._limits:
            self._storage.incr(each.key, each.window_seconds, -1)


class _Limit(NamedTuple):
    key: str
    most: int
    window_seconds: int = WINDOW_SECONDS


def count_attempt(
    database: Database,
    looked_up: str,
    user_id: int | None,
    address: str | None,
    secret: str,
    *,
    of_code: bool = False,
) -> Attempt:
    """Count an attempt on the account spelt so; raises TooManyGuesses.

    `user_id` is None where there is no such account: that is counted all the same, so that
    the answer is no different. `of_code`: an attempt at the second step, counted together
    with those at the password, and by the day as well.
    """
    place = place_of(address)
    with database.read() as session:
        is_usual = is_known_place(session, user_id or 0, place, secret)
    whose = f"{looked_up}:{place}" if is_usual else looked_up
    limits = [_Limit(f"guesses:account:{whose}", PER_ACCOUNT)]
    if not is_usual:
        limits.insert(0, _Limit(f"guesses:place:{place}", PER_PLACE))
    if of_code:
        key = f"guesses:codes:{whose}"
        limits.append(_Limit(key, CODES_PER_ACCOUNT, CODES_WINDOW_SECONDS))
    storage = DatabaseStorage(database=database)
    for each in limits:
        if storage.incr(each.key, each.window_seconds) > each.most:
            _, counted_by, _ = each.key.split(":", 2)
            logger.warning("too many guesses", user=user_id, counted_by=counted_by)
            raise TooManyGuesses
    return Attempt(storage, tuple(limits))

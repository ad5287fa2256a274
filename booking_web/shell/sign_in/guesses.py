# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slows down whoever guesses passwords, by account and by place, for every door alike.

An attempt is counted before its password is looked at, so that forty at once are counted
like forty in a row; a right password takes its own count back. Guesses from unknown places
share one count per account: they never keep out who comes from a usual place, which has a
count of its own.
"""

from dataclasses import dataclass

from booking_web.domain.rights.known_places import is_known_place, place_of
from booking_web.shell.rate_limits import DatabaseStorage
from provisioning.database.engine import Database

WINDOW_SECONDS = 300
# An account is one person; a whole town hall may share one address.
PER_ACCOUNT = 10
PER_PLACE = 30


class TooManyGuesses(Exception):
    """The password was not looked at; in some minutes it will be."""


@dataclass(frozen=True)
class Attempt:
    """One attempt that was counted."""

    _storage: DatabaseStorage
    _keys: tuple[str, ...]

    def take_back(self) -> None:
        """Count it no more: it was no guess."""
        for key in self._keys:
            self._storage.incr(key, WINDOW_SECONDS, -1)


def count_attempt(
    database: Database,
    looked_up: str,
    user_id: int | None,
    address: str | None,
    secret: str,
) -> Attempt:
    """Count an attempt on the account spelt so; raises TooManyGuesses.

    `user_id` is None where there is no such account: that is counted all the same, so that
    the answer is no different.
    """
    place = place_of(address)
    with database.read() as session:
        is_usual = is_known_place(session, user_id or 0, place, secret)
    if is_usual:
        limits = {f"guesses:account:{looked_up}:{place}": PER_ACCOUNT}
    else:
        limits = {
            f"guesses:place:{place}": PER_PLACE,
            f"guesses:account:{looked_up}": PER_ACCOUNT,
        }
    storage = DatabaseStorage(database=database)
    for key, most in limits.items():
        if storage.incr(key, WINDOW_SECONDS) > most:
            raise TooManyGuesses
    return Attempt(storage, tuple(limits))

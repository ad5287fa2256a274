# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes small numbers unreadable for who may not know who they are; pure.

A count below FEWEST is told as "few" (None), none at all included. Every other one is told
as the multiple of FEWEST below or above it, each cell and each total for itself, the nearer
one more often: so no difference between told numbers gives a small one. This is random
rounding as Statistics Canada does it. Which of the two it is depends on a secret, on what is
counted and on the number, so that the same question has the same answer on every page.
"""

import hashlib
import hmac
from dataclasses import dataclass

FEWEST = 5
# Below so many, the longest of the lengths of time would be one person's own.
FEWEST_FOR_THE_LONGEST = 20
# Pages are no persons, and yet those of one person would be told by the number.
PAGES_ROUNDED_TO = 10

# None: fewer than FEWEST.
Count = int | None


@dataclass(frozen=True)
class Masking:
    """How numbers are told of one table; `secret` is the site's, of no use elsewhere."""

    secret: str

    def count(self, number: int, about: str) -> Count:
        """Give what may be told of how many there are; `about` names what is counted."""
        if number < FEWEST:
            return None
        below, rest = number // FEWEST, number % FEWEST
        if self._chance(f"{about}|{number}") < rest:
            below += 1
        return below * FEWEST

    def _chance(self, text: str) -> int:
        """Give a number below FEWEST that is always the same for a text."""
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") % FEWEST


def roughly(number: float) -> int:
    """Round to two digits: of what mixture it is made cannot be told from it."""
    whole = round(number)
    size = int(10 ** max(0, len(str(whole)) - 2))
    return round(whole / size) * size


def masked_pages(pages: int) -> Count:
    """Give pages rounded; None for so few that they may be one person's."""
    if pages < PAGES_ROUNDED_TO:
        return None
    return round(pages / PAGES_ROUNDED_TO) * PAGES_ROUNDED_TO

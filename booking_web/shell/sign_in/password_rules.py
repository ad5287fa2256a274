# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which passwords are taken: long ones that nobody guesses from the person's name."""

import re
import unicodedata
from enum import StrEnum

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
MIN_DIFFERENT_CHARACTERS = 5


class Weakness(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_PLAIN = "too_plain"
    OWN_NAME = "own_name"


def weakness_of(password: str, email: str, name: str) -> Weakness | None:
    """Tell what is wrong with it, if anything."""
    if len(password) < MIN_CHARACTERS:
        return Weakness.TOO_SHORT
    if len(password) > MAX_CHARACTERS:
        return Weakness.TOO_LONG
    if len(set(password)) < MIN_DIFFERENT_CHARACTERS:
        return Weakness.TOO_PLAIN
    # What is left when everything that is known of the person is taken away.
    rest = _letters(password)
    for known in sorted(map(_letters, (email, *re.split(r"[@.\s]", email), name))):
        if len(known) >= 4:
            rest = rest.replace(known, "")
    if len(rest) < MIN_CHARACTERS // 2:
        return Weakness.OWN_NAME
    return None


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names as people type them: accents, case and order of the words forgiven; pure."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from booking_web.models import SEARCH_KEY_LENGTH

_CIVILITIES = {
    "m": "m",
    "mr": "m",
    "monsieur": "m",
    "mme": "f",
    "mlle": "f",
    "madame": "f",
    "mademoiselle": "f",
}
# Letters that do not come apart by themselves in Unicode's decomposition.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
# A single slip of the pen is looked for in words of this length at least.
_SLIP_LENGTH = 4


def words_of(text: str) -> list[str]:
    """Give the words of a text, unaccented and in lower case, in their order."""
    return list(_words_of(text))


# A name is looked at several times beside each of the others, while a booking waits.
@lru_cache(maxsize=2048)
def _words_of(text: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    spaced = "".join(letter if letter.isalnum() else " " for letter in plain)
    return tuple(spaced.split())


def civility_of(name: str) -> str:
    """Give `m` or `f` where the name begins with Monsieur, Mme and the like, else ``."""
    words = words_of(name)
    return _CIVILITIES.get(words[0], "") if len(words) > 1 else ""


def name_words(name: str) -> list[str]:
    """Give the words that name the person, without Monsieur or Madame before them."""
    words = words_of(name)
    return words[1:] if civility_of(name) else words


def search_key(name: str) -> str:
    """Give what is stored to search by: the words of the name, sorted."""
    return " ".join(sorted(name_words(name)))[:SEARCH_KEY_LENGTH]


def matches(typed: Sequence[str], key: str) -> bool:
    """Tell whether each typed word begins another word of the key."""
    left = key.split()
    # The longest first: "jean j" must not spend "jean" on the "j".
    for word in sorted(typed, key=len, reverse=True):
        found = next((each for each in left if each.startswith(word)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two names are written the same, but for accents, case and order.

    A single word needs the same civility: M. Dupont and Dupont may be two persons.
    """
    if search_key(one) != search_key(other) or not _may_be_one(one, other):
        return False
    return civility_of(one) == civility_of(other) or " " in search_key(one)


def is_near_name(one: str, other: str) -> bool:
    """Tell whether two names may well be one person's, so that one should ask."""
    if not _may_be_one(one, other):
        return False
    mine, theirs = sorted(name_words(one)), sorted(name_words(other))
    if set(mine) <= set(theirs) or set(theirs) <= set(mine):
        return bool(mine and theirs)
    if len(mine) != len(theirs):
        return False
    mine, theirs = _without_common(mine, theirs)
    return len(mine) == 1 and _is_one_slip(mine[0], theirs[0])


def _may_be_one(one: str, other: str) -> bool:
    civilities = {civility_of(one), civility_of(other)} - {""}
    return len(civilities) < 2


def _without_common(mine: list[str], theirs: list[str]) -> tuple[list[str], list[str]]:
    rest = list(theirs)
    own = []
    for word in mine:
        if word in rest:
            rest.remove(word)
        else:
            own.append(word)
    return own, rest


def _is_one_slip(one: str, other: str) -> bool:
    """Tell whether a letter added, left out, changed or swapped makes one the other."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SLIP_LENGTH or len(long) - len(short) > 1:
        return False
    at = next(
        (i for i, pair in enumerate(zip(short, long)) if len(set(pair)) > 1), None
    )
    if at is None:
        return True
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    swapped = short[:at] + short[at : at + 2][::-1] + short[at + 2 :]
    return swapped == long

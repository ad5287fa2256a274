# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names as people type them: accents, case, apostrophes, particles and order forgiven; pure."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from booking_web.base.names import parted_civility, without_civility
from booking_web.tables.appointment import SEARCH_KEY_LENGTH

# Words that some write together with the next one, and some apart: La Tour, Latour.
_PARTICLES = frozenset(
    "d de del della der den di do dos du da des e el al l la le les lo mac mc o saint sainte "
    "st ste van vom von zu zum".split()
)
_SAINTS = {"saint": "st", "sainte": "ste"}
_WHOLE = {short: whole for whole, short in _SAINTS.items()}
_APOSTROPHES = str.maketrans("", "", "'’‘ʼʹ´`′")
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
    return parted_civility(name)[0]


def name_words(name: str) -> list[str]:
    """Give the words that name the person, without Monsieur or Madame before them."""
    return words_of(without_civility(name))


def search_key(name: str) -> str:
    """Give what is stored to search by: the name's words, sorted, then its other spellings."""
    words = name_words(name)
    others = {_SAINTS.get(word, "") or _WHOLE.get(word, "") for word in words}
    others |= set(_joined(name)) | set(_joined(name, shortens=True))
    return " ".join([*sorted(words), *sorted(others - {"", *words})])[
        :SEARCH_KEY_LENGTH
    ]


def spellings(typed: str) -> list[list[str]]:
    """Give the words that are typed, as they are and with the particles joined."""
    words, whole = name_words(typed), _whole_words(typed)
    return [words] if sorted(words) == whole else [words, whole]


def _without_apostrophes(name: str) -> list[str]:
    return name_words(name.translate(_APOSTROPHES))


def _joined(name: str, *, shortens: bool = False) -> list[str]:
    """Give each run of particles as one word with the word that follows: latour, delatour."""
    words = _without_apostrophes(name)
    if shortens:
        words = [_SAINTS.get(word, word) for word in words]
    found = [word for word in words if word not in _PARTICLES]
    for end, word in enumerate(words):
        begin = end
        while begin and words[begin - 1] in _PARTICLES:
            begin -= 1
            found.append("".join(words[begin : end + 1]))
    return found


def _whole_words(name: str) -> list[str]:
    """Give the words by which a name is told from others, sorted: particles belong to them."""
    whole: list[str] = []
    run = ""
    words = [_WHOLE.get(word, word) for word in _without_apostrophes(name)]
    for at, word in enumerate(words):
        run += word
        if word not in _PARTICLES or at == len(words) - 1:
            whole.append(run)
            run = ""
    return sorted(whole)


def _all_words(name: str) -> set[str]:
    return {*search_key(name).split(), *_whole_words(name)}


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
    """Tell whether two names are the same, but for accents, case, order and particles joined.

    A single word needs the same civility: M. Dupont and Dupont may be two persons.
    """
    words = _whole_words(one)
    if words != _whole_words(other) or not _may_be_one(one, other):
        return False
    return civility_of(one) == civility_of(other) or len(words) > 1


def is_near_name(one: str, other: str) -> bool:
    """Tell whether two names may well be one person's, so that one should ask."""
    if not _may_be_one(one, other):
        return False
    mine, theirs = sorted(name_words(one)), sorted(name_words(other))
    if set(mine) <= _all_words(other) or set(theirs) <= _all_words(one):
        return bool(mine and theirs)
    mine, theirs = _whole_words(one), _whole_words(other)
    if set(mine) <= _all_words(other) or set(theirs) <= _all_words(one):
        return True
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

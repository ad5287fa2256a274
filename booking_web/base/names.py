# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's name, parted: what one says before it, and what forms ask for in two fields."""

import re

# `m` or `f`; one of several persons tells neither.
_CIVILITIES = {
    "m": "m",
    "mr": "m",
    "monsieur": "m",
    "mm": "",
    "messieurs": "",
    "mme": "f",
    "mlle": "f",
    "madame": "f",
    "mademoiselle": "f",
    "mmes": "",
    "mlles": "",
    "mesdames": "",
    "mesdemoiselles": "",
}
# "M.Dupont"
_GLUED = re.compile(r"\s*(\w+)\.(\w.*)", re.DOTALL)
_AND = frozenset({"et", "ou", "&"})
# They belong to the family name behind them.
_PARTICLES = frozenset(
    {"de", "du", "des", "d", "le", "la", "van", "von", "ben", "el", "al", "da", "dos"}
)


def parted_civility(name: str) -> tuple[str, str]:
    """Give `m` or `f` where the name begins so, else ``, and the name as it is without.

    "M. et Mme Petit" is "Petit". A word that stands alone is the name.
    """
    glued = _GLUED.match(name)
    if glued and glued[1].casefold() in _CIVILITIES:
        name = f"{glued[1]}. {glued[2]}"
    words = name.split()
    found: list[str] = []
    start = at = 0
    while at < len(words) - 1:
        word = words[at].rstrip(".").casefold()
        if word in _CIVILITIES:
            found.append(_CIVILITIES[word])
            start = at + 1
        elif not (found and start == at and word in _AND):
            break
        at += 1
    return found[0] if len(found) == 1 else "", " ".join(words[start:])


def without_civility(name: str) -> str:
    """Give the name as it is written, without Monsieur or Madame before it."""
    return parted_civility(name)[1]


def family_and_given(name: str) -> tuple[str, str]:
    """Give family name and given names; both empty where it is one word alone.

    Words all in capitals are the family name, as on papers of the French State; else the
    last word is, with the particles before it.
    """
    words = without_civility(name).split()
    if len(words) < 2:
        return "", ""
    capital = [each for each in words if _is_capital(each)]
    if capital and len(capital) < len(words):
        first, last = (
            words.index(capital[0]),
            len(words) - words[::-1].index(capital[-1]),
        )
        family = words[first:last]
        given = words[:first] + words[last:]
        return (" ".join(family), " ".join(given)) if given else ("", "")
    start = len(words) - 1
    while start > 1 and re.split(r"['’]", words[start - 1])[0].casefold() in _PARTICLES:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start])


def _is_capital(word: str) -> bool:
    letters = [each for each in word if each.isalpha()]
    return len(letters) > 1 and all(each.isupper() for each in letters)

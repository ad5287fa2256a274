# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's name, parted: what forms ask for in two fields is written in one at the desk."""

import re

_TITLES = frozenset({"m", "mme", "mlle", "mr", "monsieur", "madame"})
# They belong to the family name behind them.
_PARTICLES = frozenset(
    {"de", "du", "des", "d", "le", "la", "van", "von", "ben", "el", "al", "da", "dos"}
)


def family_and_given(name: str) -> tuple[str, str]:
    """Give family name and given names; both empty where it is one word alone.

    Words all in capitals are the family name, as on papers of the French State; else the
    last word is, with the particles before it.
    """
    words = name.split()
    while words and words[0].rstrip(".").casefold() in _TITLES:
        words.pop(0)
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

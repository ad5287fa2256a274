# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name by its first letters: of a person where no more may be told, of an organisation."""

_TITLES = frozenset({"m", "mme", "mlle", "mr"})
# An abbreviation stands for itself.
_SHORT = 5
_MARK_LETTERS = 2


def initials_of(name: str) -> str:
    """Give the initials of a name, without its title: "Mme Zoé Lefèvre" is "Z. L."."""
    words = [word for word in name.replace("-", " ").split() if word[:1].isalpha()]
    while words and words[0].rstrip(".").casefold() in _TITLES:
        words.pop(0)
    return " ".join(f"{word[0].upper()}." for word in words)


def alias_of(number: int) -> str:
    """Give what stands for whoever comes discreetly: the appointment's number tells it apart."""
    return f"Usager {number}"


def mark_letters(name: str) -> str:
    """Give what stands for a name in its mark: "MSA", "Mission locale" is "ML"."""
    words = [word for word in name.replace("-", " ").split() if word[:1].isalpha()]
    if len(words) == 1 and words[0].isupper() and len(words[0]) <= _SHORT:
        return words[0]
    big = [word for word in words if word[0].isupper()]
    chosen = big if len(big) >= _MARK_LETTERS else words
    return "".join(word[0].upper() for word in chosen[:_MARK_LETTERS])

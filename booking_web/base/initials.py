# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name by its first letters: of a person where no more may be told, of an organisation."""

from booking_web.base.names import without_civility

# An abbreviation stands for itself.
_SHORT = 5
_MARK_LETTERS = 2


def initials_of(name: str) -> str:
    """Give the initials of a name, without its title: "Mme Zoé Lefèvre" is "Z. L."."""
    # Behind a title that stands alone nobody is named.
    plain = without_civility(f"{name} -").replace("-", " ")
    words = [word for word in plain.split() if word[:1].isalpha()]
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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a secretary types about a resident: made regular, or refused; pure."""

import unicodedata

# These turn the reading direction round: a name must not rewrite the line it stands in.
_DIRECTION_CONTROLS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def normalised(text: str | None) -> str:
    """Give the text in NFC, on one line, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def has_unprintable(text: str) -> bool:
    """Tell whether the text holds characters that can't be written or read."""
    return any(
        unicodedata.category(character) in ("Cc", "Cs", "Cn")
        or character in _DIRECTION_CONTROLS
        for character in text
    )


def has_letter(text: str) -> bool:
    """Tell whether there is anything to call a person by."""
    return any(unicodedata.category(character).startswith("L") for character in text)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters that a filled in form can show and print; what they cannot is told.

A simple font of a PDF has 255 letters at most. Those are the western ones (Windows-1252)
and, where that has none, those of the names of Poland, Romania, Turkey, Hungary and
their neighbours.
"""

import unicodedata

# Codes that a PDF's strings or a text's lines need for themselves.
_NOT_FOR_LETTERS = frozenset({0, 9, 10, 13})
# Our typeface has no ‡ and ‰; a soft hyphen is never seen.
_UNUSED = frozenset({0x7F, 0x87, 0x89, 0xAD})
_OTHERS = "ĄąĆćĘęŁłŃńŚśŹźŻżĂăȘșȚțŞşĞğıŐőŰűČčĐđĚě"
# What looks the same, or so nearly that no reader minds.
_SAME = {
    "\t": " ",
    "\u2009": " ",
    "\u202f": "\u00a0",
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
    "\u200b": "",
    "\u00ad": "",
    "\ufeff": "",
}


def _letters() -> dict[int, str]:
    letters = {}
    for code in range(32, 256):
        letter = bytes([code]).decode("cp1252", "ignore")
        if letter and code not in _UNUSED:
            letters[code] = letter
    free = [each for each in range(1, 256) if each not in letters]
    free = [each for each in free if each not in _NOT_FOR_LETTERS]
    return letters | dict(zip(free, _OTHERS, strict=False))


# pdfium looks for another font for each letter that it does not count among the western
# ones ("Œ" too, which it then draws squeezed), but for a font that the form calls so.
RESOURCE = "/Wingdings"
LETTERS: dict[int, str] = _letters()
_KNOWN = frozenset(LETTERS.values()) | {"\n"}


def composed(text: str) -> str:
    """Give a text as it is drawn: accents in their letters, one kind of line end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(_SAME.get(each, each) for each in lines)
    return unicodedata.normalize("NFC", plain)


def strangers(text: str) -> str:
    """Give the characters that cannot be drawn, each once, in their order."""
    return "".join(dict.fromkeys(each for each in composed(text) if each not in _KNOWN))

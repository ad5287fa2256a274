# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which letters our fonts have: what they have not would be drawn as chance has it.

Whatever other fonts a server has, a paper looks the same. An importer of fontTools.
"""

import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont

# Drawn where a letter is missing, once for a run of them.
UNKNOWN = "?"
MOST_TOLD = 20
# What nobody sees and no font needs to have: joiners, marks of direction, variants.
_UNSEEN = frozenset({"Cc", "Cf"})
_VARIANTS = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def drawable(text: str, *folders: Path) -> tuple[str, str]:
    """Give the text with `UNKNOWN` for what the fonts of the folders have not, and that."""
    known = _letters_of(*folders)
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(each for each in composed if each.isspace() or not _is_unseen(each))
    strangers = dict.fromkeys(
        each for each in seen if ord(each) not in known and not each.isspace()
    )
    if not strangers:
        return seen, ""
    pieces = []
    for is_stranger, run in groupby(seen, strangers.__contains__):
        pieces.append(UNKNOWN if is_stranger else "".join(run))
    return "".join(pieces), "".join(strangers)[:MOST_TOLD]


def _is_unseen(letter: str) -> bool:
    code = ord(letter)
    return (
        unicodedata.category(letter) in _UNSEEN
        or code in _VARIANTS
        or code in _SKIN_TONES
    )


@cache
def _letters_of(*folders: Path) -> frozenset[int]:
    found: set[int] = set()
    for folder in folders:
        for file in sorted(folder.glob("*-400-*.woff2")):
            with TTFont(file, lazy=True) as font:
                found |= font.getBestCmap().keys()
    return frozenset(found)

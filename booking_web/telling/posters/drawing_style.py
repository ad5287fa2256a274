# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the kiosk's drawings look on paper: as on its screen, written out for WeasyPrint.

Which reads no variables inside of a picture, and nothing moves.
"""

import re
from functools import cache
from pathlib import Path

SHEET = Path(__file__).parents[2] / "static/kiosk/drawings.css"
_VARIABLE = re.compile(r"--([\w-]+):\s*([^;]+);")
_USE = re.compile(r"var\(--([\w-]+)\)")


@cache
def drawing_style() -> str:
    """Give the rules of the drawings, with the colours in their places."""
    lines = SHEET.read_text().splitlines()
    root = next(line for line in lines if line.startswith(":root"))
    colours = dict(_VARIABLE.findall(root))
    rules = [
        line
        for line in lines
        if line.startswith(".drawing") and not re.search("animation|transform", line)
    ]
    return _USE.sub(lambda use: colours[use[1]], "\n".join(rules))

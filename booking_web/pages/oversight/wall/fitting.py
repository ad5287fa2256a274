# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many kiosks a wall holds so that each reads whole: whoever is cut off is seen by nobody.

In the style sheet's own measure, the `rem` of a screen of 16 to 9: `wall.css` has the sizes.
"""

import math
import textwrap

# What the list may take of the screen's height, and a line of it of the list's width.
HEIGHT, WIDTH = 44.5, 33.0
_AROUND = 1.3
_NAME_LINE, _CAUSE_LINE = 2.3, 1.9
# A letter of the name, of the state in bold and of the cause; the state's sign and its gap.
_NAME_LETTER, _STATE_LETTER, _CAUSE_LETTER = 0.96, 0.8, 0.86
_SIGN = 3.3


def height_of(name: str, state: str, cause: str) -> float:
    """Give how high a kiosk stands: name and state on one line where that holds both."""
    lines = _lines(name, _NAME_LETTER)
    beside = len(name) * _NAME_LETTER + _SIGN + len(state) * _STATE_LETTER
    if beside > WIDTH:
        lines += math.ceil((_SIGN + len(state) * _STATE_LETTER) / WIDTH)
    height = _AROUND + lines * _NAME_LINE
    return height + (_lines(cause, _CAUSE_LETTER) * _CAUSE_LINE if cause else 0)


def how_many_fit(heights: list[float]) -> int:
    """Give how many of these, the first ones, stand there whole."""
    left = HEIGHT
    for number, height in enumerate(heights):
        left -= height
        if left < 0:
            return number
    return len(heights)


def _lines(text: str, letter: float) -> int:
    return max(1, len(textwrap.wrap(text, int(WIDTH / letter))))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words that are printed on a page, in the pieces that a person reads as one.

An importer of pypdfium2; run it in a process of its own: the bytes are a stranger's.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.geometry import Sheet

# What is printed to be written upon, and parts two labels of one line.
LEADERS = frozenset("._…-–—|¦‗∟⎵⌊⌋│▏")
BARS = frozenset("|¦│")
# How many leaders in a row are a line to write upon.
FEWEST_LEADERS = 4
# Those that count for more: three dots in one, and what is never printed for itself.
WEIGHTS = {"…": 3, "_": 2, "‗": 4}
# A letter so many times as wide as high is a row of cells that a font draws.
WIDEST_LETTER = 4
# A gap of so many heights of a letter parts two pieces.
GAP_HEIGHTS = 0.6
MAX_CHARACTERS = 60_000
# So many of one sign may stand behind a letter without a gap.
MOST_WITHIN = 0.2
# In degrees.
MOST_LEANING = 20.0


# Signs to tick, where a font says which; others have no letter that anybody knows.
SIGNS = frozenset("□☐❏❐❑❒◻▢○◯❍")
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True)
class Printed:
    """Words that stand together on one line; no words where it is something else.

    `bars` are where a row of leaders has its upright strokes; a sign stands alone.
    """

    text: str
    rectangle: Rectangle
    is_leader: bool = False
    is_sign: bool = False
    bars: tuple[float, ...] = ()


@dataclass(frozen=True)
class Letter:
    """A letter, its place, and how high letters of its size are."""

    text: str
    box: Rectangle
    height: float

    @property
    def is_sign(self) -> bool:
        """Tell whether it is a sign to tick and no letter."""
        return is_sign(self.text)


def is_sign(letter: str) -> bool:
    """Tell whether a letter is one to tick, or of a font of signs."""
    return letter in SIGNS or ord(letter) in _PRIVATE or ord(letter) < 32


def words_printed(page: pypdfium2.PdfPage, sheet: Sheet) -> list[Printed]:
    """Give what is printed on a page, in the order of the file."""
    text = page.get_textpage()
    try:
        letters = without_false_signs(list(_letters(text, sheet)))
    finally:
        text.close()
    pieces = list(_pieces(iter(letters)))
    found = [
        Printed("", each.box, is_sign=True)
        for each in letters
        if each is not None and each.is_sign
    ]
    for piece in pieces:
        found.extend(_told(piece))
    return found


def _letters(text: pypdfium2.PdfTextPage, sheet: Sheet) -> Iterator[Letter | None]:
    """Give each letter and its place, None where a piece ends for sure."""
    cell = pdfium.FS_RECTF()
    for index in range(min(text.count_chars(), MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(text.raw, index)
        if code in (10, 13):
            yield None
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text.raw, index, ctypes.byref(cell)):
            continue
        letter = chr(code)
        if not _is_upright(text, index, sheet):
            # Read by nobody who does not turn the page.
            yield None
            continue
        if is_sign(letter):
            if ink := _ink(text, index, sheet):
                yield Letter(letter, ink, ink.height)
        elif letter.isprintable():
            box = sheet.seen((cell.left, cell.bottom, cell.right, cell.top))
            is_row = box.width > WIDEST_LETTER * box.height > 0
            shown = "‗" if is_row and letter.isalnum() else letter
            yield Letter(shown, box, min(max(box.height, 3.0), 60.0))


def without_false_signs(letters: list[Letter | None]) -> list[Letter | None]:
    """Leave out what is no sign to tick but a letter of a font that does not tell its letters.

    It stands in the middle of words, as no box does.
    """
    seen: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for before, letter in zip([None, *letters], letters):
        if letter is not None and letter.is_sign:
            seen[letter.text] += 1
            within[letter.text] += before is not None and _is_behind(letter, before)
    false = {each for each in seen if within[each] > MOST_WITHIN * seen[each]}
    return [
        None if each is not None and each.text in false else each for each in letters
    ]


def _is_behind(sign: Letter, before: Letter) -> bool:
    gap = sign.box.x - before.box.right
    is_level = abs(sign.box.bottom - before.box.bottom) < before.height
    return before.text != " " and is_level and gap < before.height / 8


def _is_upright(text: pypdfium2.PdfTextPage, index: int, sheet: Sheet) -> bool:
    """Tell whether a letter stands upright on the page as it is seen."""
    angle = pdfium.FPDFText_GetCharAngle(text.raw, index)
    if angle < 0:
        return True
    leaning = (math.degrees(angle) + sheet.turned) % 360
    return min(leaning, 360 - leaning) <= MOST_LEANING


def _ink(text: pypdfium2.PdfTextPage, index: int, sheet: Sheet) -> Rectangle | None:
    """Give the place of a letter without the white around it."""
    sides = [ctypes.c_double() for _ in range(4)]
    if not pdfium.FPDFText_GetCharBox(text.raw, index, *map(ctypes.byref, sides)):
        return None
    left, right, bottom, top = (each.value for each in sides)
    return sheet.seen((left, bottom, right, top))


def _pieces(letters: Iterator[Letter | None]) -> Iterator[list[Letter]]:
    piece: list[Letter] = []
    for letter in letters:
        is_word = letter is not None and not letter.is_sign
        if letter is not None and is_word and piece and not _goes_on(piece, letter):
            yield piece
            piece = []
        if letter is None or letter.is_sign:
            if piece:
                yield piece
            piece = []
        elif letter.text != " " or piece:
            piece.append(letter)
    if piece:
        yield piece


def _goes_on(piece: list[Letter], letter: Letter) -> bool:
    if letter.text == " ":
        return True
    last = next((each for each in reversed(piece) if each.text != " "), piece[-1])
    gap = letter.box.x - last.box.right
    apart = abs(letter.box.bottom - last.box.bottom)
    return -letter.height < gap < GAP_HEIGHTS * letter.height and apart < letter.height


def _told(piece: list[Letter]) -> Iterator[Printed]:
    """Part words from the rows of leaders among them."""
    run: list[Letter] = []
    is_leader = False
    for start, letter in enumerate(piece):
        if letter.text == " ":
            run.append(letter)
            continue
        leads = letter.text in LEADERS and _leaders_from(piece, start, is_leader)
        if leads != is_leader and run:
            yield from _printed(run, is_leader)
            run = []
        is_leader = leads
        run.append(letter)
    yield from _printed(run, is_leader)


def _leaders_from(piece: list[Letter], start: int, in_a_row: bool) -> bool:
    if in_a_row:
        return True
    weight = 0
    for letter in piece[start:]:
        if letter.text in LEADERS:
            weight += WEIGHTS.get(letter.text, 1)
        elif letter.text != " ":
            break
        if weight >= FEWEST_LEADERS:
            return True
    return False


def _printed(run: list[Letter], is_leader: bool) -> Iterator[Printed]:
    boxes = [each.box for each in run if each.text != " "]
    if not boxes:
        return
    x, y = min(each.x for each in boxes), min(each.y for each in boxes)
    right = max(each.right for each in boxes)
    bottom = max(each.bottom for each in boxes)
    rectangle = Rectangle(x, y, round(right - x, 2), round(bottom - y, 2))
    text = "" if is_leader else " ".join("".join(each.text for each in run).split())
    bars = tuple(
        round(each.box.x + each.box.width / 2, 2) for each in run if each.text in BARS
    )
    yield Printed(text, rectangle, is_leader, bars=bars if is_leader else ())

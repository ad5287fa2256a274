# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where people write beside words: after a colon, under "Signature", in the parts of a day.

Proposals only, as those of `proposals`; pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.guides import WRITING, Guides
from booking_web.domain.forms.proposed import Found, Why
from booking_web.domain.forms.words_printed import Printed

# Less is the gap between two words, or the margin.
NARROWEST_ROOM = 28.0
NARROWEST_DATE = 40.0
# Between words and what is written beside them, and left free at the page's edge.
APART = 4.0
MARGIN = 28.0
# So many pieces that begin at one place are a column.
COLUMN_PIECES = 6
SAME_COLUMN = 3.0
BOX_SIDE = 9.0
LOWEST_SIGNATURE = 30.0
HIGHEST_SIGNATURE = 60.0
NARROWEST_SIGNATURE = 110.0
LONGEST_SIGNATURE_WORDS = 60

# Between the parts of a day, and how far they stand apart.
_BETWEEN = re.compile(r"[/.-] ?(19|20)?")
PARTS_APART = 6.0
# What stands before a place to write, whatever else a page has.
_ENDING = re.compile(r"(fait à|date|date du jour|le|lieu)\s*:?", re.IGNORECASE)
_DATED = re.compile(r"(.*\b)?(date|né\(?e?\)? le|le|du|au)\s*:?", re.IGNORECASE)
_ASKED = re.compile(r".*(:|\bN°|(?<!%)(^|\s)(du|au|le))\s*", re.IGNORECASE)
_ANSWER = re.compile(r"oui|non|m|f|h|mme|monsieur|madame", re.IGNORECASE)
_SIGNED = re.compile(
    r"(date et signature|signatures?|cachet|visa)\b.*", re.IGNORECASE | re.DOTALL
)


def closing_rooms(
    guides: Guides,
    words: Sequence[Printed],
    taken: Sequence[Rectangle],
    width: float,
) -> list[Found]:
    """Give the rooms that stand at the end of a form: its place, its date, its signatures."""
    page = _Page(guides, words, taken, width)
    found = [
        Found(_kind_after(each.text), room, 0, Why.WORDS)
        for each in words
        if _ENDING.fullmatch(each.text) and (room := page.room_after(each.rectangle))
    ]
    signed = [
        Found(FieldKind.SIGNATURE, room, 0, Why.WORDS)
        for each in words
        if len(each.text) <= LONGEST_SIGNATURE_WORDS and _SIGNED.fullmatch(each.text)
        if (room := page.room_under(each.rectangle))
    ]
    return found + signed


def rooms_beside(guides: Guides, words: Sequence[Printed], width: float) -> list[Found]:
    """Give the rooms after each label of a page that has nothing else to write upon."""
    page = _Page(guides, words, (), width)
    found: list[Found] = []
    for each in words:
        if _ASKED.fullmatch(each.text) and not _SIGNED.fullmatch(each.text):
            room = page.room_after(each.rectangle)
            # What is answered by yes or no is ticked.
            is_ticked = _is_answered(each.rectangle, words)
            if room is not None and not is_ticked:
                kind = _kind_after(each.text, room)
                found.append(Found(kind, room, 0, Why.WORDS))
        elif _ANSWER.fullmatch(each.text) and (box := page.box_before(each.rectangle)):
            found.append(Found(FieldKind.BOX, box, 0, Why.WORDS))
    return found


def _is_answered(label: Rectangle, words: Sequence[Printed]) -> bool:
    after = [
        each
        for each in words
        if _is_beside(each.rectangle, label) and each.rectangle.x > label.right
    ]
    following = min(after, key=lambda each: each.rectangle.x, default=None)
    return following is not None and bool(_ANSWER.fullmatch(following.text))


def days_in_parts(printed: Sequence[Printed]) -> list[Rectangle]:
    """Give the days whose three parts have leaders of their own, parted by strokes."""
    leaders = [each.rectangle for each in printed if each.is_leader]
    strokes = [each.rectangle for each in printed if _BETWEEN.fullmatch(each.text)]
    found: list[Rectangle] = []
    for day in leaders:
        parts = [day]
        while len(parts) < 3:
            stroke = _next_to(parts[-1], strokes)
            part = _next_to(stroke, leaders) if stroke else None
            if part is None:
                break
            parts.append(part)
        if len(parts) == 3:
            found.append(replace(day, width=round(parts[-1].right - day.x, 2)))
    return found


def _next_to(left: Rectangle, others: Sequence[Rectangle]) -> Rectangle | None:
    near = (
        each
        for each in others
        if -1 <= each.x - left.right <= PARTS_APART
        and abs(each.bottom - left.bottom) <= PARTS_APART
    )
    return next(near, None)


def _kind_after(text: str, room: Rectangle | None = None) -> FieldKind:
    is_wide = room is None or room.width >= NARROWEST_DATE
    is_date = bool(_DATED.match(text)) and is_wide and not text.startswith("Fait")
    return FieldKind.DATE if is_date else FieldKind.TEXT


class _Page:
    """What is on a page already, and how much room is left beside it."""

    def __init__(
        self,
        guides: Guides,
        words: Sequence[Printed],
        taken: Sequence[Rectangle],
        width: float,
    ) -> None:
        self._guides = guides
        self._printed = [each.rectangle for each in words]
        self._taken = [*self._printed, *taken]
        self._width = width
        self._columns = list(self._begun())

    def room_after(self, words: Rectangle) -> Rectangle | None:
        """Give the room to the right of words, as far as what comes next on their line."""
        x = words.right + APART
        ends = [
            each.x - APART
            for each in self._taken
            if _is_beside(each, words) and each.right > words.right + 1
        ]
        ends += [
            each.at - APART
            for each in self._guides.standing
            if each.at > words.right and each.start < words.bottom < each.end
        ]
        ends += [each - APART for each in self._columns if each > x]
        end = min([*ends, self._width - MARGIN])
        if end - x < NARROWEST_ROOM:
            return None
        y = words.bottom + 2 - WRITING
        return Rectangle(round(x, 2), round(y, 2), round(end - x, 2), WRITING)

    def box_before(self, words: Rectangle) -> Rectangle | None:
        """Give the place of a box to tick before an answer, where nothing stands."""
        x = words.x - BOX_SIDE - APART
        middle = words.y + words.height / 2
        is_taken = any(
            _is_beside(each, words) and each.x < words.x and each.right > x
            for each in self._taken
        )
        box = Rectangle(
            round(x, 2), round(middle - BOX_SIDE / 2, 2), BOX_SIDE, BOX_SIDE
        )
        return None if is_taken else box

    def room_under(self, words: Rectangle) -> Rectangle | None:
        """Give the room under words, as far as what comes next below and beside them."""
        y = words.bottom + APART / 2
        right = [
            each.x - APART
            for each in self._printed
            if _is_beside(each, words) and each.x > words.right
        ]
        right += [
            each.at - APART
            for each in self._guides.standing
            if each.at > words.right and each.start < y < each.end
        ]
        width = max(words.width, NARROWEST_SIGNATURE)
        end = min([words.x + width, *right, self._width - MARGIN])
        below = [
            each.y
            for each in self._taken
            if each.y >= y and _is_over(each, words.x, end)
        ]
        below += [
            each.at
            for each in self._guides.lying
            if each.at > y and each.start < end and each.end > words.x
        ]
        bottom = min([*below, y + HIGHEST_SIGNATURE + APART]) - APART
        room = Rectangle(
            words.x, round(y, 2), round(end - words.x, 2), round(bottom - y, 2)
        )
        return room if room.height >= LOWEST_SIGNATURE else None

    def _begun(self) -> Iterator[float]:
        """Give where columns begin: many pieces of words, one under the other."""
        starts = sorted(each.x for each in self._printed)
        group: list[float] = []
        for start in [*starts, float("inf")]:
            if group and start - group[0] > SAME_COLUMN:
                if len(group) >= COLUMN_PIECES:
                    yield group[0]
                group = []
            group.append(start)


def _is_beside(one: Rectangle, other: Rectangle) -> bool:
    """Tell whether two stand on one line: over half of the lower one's height."""
    shared = min(one.bottom, other.bottom) - max(one.y, other.y)
    return shared > min(one.height, other.height) / 2


def _is_over(one: Rectangle, start: float, end: float) -> bool:
    return one.x < end and one.right > start

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a page is written upon by what is drawn on it: boxes, cells, dots, lines, frames.

Proposals only, as those of `proposals`; pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.guides import (
    BOX_SIDES,
    ROUNDEST,
    WRITING,
    Guides,
    Line,
    share,
)
from booking_web.domain.forms.labels import is_readable
from booking_web.domain.forms.proposed import Found, Why
from booking_web.domain.forms.words_around import nearest_left
from booking_web.domain.forms.words_printed import Printed

NARROWEST = 9.0
# Nobody writes on a line that has less room than that above it.
LOWEST = 7.0
# A line that is only decoration, or parts two blocks, goes nearly across the page.
WIDEST_PART = 0.8
# But not where the next one is as long and so far from it, or words stand on it.
NEXT_LINE = (12.5, 34.0)
# How far below a line the words that stand on it reach, and above it they end.
ON_LINE = (5.0, 3.0)
SIGNS_SIDES = (4.0, 16.0)
SHORTEST_LINE = 28.0
SEVERAL_LINES = 30.0
# Footnotes and frames are full of words: so much of it may be written upon, at most.
WRITTEN_UPON = 0.12
# What reaches the page's edge is its ground; nobody prints there.
EDGE = 3.0
# Words in the middle of a cell are what it says; those at its top ask for something.
CENTRED = 0.2
_SIGNATURE = re.compile(r"\b(signatures?|cachet|visa)\b", re.IGNORECASE)
_PHOTOGRAPH = re.compile(r"\bphoto", re.IGNORECASE)
# So near its cells or box a row of dots leads to them, and is none to write upon.
LEADS = 40.0
LEVEL = 6.0
# How a footnote begins.
_NOTE = re.compile(r"[(\[]?(\d{1,2}|\*+)[)\].]?(\s|$)")


def on_the_page(guides: Guides, width: float, height: float) -> Guides:
    """Give what is drawn within the page, and does not reach its edges."""

    def is_within(each: Rectangle) -> bool:
        across = each.x > EDGE and each.right < width - EDGE
        return across and each.y > EDGE and each.bottom < height - EDGE

    lying = tuple(each for each in guides.lying if each.start > EDGE - WRITING)
    frames = tuple(each for each in guides.frames if is_within(each))
    combs = tuple(each for each in guides.combs if is_within(each.rectangle))
    return replace(guides, lying=lying, frames=frames, combs=combs)


def boxes(guides: Guides, printed: Sequence[Printed]) -> list[Found]:
    """Give the squares to tick, drawn or printed as a sign."""
    # A number in a square or a circle is a badge.
    numbers = [each.rectangle for each in printed if re.search(r"\w", each.text)]
    shapes = [
        each
        for each in guides.frames
        if BOX_SIDES[0] <= each.width <= BOX_SIDES[1]
        and _is_square(each)
        and not any(share(number, each) > 0.7 for number in numbers)
    ]
    shapes += [
        each.rectangle
        for each in printed
        if each.is_sign
        and SIGNS_SIDES[0] <= each.rectangle.width <= SIGNS_SIDES[1]
        and _is_square(each.rectangle)
    ]
    return [Found(FieldKind.BOX, each, 0, Why.BOX) for each in shapes]


def _is_square(shape: Rectangle) -> bool:
    return 0.7 <= shape.width / max(shape.height, 0.1) <= 1.4


def combs_printed(printed: Sequence[Printed]) -> list[Found]:
    """Give the rows of cells that are printed as leaders with strokes."""
    found: list[Found] = []
    for each in printed:
        gaps = [after - before for before, after in zip(each.bars, each.bars[1:])]
        if len(gaps) >= 2 and max(gaps) - min(gaps) <= 2:
            place = room_above(each.rectangle, printed)
            whole = replace(place, x=each.bars[0], width=round(sum(gaps), 2))
            found.append(Found(FieldKind.COMB, whole, len(gaps), Why.CELLS))
    return found


def on_leaders(printed: Sequence[Printed]) -> list[Found]:
    """Give the rows of dots or strokes."""
    return [
        Found(FieldKind.TEXT, room_above(each.rectangle, printed), 0, Why.DOTS)
        for each in printed
        if each.is_leader and each.rectangle.width >= NARROWEST
    ]


def that_lead_nowhere(
    leaders: Iterable[Found], words: list[Printed], ends: Sequence[Rectangle]
) -> list[Found]:
    """Give the rows of dots; doubtful are those that lead to one of `ends`."""
    return [
        each._replace(is_doubtful=_leads_on(each.rectangle, words, ends))
        for each in leaders
    ]


def _leads_on(
    leader: Rectangle, words: list[Printed], ends: Sequence[Rectangle]
) -> bool:
    """Tell whether dots seem to lead the eye from words to what is filled in behind them."""
    begins = nearest_left(leader, words, (), LEADS)
    if begins is None or not is_readable(begins.text):
        return False
    behind = [
        each
        for each in ends
        if -2 <= each.x - leader.right <= LEADS
        and abs(each.bottom - leader.bottom) <= LEVEL
    ]
    return bool(behind)


def room_above(leaders: Rectangle, printed: Sequence[Printed]) -> Rectangle:
    """Give the room to write on leaders, as far as the words or leaders above."""
    base = leaders.bottom
    over = [
        each.rectangle.bottom
        for each in printed
        if each.rectangle.x < leaders.right
        and each.rectangle.right > leaders.x
        and base - WRITING < each.rectangle.bottom < base - LOWEST
    ]
    top = max([base - WRITING, *over])
    return Rectangle(leaders.x, round(top, 2), leaders.width, round(base - top, 2))


def on_lines(guides: Guides, words: list[Printed], width: float) -> list[Found]:
    """Give the lines to write upon, and of those with labels on them what is left."""
    found: list[Found] = []
    for line in guides.lying:
        if line.length < SHORTEST_LINE or _is_edge(line, guides):
            continue
        labels = [each for each in words if _stands_on(each.rectangle, line)]
        asks = any(each.text.rstrip().endswith(":") for each in labels)
        if asks or len(labels) == 1 and _has_next(line, guides):
            found += _beside_labels(line, labels)
            continue
        room = _room_on(line)
        is_wide = line.length > WIDEST_PART * width
        if is_wide and not _has_next(line, guides):
            continue
        if _is_written_upon(room, words) or _has_notes_below(line, words):
            continue
        found.append(Found(FieldKind.TEXT, room, 0, Why.LINE))
    return found


def _room_on(line: Line) -> Rectangle:
    top = round(line.at - WRITING, 2)
    return Rectangle(line.start, top, round(line.length, 2), WRITING)


def _stands_on(words: Rectangle, line: Line) -> bool:
    is_on = -ON_LINE[1] <= words.bottom - line.at <= ON_LINE[0]
    return is_on and words.x < line.end and words.right > line.start


def _beside_labels(line: Line, labels: Iterable[Printed]) -> Iterable[Found]:
    """Give the room after each label that stands on a line; sure where a colon asks for it."""
    standing = sorted(labels, key=lambda each: each.rectangle.x)
    ends = [each.rectangle.x for each in standing[1:]] + [line.end]
    for label, end in zip(standing, ends):
        start = label.rectangle.right + 2
        if end - 2 - start >= SHORTEST_LINE:
            room = replace(_room_on(line), x=start, width=round(end - 2 - start, 2))
            is_asked = label.text.rstrip().endswith(":")
            yield Found(FieldKind.TEXT, room, 0, Why.LINE, is_doubtful=not is_asked)


def _has_next(line: Line, guides: Guides) -> bool:
    """Tell whether another line, as long, is the next one to write upon."""
    return any(
        NEXT_LINE[0] <= abs(each.at - line.at) <= NEXT_LINE[1]
        and abs(each.start - line.start) <= 2
        and abs(each.end - line.end) <= 2
        and not _is_edge(each, guides)
        for each in guides.lying
    )


def _has_notes_below(line: Line, words: list[Printed]) -> bool:
    """Tell whether a line parts the page from its footnotes: their number is at its start."""
    return any(
        abs(each.rectangle.x - line.start) <= 4
        and 0 <= each.rectangle.y - line.at <= WRITING
        and _NOTE.match(each.text)
        for each in words
    )


def _is_edge(line: Line, guides: Guides) -> bool:
    """Tell whether a line is the side of a frame, or of a table's cell."""
    for frame in guides.frames:
        near = min(abs(line.at - frame.y), abs(line.at - frame.bottom)) <= 2
        is_within = line.start >= frame.x - 2 and line.end <= frame.right + 2
        # The words of a caption may part it.
        left, right = line.start - frame.x, frame.right - line.end
        is_round = abs(left - right) <= 2 and left <= ROUNDEST
        if near and is_within and (min(left, right) <= 2 or is_round):
            return True
    tall = [each for each in guides.standing if each.length > WRITING]
    return any(
        min(abs(each.at - line.start), abs(each.at - line.end)) <= 2
        and each.start - 2 <= line.at <= each.end + 2
        for each in tall
    )


def in_frames(
    guides: Guides, words: list[Printed], width: float, inside: list[Rectangle]
) -> list[Found]:
    """Give the frames, and the cells of tables, in which there is room.

    `inside` are the rooms on lines and dots, which may be in them.
    """
    found: list[Found] = []
    for frame in guides.frames:
        if frame.width < SHORTEST_LINE or frame.height < 10:
            continue
        caption, room = _room_in(frame, words)
        if caption and _is_head(frame, guides, words):
            continue
        if _is_written_upon(room, words) or room.height < 10:
            continue
        about = " ".join(
            each.text for each in words if is_caption_of(each.rectangle, frame)
        )
        if _PHOTOGRAPH.search(f"{caption} {about}"):
            continue
        if room.height >= SEVERAL_LINES and _SIGNATURE.search(f"{caption} {about}"):
            room = _beside_all(room, inside)
            found.append(Found(FieldKind.SIGNATURE, room, 0, Why.FRAME))
        elif any(share(each, frame) > 0.7 for each in inside):
            # Each of its lines is written upon.
            continue
        elif room.height >= SEVERAL_LINES:
            found.append(Found(FieldKind.MULTILINE, room, 0, Why.FRAME))
        elif frame.width <= WIDEST_PART * width and not _has_words(frame, words):
            found.append(Found(FieldKind.TEXT, room, 0, Why.FRAME))
    return found


def _is_head(frame: Rectangle, guides: Guides, words: list[Printed]) -> bool:
    """Tell whether a frame is the head of a table's column: below it is one without words."""
    return any(
        abs(each.y - frame.bottom) <= EDGE
        and abs(each.x - frame.x) <= EDGE
        and abs(each.width - frame.width) <= EDGE
        and not _has_words(each, words)
        for each in guides.frames
    ) or any(
        0 <= each.rectangle.y - frame.bottom <= WRITING
        and frame.x - EDGE <= each.rectangle.x
        and each.rectangle.right <= frame.right + EDGE
        and each.rectangle.width > frame.width / 2
        for each in guides.combs
    )


def _beside_all(room: Rectangle, others: list[Rectangle]) -> Rectangle:
    """Give the larger part of a room, below or to the right of what is written in it."""
    written = [each for each in others if share(each, room) > 0.7]
    if not written:
        return room
    y = max(each.bottom for each in written)
    x = max(each.right for each in written)
    below = replace(room, y=y, height=round(room.bottom - y, 2))
    right = replace(room, x=x, width=round(room.right - x, 2))
    return max(below, right, key=lambda each: each.width * each.height)


def _room_in(frame: Rectangle, words: list[Printed]) -> tuple[str, Rectangle]:
    """Give the words at the top of a frame, and the room below them."""
    inside = [each for each in words if share(each.rectangle, frame) > 0.7]
    top = [each for each in inside if each.rectangle.y <= frame.y + WRITING]
    if frame.height < SEVERAL_LINES:
        return "", frame
    if not top:
        said = [each.rectangle for each in inside if re.search(r"\w", each.text)]
        is_said = said and all(_is_centred(each, frame) for each in said)
        return "", replace(frame, height=0) if is_said else frame
    y = max(each.rectangle.bottom for each in top)
    room = replace(frame, y=y, height=round(frame.bottom - y, 2))
    return " ".join(each.text for each in top), room


def _is_centred(words: Rectangle, frame: Rectangle) -> bool:
    middle = (words.y + words.bottom - frame.y - frame.bottom) / 2
    return abs(middle) <= CENTRED * frame.height


def _has_words(frame: Rectangle, words: list[Printed]) -> bool:
    return any(share(each.rectangle, frame) > 0.7 for each in words)


def is_caption_of(words: Rectangle, frame: Rectangle) -> bool:
    """Tell whether words stand right over a frame."""
    over = -2 <= frame.y - words.bottom <= 2 * WRITING
    return over and words.x < frame.right and words.right > frame.x


def _is_written_upon(room: Rectangle, words: list[Printed]) -> bool:
    covered = sum(
        share(each.rectangle, room) * each.rectangle.width * each.rectangle.height
        for each in words
    )
    return covered > WRITTEN_UPON * room.width * room.height

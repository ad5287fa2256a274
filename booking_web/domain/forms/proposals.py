# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposes fields for a flat form from its dots, lines, frames, cells and signs to tick.

A proposal only: a person keeps, moves or drops each.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from booking_web.domain.forms.description import FieldKind, Place, Rectangle
from booking_web.domain.forms.guides import BOX_SIDES, WRITING, Guides, Line, share
from booking_web.domain.forms.labels import suggested_label
from booking_web.domain.forms.order import in_reading_order
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.proposals_by_words import (
    closing_rooms,
    days_in_parts,
    rooms_beside,
)
from booking_web.domain.forms.words_printed import Printed

NARROWEST = 9.0
# Nobody writes on a line that has less room than that above it.
LOWEST = 7.0
# A line that is only decoration, or parts two blocks, goes nearly across the page.
WIDEST_PART = 0.8
SIGNS_SIDES = (4.0, 16.0)
SHORTEST_LINE = 28.0
SEVERAL_LINES = 30.0
# Footnotes and frames are full of words: so much of it may be written upon, at most.
WRITTEN_UPON = 0.12
_SIGNATURE = re.compile(r"\b(signatures?|cachet|visa)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(date|née? le|né\(e\) le)\b|(^|\s)le\s*:?$", re.IGNORECASE)
_PHOTOGRAPH = re.compile(r"\bphoto", re.IGNORECASE)
# How a footnote begins.
_NOTE = re.compile(r"[(\[]?(\d{1,2}|\*+)[)\].]?(\s|$)")

Found = tuple[FieldKind, Rectangle, int]


def propose(
    page: int, width: float, guides: Guides, printed: Sequence[Printed]
) -> list[PlacedField]:
    """Give the fields that a page seems to have, in the order of reading."""
    words = [each for each in printed if each.text]
    candidates: list[Found] = [
        (FieldKind.COMB, each.rectangle, each.cells) for each in guides.combs
    ]
    candidates += _combs_printed(printed)
    candidates += _boxes(guides, printed)
    candidates += [
        (FieldKind.DATE, _above(each, printed), 0) for each in days_in_parts(printed)
    ]
    leaders = _on_leaders(printed)
    candidates += leaders
    candidates += _in_frames(guides, words, width, [each[1] for each in leaders])
    candidates += _on_lines(guides, words, width)
    if words and not any(each[0] is not FieldKind.BOX for each in candidates):
        candidates += rooms_beside(guides, words, width)
    taken = [each[1] for each in candidates]
    candidates += closing_rooms(guides, words, taken, width)
    found = _without_overlaps(candidates)
    others = [each[1] for each in found]
    fields = [
        _proposed(page, number, each, words, others)
        for number, each in enumerate(_in_order(page, found), start=1)
    ]
    return fields


def propose_on_picture(page: int, guides: Guides) -> list[PlacedField]:
    """Give the cells and boxes of a page of which nobody but people reads the words."""
    found: list[Found] = [
        (FieldKind.COMB, each.rectangle, each.cells) for each in guides.combs
    ]
    found += [
        (FieldKind.BOX, each, 0)
        for each in guides.frames
        if BOX_SIDES[0] <= each.width <= BOX_SIDES[1] and each.height <= BOX_SIDES[1]
    ]
    found = _without_overlaps(found)
    return [
        _proposed(page, number, each, [], [])
        for number, each in enumerate(_in_order(page, found), start=1)
    ]


def propose_after_labels(
    page: int, width: float, guides: Guides, writing: Sequence[Printed]
) -> list[PlacedField]:
    """Give a field after each colon of a picture that has nothing else to write upon."""
    found = _without_overlaps(rooms_beside(guides, writing, width))
    return [
        _proposed(page, number, each, [], [])
        for number, each in enumerate(_in_order(page, found), start=1)
    ]


def _in_order(page: int, found: list[Found]) -> list[Found]:
    return in_reading_order([(Place("", page, each[1], 0), each) for each in found])


def _proposed(
    page: int,
    number: int,
    found: Found,
    words: list[Printed],
    others: list[Rectangle],
) -> PlacedField:
    kind, rectangle, cells = found
    label = suggested_label(rectangle, words, others, kind is FieldKind.BOX)
    if kind is FieldKind.TEXT and _DATE.search(label):
        kind = FieldKind.DATE if rectangle.width >= 50 else kind
    field = PlacedField(
        f"p{page}-{number}", kind, page, rectangle, label or f"{page}-{number}", cells
    )
    return replace(field, value="Oui") if kind is FieldKind.BOX else field


def _boxes(guides: Guides, printed: Sequence[Printed]) -> list[Found]:
    shapes = [
        each
        for each in guides.frames
        if BOX_SIDES[0] <= each.width <= BOX_SIDES[1] and _is_square(each)
    ]
    shapes += [
        each.rectangle
        for each in printed
        if each.is_sign
        and SIGNS_SIDES[0] <= each.rectangle.width <= SIGNS_SIDES[1]
        and _is_square(each.rectangle)
    ]
    return [(FieldKind.BOX, each, 0) for each in shapes]


def _is_square(shape: Rectangle) -> bool:
    return 0.7 <= shape.width / max(shape.height, 0.1) <= 1.4


def _combs_printed(printed: Sequence[Printed]) -> list[Found]:
    found: list[Found] = []
    for each in printed:
        gaps = [after - before for before, after in zip(each.bars, each.bars[1:])]
        if len(gaps) >= 2 and max(gaps) - min(gaps) <= 2:
            place = each.rectangle
            whole = replace(place, x=each.bars[0], width=round(sum(gaps), 2))
            found.append((FieldKind.COMB, whole, len(gaps)))
    return found


def _on_leaders(printed: Sequence[Printed]) -> list[Found]:
    return [
        (FieldKind.TEXT, _above(each.rectangle, printed), 0)
        for each in printed
        if each.is_leader and each.rectangle.width >= NARROWEST
    ]


def _above(leaders: Rectangle, printed: Sequence[Printed]) -> Rectangle:
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


def _on_lines(guides: Guides, words: list[Printed], width: float) -> list[Found]:
    found: list[Found] = []
    for line in guides.lying:
        room = Rectangle(
            line.start, round(line.at - WRITING, 2), round(line.length, 2), WRITING
        )
        if not SHORTEST_LINE <= line.length <= WIDEST_PART * width:
            continue
        if _is_edge(line, guides) or _is_written_upon(room, words):
            continue
        if _has_notes_below(line, words):
            continue
        found.append((FieldKind.TEXT, room, 0))
    return found


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
        if near and line.start >= frame.x - 2 and line.end <= frame.right + 2:
            return True
    tall = [each for each in guides.standing if each.length > WRITING]
    return any(
        min(abs(each.at - line.start), abs(each.at - line.end)) <= 2
        and each.start - 2 <= line.at <= each.end + 2
        for each in tall
    )


def _in_frames(
    guides: Guides, words: list[Printed], width: float, leaders: list[Rectangle]
) -> list[Found]:
    found: list[Found] = []
    for frame in guides.frames:
        if frame.width < SHORTEST_LINE or frame.height < 10:
            continue
        caption, room = _room_in(frame, words)
        if _is_written_upon(room, words) or room.height < 10:
            continue
        about = " ".join(
            each.text for each in words if _is_caption_of(each.rectangle, frame)
        )
        if _PHOTOGRAPH.search(f"{caption} {about}"):
            continue
        if room.height >= SEVERAL_LINES and _SIGNATURE.search(f"{caption} {about}"):
            room = _beside_all(room, leaders)
            found.append((FieldKind.SIGNATURE, room, 0))
        elif room.height >= SEVERAL_LINES:
            found.append((FieldKind.MULTILINE, room, 0))
        elif frame.width <= WIDEST_PART * width and not _has_words(frame, words):
            found.append((FieldKind.TEXT, room, 0))
    return found


def _beside_all(room: Rectangle, leaders: list[Rectangle]) -> Rectangle:
    """Give the larger part of a room, below or to the right of what is written in it."""
    inside = [each for each in leaders if share(each, room) > 0.7]
    if not inside:
        return room
    y = max(each.bottom for each in inside)
    x = max(each.right for each in inside)
    below = replace(room, y=y, height=round(room.bottom - y, 2))
    right = replace(room, x=x, width=round(room.right - x, 2))
    return max(below, right, key=lambda each: each.width * each.height)


def _room_in(frame: Rectangle, words: list[Printed]) -> tuple[str, Rectangle]:
    """Give the words at the top of a frame, and the room below them."""
    inside = [each for each in words if share(each.rectangle, frame) > 0.7]
    top = [each for each in inside if each.rectangle.y <= frame.y + WRITING]
    if not top or frame.height < SEVERAL_LINES:
        return "", frame
    y = max(each.rectangle.bottom for each in top)
    room = replace(frame, y=y, height=round(frame.bottom - y, 2))
    return " ".join(each.text for each in top), room


def _has_words(frame: Rectangle, words: list[Printed]) -> bool:
    return any(share(each.rectangle, frame) > 0.7 for each in words)


def _is_caption_of(words: Rectangle, frame: Rectangle) -> bool:
    over = -2 <= frame.y - words.bottom <= 2 * WRITING
    return over and words.x < frame.right and words.right > frame.x


def _is_written_upon(room: Rectangle, words: list[Printed]) -> bool:
    covered = sum(
        share(each.rectangle, room) * each.rectangle.width * each.rectangle.height
        for each in words
    )
    return covered > WRITTEN_UPON * room.width * room.height


def _without_overlaps(candidates: list[Found]) -> list[Found]:
    """Keep of those that lie on one another the first: the surest kinds come first."""
    kept: list[Found] = []
    for found in candidates:
        if not any(
            share(found[1], each[1]) > 0.3 or share(each[1], found[1]) > 0.3
            for each in kept
        ):
            kept.append(found)
    return kept

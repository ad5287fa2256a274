# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposes fields for a flat form: what is drawn or asked on it is called by its words.

A proposal only: a person keeps, moves or drops each.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from booking_web.domain.forms.days_in_cells import PARTS, Cells, days
from booking_web.domain.forms.description import FieldKind, Place, Rectangle
from booking_web.domain.forms.guides import BOX_SIDES, Guides, share
from booking_web.domain.forms.labels import in_table, suggested_label
from booking_web.domain.forms.order import in_reading_order
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.proposals_by_shapes import (
    SHORTEST_LINE,
    boxes,
    combs_printed,
    in_frames,
    is_caption_of,
    on_leaders,
    on_lines,
    on_the_page,
    room_above,
    that_lead_nowhere,
)
from booking_web.domain.forms.proposals_by_words import (
    closing_rooms,
    days_in_parts,
    rooms_beside,
)
from booking_web.domain.forms.proposals_together import choices
from booking_web.domain.forms.proposed import Found, Proposal, Why
from booking_web.domain.forms.words_printed import Printed

_DATE = re.compile(r"\b(date|née? le|né\(e\) le)\b|(^|\s)le\s*:?$", re.IGNORECASE)
# What is filled in by those who receive the form.
_RESERVED = re.compile(
    r"(emplacement|cadre|partie|zone|espace|volet) réservée?"
    r"|réservée? (à|au|aux) (l.|la |le |les )?"
    r"(administration|caf|msa|cpam|service|organisme|caisse)"
    r"|ne (rien|pas) (remplir|écrire|inscrire)",
    re.IGNORECASE,
)
# How much of a page's end a reserved place is at most.
RESERVED_FROM = 0.6


def propose(
    page: int, width: float, height: float, guides: Guides, printed: Sequence[Printed]
) -> list[Proposal]:
    """Give the fields that a page seems to have, in the order of reading."""
    words = [each for each in printed if each.text]
    guides = on_the_page(guides, width, height)
    candidates = [
        Found(FieldKind.COMB, each.rectangle, each.cells, Why.CELLS)
        for each in guides.combs
    ]
    candidates += combs_printed(printed)
    candidates += boxes(guides, printed)
    candidates += [
        Found(FieldKind.DATE, room_above(each, printed), 0, Why.DOTS)
        for each in days_in_parts(printed)
    ]
    leaders = on_leaders(printed)
    lined = on_lines(guides, words, width)
    written = [each.rectangle for each in (*leaders, *lined)]
    framed = in_frames(guides, words, width, written)
    ends = [each.rectangle for each in (*candidates, *framed, *lined)]
    ends += [each for each in guides.frames if each.width >= SHORTEST_LINE]
    candidates += that_lead_nowhere(leaders, words, ends)
    candidates += lined + framed
    if words and not any(each.kind is not FieldKind.BOX for each in candidates):
        candidates += rooms_beside(guides, words, width)
    taken = [each.rectangle for each in candidates]
    candidates += closing_rooms(guides, words, taken, width)
    reserved = _reserved(guides, words, width, height)
    free = [
        each
        for each in candidates
        if not any(share(each.rectangle, place) > 0.5 for place in reserved)
    ]
    return _called(page, _without_overlaps(free), words)


def propose_on_picture(page: int, guides: Guides) -> list[Proposal]:
    """Give the cells and boxes of a page of which nobody but people reads the words."""
    found = [
        Found(FieldKind.COMB, each.rectangle, each.cells, Why.CELLS)
        for each in guides.combs
    ]
    found += [
        Found(FieldKind.BOX, each, 0, Why.BOX)
        for each in guides.frames
        if BOX_SIDES[0] <= each.width <= BOX_SIDES[1] and each.height <= BOX_SIDES[1]
    ]
    return _called(page, _without_overlaps(found), [])


def propose_after_labels(
    page: int, width: float, guides: Guides, writing: Sequence[Printed]
) -> list[Proposal]:
    """Give a field after each colon of a picture that has nothing else to write upon."""
    return _called(page, _without_overlaps(rooms_beside(guides, writing, width)), [])


def _called(page: int, found: list[Found], words: list[Printed]) -> list[Proposal]:
    """Name what was found, in the order of reading; what belongs together is one field."""
    others = [each.rectangle for each in found]
    together: dict[int, tuple[Found, str, str]] = {}
    for choice in choices(found, words, others):
        for box, answer in zip(choice.boxes, choice.answers):
            label = choice.question or " / ".join(choice.answers)
            together[id(box)] = (choice.boxes[0], label, answer.capitalize())
    parts: dict[int, tuple[Found, str]] = {}
    combs = [each for each in found if each.kind is FieldKind.COMB]
    for day in days([Cells(each.rectangle, each.cells) for each in combs]):
        for number, part in zip(day, PARTS):
            parts[id(combs[number])] = (combs[day[0]], part)
    keys: dict[int, str] = {}
    proposals = []
    for number, each in enumerate(_in_order(page, found), start=1):
        keys[id(each)] = f"p{page}-{number}"
        if id(each) in together:
            first_box, label, answer = together[id(each)]
            key = keys.setdefault(id(first_box), f"p{page}-{number}")
            field = PlacedField(
                key, FieldKind.RADIO, page, each.rectangle, label, 0, answer
            )
        else:
            whole, part = parts.get(id(each), (each, ""))
            field = _named(page, number, each, whole, words, others)
            if part:
                field = replace(field, label=f"{field.label} : {part}")
        is_called = bool(re.search(r"[^\W\d_]", field.label))
        is_sure = is_called and each.why is not Why.WORDS and not each.is_doubtful
        proposals.append(Proposal(field, each.why, is_sure))
    return proposals


def _in_order(page: int, found: list[Found]) -> list[Found]:
    return in_reading_order(
        [(Place("", page, each.rectangle, 0), each) for each in found]
    )


def _named(
    page: int,
    number: int,
    found: Found,
    whole: Found,
    words: list[Printed],
    others: list[Rectangle],
) -> PlacedField:
    """Give a field its label: of a part of a day that of the day."""
    kind, rectangle = found.kind, found.rectangle
    is_box = kind is FieldKind.BOX
    label = suggested_label(whole.rectangle, words, others, is_box)
    heads = in_table(whole.rectangle, words)
    is_cell = found.why is Why.FRAME and label in heads.split(" : ")
    label = heads if is_cell else label or heads
    if kind is FieldKind.TEXT and _DATE.search(label):
        kind = FieldKind.DATE if rectangle.width >= 50 else kind
    field = PlacedField(
        f"p{page}-{number}",
        kind,
        page,
        rectangle,
        label or f"{page}-{number}",
        found.cells,
    )
    return replace(field, value="Oui") if is_box else field


def _reserved(
    guides: Guides, words: list[Printed], width: float, height: float
) -> list[Rectangle]:
    """Give the places that are filled in by those who receive the form."""
    places = []
    for each in words:
        if not _RESERVED.search(each.text):
            continue
        place = each.rectangle
        around = [
            frame
            for frame in guides.frames
            if share(place, frame) > 0.7 or is_caption_of(place, frame)
        ]
        if around:
            places.append(min(around, key=lambda frame: frame.width * frame.height))
        if place.y >= RESERVED_FROM * height:
            places.append(Rectangle(0, place.y, width, height - place.y))
    return places


def _without_overlaps(candidates: list[Found]) -> list[Found]:
    """Keep of those that lie on one another the first: the surest kinds come first."""
    kept: list[Found] = []
    for found in candidates:
        if not any(
            share(found.rectangle, each.rectangle) > 0.3
            or share(each.rectangle, found.rectangle) > 0.3
            for each in kept
        ):
            kept.append(found)
    return kept

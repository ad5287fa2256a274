# SPDX-License-Identifier: AGPL-3.0-or-later
"""How each field of a form is asked on a page: its control, its group, its places; pure.

In addresses and in what scripts send, a field is a number: where it stands in the
description of its edition, which never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Place,
)
from booking_web.domain.forms.remarks import remarks_on
from booking_web.words.drafts import hint_words
from booking_web.words.forms import remark_sentence

# A line of a text of many lines, in points.
LINE_HEIGHT = 14
FEWEST_LINES, MOST_LINES = 1, 8
# What fits half the column: this much of the sheet's width, and a label of so many letters.
HALF_A_PAGE = 0.5
SHORT_LABEL = 48
# What parts a question and one of its answers in the label of a box.
BETWEEN = " : "
# The answers of a choice together, in letters.
SHORT_ANSWERS = 16


@dataclass(frozen=True)
class ChoiceShown:
    """One of several that can be chosen, and the number of its place (from 0)."""

    value: str
    text: str
    place: int


@dataclass(frozen=True)
class FieldShown:
    """A field as the page asks it; `places` as the script reads them."""

    number: int
    kind: FieldKind
    label: str
    value: str
    hint: str
    max_length: int
    lines: int
    is_required: bool
    is_asked: bool
    is_editable: bool
    choices: tuple[ChoiceShown, ...]
    remarks: tuple[str, ...]
    places: str
    # Of its first place, from 1.
    page: int
    # Whether it stands beside another, as on the sheet.
    is_short: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether it waits to be written or chosen; a box may stay unticked."""
        return self.is_asked and self.kind is not FieldKind.BOX and not self.value

    @property
    def name(self) -> str:
        """Give the name under which a form sends it."""
        return name_of(self.number)

    @property
    def question(self) -> str:
        """Give what a box answers, as its label tells; empty where it tells nothing of it."""
        is_box = self.kind is FieldKind.BOX and self.is_asked
        return self.label.rpartition(BETWEEN)[0] if is_box else ""

    @property
    def answer(self) -> str:
        """Give what ticking a box answers to its question."""
        return self.label.rpartition(BETWEEN)[2]


@dataclass(frozen=True)
class Question:
    """The boxes of one question, in a row; without words, fields that stand by themselves."""

    words: str
    fields: tuple[FieldShown, ...]

    @property
    def is_short(self) -> bool:
        """Tell whether it stands beside another."""
        return len(self.fields) <= 2 and all(each.is_short for each in self.fields)


@dataclass(frozen=True)
class Group:
    """Fields that are asked together; without a title they stand by themselves."""

    title: str
    fields: tuple[FieldShown, ...]

    @property
    def questions(self) -> list[Question]:
        """Put the boxes of one question together, where there are several."""
        rows = [
            Question(words, tuple(fields))
            for words, fields in groupby(self.fields, key=lambda each: each.question)
        ]
        return [
            row if len(row.fields) > 1 else Question("", row.fields) for row in rows
        ]


@dataclass(frozen=True)
class PageShown:
    """The groups that are asked of a page of the sheet; `is_first`: none of it came before."""

    number: int
    groups: tuple[Group, ...]
    is_first: bool

    @property
    def empty(self) -> int:
        """Count the fields that wait."""
        return sum(field.is_empty for group in self.groups for field in group.fields)


def groups_of(
    description: FormDescription,
    asked: Sequence[AskedField],
    values: Mapping[str, str],
) -> list[Group]:
    """Give the fields in the manager's order, those of one group together."""
    numbers = {each.key: number for number, each in enumerate(description.fields)}
    return [
        Group(
            title,
            tuple(
                _shown(description, numbers[each.key], each.label, values)
                for each in members
            ),
        )
        for title, members in groupby(asked, key=lambda each: each.group)
    ]


def pages_of(groups: Sequence[Group]) -> list[PageShown]:
    """Put the groups under the pages of the sheet, in their order; one of two pages is parted."""
    parts = [
        (page, Group(group.title, tuple(fields)))
        for group in groups
        for page, fields in groupby(group.fields, key=lambda each: each.page)
    ]
    seen: set[int] = set()
    pages = []
    for page, members in groupby(parts, key=lambda part: part[0]):
        found = tuple(group for _, group in members)
        pages.append(PageShown(page, found, page not in seen))
        seen.add(page)
    return pages


def name_of(number: int) -> str:
    """Give the name under which a form sends a field."""
    return f"c{number}"


def is_asked(field: Field) -> bool:
    """Tell whether a field is filled in here, not by hand and not by the form's maker."""
    return not field.is_read_only and field.kind is not FieldKind.SIGNATURE


def labels_of(asked: Sequence[AskedField]) -> dict[str, str]:
    """Give the plain label of each field, by its key."""
    return {each.key: each.label for each in asked}


def _shown(
    description: FormDescription, number: int, label: str, values: Mapping[str, str]
) -> FieldShown:
    field = description.fields[number]
    value = values.get(field.key, field.value)
    return FieldShown(
        number=number,
        kind=field.kind,
        label=label,
        value=value,
        hint=hint_words(field),
        max_length=field.max_length,
        lines=_lines(field),
        is_required=field.is_required,
        is_asked=is_asked(field),
        is_editable=field.is_editable,
        choices=_choices(field),
        remarks=tuple(remark_sentence(each) for each in remarks_on(field, value)),
        places=";".join(_place_words(description, each) for each in field.places),
        page=field.places[0].page,
        is_short=_is_short(description, field, label),
    )


def _lines(field: Field) -> int:
    tallest = max(each.rectangle.height for each in field.places)
    return min(max(int(tallest / LINE_HEIGHT), FEWEST_LINES), MOST_LINES)


def _is_short(description: FormDescription, field: Field, label: str) -> bool:
    if len(label) > SHORT_LABEL:
        return False
    if field.kind is FieldKind.MULTILINE and _lines(field) > 1:
        return False
    if field.kind is FieldKind.RADIO:
        answers = sum(len(each.text or each.value) for each in field.options)
        return len(field.options) <= 2 and answers <= SHORT_ANSWERS
    page = description.pages[field.places[0].page - 1]
    return field.places[0].rectangle.width <= HALF_A_PAGE * page.width


def _choices(field: Field) -> tuple[ChoiceShown, ...]:
    first = {each.value: at for at, each in reversed(list(enumerate(field.places)))}
    return tuple(
        ChoiceShown(each.value, each.text or each.value, first.get(each.value, 0))
        for each in field.options
    )


def _place_words(description: FormDescription, place: Place) -> str:
    """Write a place as its page and what part of that it is, in hundredths."""
    page = description.pages[place.page - 1]
    part = place.rectangle
    shares = (
        part.x / page.width,
        part.y / page.height,
        part.width / page.width,
        part.height / page.height,
    )
    return " ".join([str(place.page), *(f"{100 * each:.2f}" for each in shares)])

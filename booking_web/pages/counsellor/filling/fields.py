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
FEWEST_LINES, MOST_LINES = 2, 12
# More choices than it is good to see all at once.
SHOWN_AT_ONCE = 4


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

    @property
    def name(self) -> str:
        """Give the name under which a form sends it."""
        return name_of(self.number)


@dataclass(frozen=True)
class Group:
    """Fields that are asked together; without a title they stand by themselves."""

    title: str
    fields: tuple[FieldShown, ...]


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
    tallest = max(each.rectangle.height for each in field.places)
    return FieldShown(
        number=number,
        kind=field.kind,
        label=label,
        value=value,
        hint=hint_words(field),
        max_length=field.max_length,
        lines=min(max(int(tallest / LINE_HEIGHT), FEWEST_LINES), MOST_LINES),
        is_required=field.is_required,
        is_asked=is_asked(field),
        is_editable=field.is_editable,
        choices=_choices(field),
        remarks=tuple(remark_sentence(each) for each in remarks_on(field, value)),
        places=";".join(_place_words(description, each) for each in field.places),
    )


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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Between a form whose fields a person placed and what that person meant by them; pure.

A PDF knows neither that a text is a date nor what an answer is called: what was placed does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Notice,
    Option,
)
from booking_web.domain.forms.placed import PlacedField


def as_meant(
    description: FormDescription, placed: Sequence[PlacedField]
) -> FormDescription:
    """Give the description of a form that was read after `placed` was put on it."""
    meant: dict[str, list[PlacedField]] = {}
    for each in placed:
        # As a PDF names it: see `placing`.
        meant.setdefault(each.key.replace(".", "-"), []).append(each)
    fields = tuple(
        _meant(each, meant[each.key]) if each.key in meant else each
        for each in description.fields
    )
    told: tuple[Notice, ...] = tuple(
        each for each in description.notices if each is not Notice.PLACED
    )
    if any(each.is_placed for each in fields):
        told = (*told, Notice.PLACED)
    return replace(description, fields=fields, notices=told)


def _meant(field: Field, places: Sequence[PlacedField]) -> Field:
    kind, options = places[0].kind, field.options
    if kind is FieldKind.RADIO:
        texts = {each.value: each.label for each in places}
        # One label for all is that of the question, not of an answer.
        are_told = len(set(texts.values())) == len(texts) > 1
        options = tuple(
            Option(each.value, texts[each.value] if are_told else each.value)
            for each in options
        )
    return replace(field, kind=kind, options=options, is_placed=True)


def placed_of(
    fields: Iterable[Field], asked: Iterable[AskedField] = ()
) -> tuple[PlacedField, ...]:
    """Give fields as they are placed, under the labels by which they are asked now.

    Of a choice each place is under its answer, where that is told otherwise than it is kept.
    """
    labels = {each.key: each.label for each in asked}
    answers = {
        (field.key, each.value): each.text
        for field in fields
        for each in field.options
        if each.text != each.value
    }
    return tuple(
        PlacedField(
            key=field.key,
            kind=field.kind,
            page=place.page,
            rectangle=place.rectangle,
            label=answers.get((field.key, place.value))
            or labels.get(field.key, field.label),
            cells=field.max_length if field.kind is FieldKind.COMB else 0,
            value=place.value,
            is_required=field.is_required,
        )
        for field in fields
        for place in field.places
    )


def asked_of(
    placed: Iterable[PlacedField],
    description: FormDescription,
    before: Sequence[AskedField],
) -> tuple[AskedField, ...]:
    """Give how placed fields are asked: by their new labels, in the order of before.

    One that is new follows the field that stands before it on the page.
    """
    labels: dict[str, dict[str, None]] = {}
    for each in placed:
        labels.setdefault(each.key, {})[each.label] = None
    keys = [each.key for each in description.fields]
    # Several labels are those of the answers, not of the question.
    alone = {key: next(iter(told)) for key, told in labels.items() if len(told) == 1}
    asked = [
        replace(each, label=alone.get(each.key, each.label))
        for each in before
        if each.key in keys
    ]
    said = {each.key for each in asked}
    for number, key in enumerate(keys):
        if key in said:
            continue
        after = keys[number - 1] if number else ""
        rank = next((at for at, each in enumerate(asked, 1) if each.key == after), 0)
        asked.insert(rank, AskedField(key, " / ".join(labels.get(key, (key,)))))
    return tuple(asked)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What only a form as it was published tells, or who placed its fields: carried over; pure.

A form that a library keeps was made plain: its drop-down lists and dates are plain text
there. Read anew, it is told again what it was.
"""

from dataclasses import replace

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Notice,
)

_WRITTEN = frozenset({FieldKind.TEXT, FieldKind.MULTILINE})
_TOLD = frozenset({FieldKind.DATE, FieldKind.CHOICE})


def as_published(read: FormDescription, told: FormDescription) -> FormDescription:
    """Give the description that was read, with what `told` knows of the same fields."""
    known = {each.key: each for each in told.fields}
    fields = tuple(
        _as_told(each, known[each.key]) if each.key in known else each
        for each in read.fields
    )
    notices = tuple(dict.fromkeys((*read.notices, *told.notices)))
    is_placed = any(each.is_placed for each in fields)
    kept = tuple(each for each in notices if each is not Notice.PLACED or is_placed)
    return FormDescription(read.pages, fields, kept)


def with_labels_of(form: FormDescription, before: FormDescription) -> FormDescription:
    """Give a form whose pages alone changed: its fields are called what they were."""
    known = {each.key: each for each in before.fields}
    fields = tuple(
        replace(each, label=was.label, label_source=was.label_source)
        if (was := known.get(each.key))
        else each
        for each in form.fields
    )
    return replace(form, fields=fields)


def _as_told(field: Field, told: Field) -> Field:
    field = replace(field, is_placed=told.is_placed)
    if field.kind in _WRITTEN and told.kind in _TOLD:
        return replace(
            field,
            kind=told.kind,
            options=told.options,
            is_editable=told.is_editable,
            is_scripted=told.is_scripted,
            is_calculated=told.is_calculated,
        )
    if field.kind is FieldKind.RADIO and told.kind is FieldKind.RADIO:
        texts = {each.value: each.text for each in told.options}
        options = tuple(
            replace(each, text=texts.get(each.value) or each.text)
            for each in field.options
        )
        return replace(field, options=options)
    return field

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What only a form as it was published tells, or who placed its fields: carried over.

A form that a library keeps was made plain: its drop-down lists and dates are plain text
there. Read anew, it is told again what it was.
"""

from dataclasses import replace

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Notice,
)
from booking_web.domain.forms.handed_on import HandedForm
from booking_web.domain.forms.reader import FormRead, FormReader

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
    kept = tuple(each for each in notices if each is not Notice.PLACED or fields)
    return FormDescription(read.pages, fields, kept)


def _as_told(field: Field, told: Field) -> Field:
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


def read_again(handed: HandedForm, reader: FormReader) -> FormRead:
    """Have the PDF of a library's file read like any stranger's, and told what it was.

    Raises FormRefused or EngineUnavailable.
    """
    with memory_file("form", handed.pdf) as pdf:
        read = reader.read(pdf)
    return FormRead(as_published(read.description, handed.description), read.pdf)

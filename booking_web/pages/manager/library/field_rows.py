# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of a form's page, one for each field: as it is asked, or as it was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import Field, LabelSource
from booking_web.domain.forms.guesses import WRITTEN
from booking_web.domain.forms.library_reading import Edition
from booking_web.words.form_fields import SOURCES, facts_of


@dataclass(frozen=True)
class FieldRow:
    """A field on the page; `saved` is what stands in the library where that is another."""

    number: int
    field: Field
    asked: AskedField
    facts: tuple[str, ...]
    source: str
    may_be_known: bool
    saved: str = ""
    error: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Tell whether its label is no words that were meant for a reader."""
        return self.field.label_source in (LabelSource.NAMED, LabelSource.NAME)


def rows_of(
    edition: Edition,
    asked: Sequence[AskedField],
    *,
    error_at: str = "",
    error: str = "",
    with_saved: bool = False,
) -> list[FieldRow]:
    """Give the rows, in the order in which the fields are asked."""
    fields = {each.key: each for each in edition.description.fields}
    saved = {each.key: each.label for each in edition.asked}
    rows = []
    for number, each in enumerate(asked, start=1):
        field = fields[each.key]
        is_other = with_saved and saved[each.key] != each.label
        rows.append(
            FieldRow(
                number=number,
                field=field,
                asked=each,
                facts=tuple(facts_of(field)),
                source=str(SOURCES[field.label_source]),
                may_be_known=field.kind in WRITTEN,
                saved=saved[each.key] if is_other else "",
                error=error if each.key == error_at else "",
            )
        )
    return rows


def typed_fields(edition: Edition) -> tuple[AskedField, ...]:
    """Give what was typed, in the order of the page's rows.

    Fields that the page did not know follow as they are asked; what is no field any more
    is left out.
    """
    asked = {each.key: each for each in edition.asked}
    typed: dict[str, AskedField] = {}
    rows = zip(
        request.form.getlist("key"),
        request.form.getlist("label"),
        request.form.getlist("group"),
        request.form.getlist("known"),
    )
    for key, label, group, known in rows:
        if key in asked:
            typed[key] = AskedField(key, label, group, _known(known))
    return (*typed.values(), *(each for key, each in asked.items() if key not in typed))


def _known(sent: str) -> Known | None:
    try:
        return Known(sent)
    except ValueError:
        return None


def moved(fields: Sequence[AskedField], order: str) -> tuple[AskedField, ...]:
    """Give them with one moved up or down, as its button says (`haut-3`: the third)."""
    ordered = list(fields)
    way, _, number = order.partition("-")
    step = {"haut": -1, "bas": 1}.get(way, 0)
    at = (whole_or_none(number) or 0) - 1
    if 0 <= at < len(ordered) and 0 <= at + step < len(ordered):
        ordered[at], ordered[at + step] = ordered[at + step], ordered[at]
    return tuple(ordered)

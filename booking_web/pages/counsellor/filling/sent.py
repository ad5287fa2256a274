# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads what the filling page sends; nothing of it is trusted."""

from collections.abc import Mapping

from flask import abort, request

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.forms.description import Field, FormDescription, Place
from booking_web.pages.counsellor.filling.fields import is_asked, name_of


def sent_values(
    description: FormDescription, form: Mapping[str, str]
) -> dict[str, str]:
    """Give the value of each field that is filled in here, by its key.

    What is not ticked is not sent; where the form says that it is `partiel`, what is not
    sent was not asked.
    """
    is_partial = form.get("partiel") == "1"
    return {
        field.key: plain(form.get(name_of(number), ""))
        for number, field in enumerate(description.fields)
        if is_asked(field) and not (is_partial and name_of(number) not in form)
    }


def plain(text: str) -> str:
    """Give a text with the line ends that forms and drafts have, not those of HTTP."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number_sent(name: str, usual: int = 0) -> int:
    """Give a whole number of the form; what is none is not understood (422)."""
    number = whole_or_none(request.values.get(name, "") or str(usual))
    if number is None:
        abort(422)
    return number


def field_sent(description: FormDescription) -> tuple[Field, Place]:
    """Give the field that the page speaks of, and the place of it; or 422."""
    number, at = number_sent("champ"), number_sent("lieu")
    if number >= len(description.fields):
        abort(422)
    field = description.fields[number]
    return field, field.places[min(at, len(field.places) - 1)]

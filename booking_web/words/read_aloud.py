# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a voice says of a form's fields: label and content, as a person would read them out."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import gettext

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import Field, FieldKind, FormDescription
from booking_web.words.dates import short_date

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_DAY_IN_CELLS = re.compile(r"(\d\d)(\d\d)(\d{4})")
_TELEPHONE = re.compile(r"0\d(?:[ .-]?\d\d){4}")
_PAIR = re.compile(r"\d\d")
# A number of a file or an account, which nobody reads as a quantity.
_LONG_NUMBER = re.compile(r"\b(?:0\d{2,}|\d{7,})\b")
# Drawn as lines to be filled in, by those who made the form.
_LEADERS = re.compile(r"[._…:*\s]{2,}|[:*]\s*$")


def words_of_field(field: Field, label: str, value: str) -> str:
    """Say what stands in a field, after its label."""
    name = _LEADERS.sub(" ", label).strip()
    return f"{name} : {_content(field, value)}."


def words_of_page(
    description: FormDescription,
    asked: Iterable[AskedField],
    values: Mapping[str, str],
    page: int,
) -> str:
    """Say what stands on a page, field by field in their order."""
    fields = {each.key: each for each in description.fields}
    said = [
        words_of_field(fields[each.key], each.label, values.get(each.key, ""))
        for each in asked
        if each.key in fields and _is_on(fields[each.key], page)
    ]
    beginning = gettext("Page %(page)s.", page=page)
    if not said:
        said = [gettext("Il n'y a rien à remplir sur cette page.")]
    return "\n".join([beginning, *said])


def unreadable_words(number: int) -> str:
    """Say that a document that is shown is not read aloud, and what to do."""
    return gettext(
        "Le document %(number)s est une image : la borne ne peut pas le lire à voix haute. "
        "Lisez-le vous-même à l'usager.",
        number=number,
    )


def _is_on(field: Field, page: int) -> bool:
    return any(place.page == page for place in field.places)


def _content(field: Field, value: str) -> str:
    if field.kind is FieldKind.BOX:
        return gettext("coché") if value else gettext("non coché")
    if field.kind is FieldKind.SIGNATURE:
        return gettext("à signer")
    if not value.strip():
        return gettext("vide")
    if field.options:
        chosen = {each.value: each.text for each in field.options}
        return chosen.get(value, value)
    in_cells = field.kind in (FieldKind.COMB, FieldKind.DATE)
    return as_said(value.strip(), in_cells=in_cells)


def as_said(value: str, *, in_cells: bool = False) -> str:
    """Give a text as a person reads it out: dates, telephones, long numbers.

    `in_cells`: eight figures without points may be a date.
    """
    for pattern in (_DAY, _DAY_IN_CELLS) if in_cells else (_DAY,):
        if found := pattern.fullmatch(value):
            try:
                day, month, year = (int(each) for each in found.groups())
                return short_date(date(year, month, day))
            except ValueError:
                break
    if _TELEPHONE.fullmatch(value):
        return ", ".join(_PAIR.findall(re.sub(r"\D", "", value)))
    return _LONG_NUMBER.sub(lambda found: " ".join(found.group()), value)

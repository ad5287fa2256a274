# SPDX-License-Identifier: AGPL-3.0-or-later
"""What must be said of a value before it is printed; the value itself is always kept."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.repertoire import composed, strangers

# Drawn for what cannot be: nobody takes it for what was written.
STAND_IN = "?"
# In characters; three pages of print, where a form sets no limit.
LONGEST = 10_000
# Of one that is written in full: what is still being typed is no fault yet.
DIGITS_OF_A_DAY = 8
_DIGITS_AND_MARKS = re.compile(r"[0-9 ./-]+")
_DAY = re.compile(
    r"([0-9]{1,2})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})"
)
_WRITTEN = (
    FieldKind.TEXT,
    FieldKind.MULTILINE,
    FieldKind.COMB,
    FieldKind.DATE,
    FieldKind.CHOICE,
)


class RemarkKind(StrEnum):
    """What is not as it was written."""

    # `detail` counts the characters too many.
    TOO_LONG = "too_long"
    # All of it is in the PDF, but not all within its box.
    OVERFLOWS = "overflows"
    # All of it is seen, but in letters that few can read.
    TINY = "tiny"
    # `detail` gives the characters.
    STRANGERS = "strangers"
    NO_SUCH_CHOICE = "no_such_choice"
    # Only digits, and no day that there is.
    NO_DATE = "no_date"


@dataclass(frozen=True)
class Remark:
    """One of them; `detail` as its kind says."""

    kind: RemarkKind
    detail: str = ""


def remark_from_json(told: dict[str, str]) -> Remark:
    """Give back what `asdict` gave."""
    return Remark(RemarkKind(told["kind"]), told["detail"])


def written(field: Field, value: str) -> str:
    """Give a value as it is drawn, whole: composed, on one line where there is one."""
    text = composed(value)[:LONGEST]
    if field.kind is not FieldKind.MULTILINE:
        text = text.replace("\n", " ")
    unknown = set(strangers(text))
    return "".join(STAND_IN if each in unknown else each for each in text)


def remarks_on(field: Field, value: str) -> tuple[Remark, ...]:
    """Give what can be said of a value without drawing it."""
    remarks = []
    if field.kind in _WRITTEN:
        length = len(composed(value))
        longest = field.max_length or LONGEST
        if length > longest:
            remarks.append(Remark(RemarkKind.TOO_LONG, str(length - longest)))
        if unknown := strangers(value):
            remarks.append(Remark(RemarkKind.STRANGERS, unknown))
    if field.kind is FieldKind.DATE and _is_no_day(value):
        remarks.append(Remark(RemarkKind.NO_DATE))
    if value and _is_chosen(field) and value not in {o.value for o in field.options}:
        remarks.append(Remark(RemarkKind.NO_SUCH_CHOICE))
    return tuple(remarks)


def _is_chosen(field: Field) -> bool:
    if field.kind is FieldKind.CHOICE:
        return not field.is_editable
    return field.kind in (FieldKind.BOX, FieldKind.RADIO)


def _is_no_day(value: str) -> bool:
    """Tell whether it can only be meant as a day, and is none; words may stand there too."""
    text = value.strip()
    if not _DIGITS_AND_MARKS.fullmatch(text):
        return False
    found = _DAY.fullmatch(text)
    if found is None:
        return sum(each.isdigit() for each in text) >= DIGITS_OF_A_DAY
    day, month, year = (int(each) for each in found.groups() if each is not None)
    try:
        date(year, month, day)
    except ValueError:
        return True
    return False

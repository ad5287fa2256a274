# SPDX-License-Identifier: AGPL-3.0-or-later
"""What must be said of a value before it is printed; the value itself is always kept."""

from dataclasses import dataclass
from enum import StrEnum

from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.repertoire import composed, strangers

# Drawn for what cannot be: nobody takes it for what was written.
STAND_IN = "?"
# In characters; three pages of print, where a form sets no limit.
LONGEST = 10_000
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
    if value and _is_chosen(field) and value not in {o.value for o in field.options}:
        remarks.append(Remark(RemarkKind.NO_SUCH_CHOICE))
    return tuple(remarks)


def _is_chosen(field: Field) -> bool:
    if field.kind is FieldKind.CHOICE:
        return not field.is_editable
    return field.kind in (FieldKind.BOX, FieldKind.RADIO)

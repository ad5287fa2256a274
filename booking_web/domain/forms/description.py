# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is known of a form: its pages, its fields, and where they stand.

Measures are in points (1/72 inch) on the page as it is seen, turned as it says, from its
upper left corner: x to the right, y down.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

# So few fields a page are no form.
FEW_FIELDS = 4


class FieldKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    MULTILINE = "multiline"
    COMB = "comb"
    DATE = "date"
    BOX = "box"
    RADIO = "radio"
    CHOICE = "choice"
    SIGNATURE = "signature"


class LabelSource(StrEnum):
    """Whose words a label is."""

    TOOLTIP = "tooltip"
    # Printed beside the field: a person should look at it.
    SUGGESTED = "suggested"
    # The field's own name, where that is words: a person should look at it.
    NAMED = "named"
    NAME = "name"


class Notice(StrEnum):
    """What a manager should know of a form that was taken."""

    # Programs in the PDF (calculated fields, checks, formats): never run.
    SCRIPTS = "scripts"
    # A second form in Adobe's XFA: left out, the fields of the PDF itself are used.
    XFA_DROPPED = "xfa_dropped"
    # Usage rights of a reader program: they end with the first change.
    RIGHTS_DROPPED = "rights_dropped"
    # Fields that cannot be filled in: buttons, or without a place on a page.
    FIELDS_LEFT_OUT = "fields_left_out"
    # Fields of it were placed by a person of ours.
    PLACED = "placed"


@dataclass(frozen=True)
class Rectangle:
    """A part of a page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Give its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Give its lower edge."""
        return self.y + self.height

    def grown(self, by: float) -> "Rectangle":
        """Give it with so much more on each side; less, where `by` is negative."""
        return Rectangle(
            self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by
        )

    def touches(self, other: "Rectangle") -> bool:
        """Tell whether the two have something in common."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True)
class Page:
    """A page, numbered from 1."""

    number: int
    width: float
    height: float


@dataclass(frozen=True)
class Place:
    """One place of a field on a page; a field may have several.

    `key` is the field's own for the first, followed by #2, #3... for the others;
    `annotation` counts the page's annotations from 0. `value` is what the field holds
    when this box or radio is ticked.
    """

    key: str
    page: int
    rectangle: Rectangle
    annotation: int
    value: str = ""


@dataclass(frozen=True)
class Option:
    """What can be chosen: what the field then holds, and what a person reads."""

    value: str
    text: str


@dataclass(frozen=True)
class Field:
    """One value, wherever it stands; `key` is the field's full name in the PDF.

    `max_length` is in characters, 0 for no limit; a comb has as many cells. What is
    ticked holds one of `options`, else nothing. `editable` choices take other words too.
    """

    key: str
    kind: FieldKind
    places: tuple[Place, ...]
    label: str
    label_source: LabelSource
    tooltip: str = ""
    value: str = ""
    max_length: int = 0
    options: tuple[Option, ...] = ()
    is_required: bool = False
    is_read_only: bool = False
    is_editable: bool = False
    is_scripted: bool = False
    is_calculated: bool = False
    # What the form itself begins with, of those that say so.
    default: str = ""
    # Placed by a person of ours, beside what the PDF has of its own.
    is_placed: bool = False

    @property
    def is_answered(self) -> bool:
        """Tell whether somebody filled it in before the form was taken."""
        is_theirs = self.kind is not FieldKind.SIGNATURE and not self.is_read_only
        return is_theirs and bool(self.value.strip()) and self.value != self.default


@dataclass(frozen=True)
class FormDescription:
    """A form; its fields in the order in which a person would fill them in."""

    pages: tuple[Page, ...]
    fields: tuple[Field, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def is_flat(self) -> bool:
        """Tell whether it has no field to fill in: they must be placed."""
        return not self.fields

    @property
    def is_poor(self) -> bool:
        """Tell whether it has so few fields that most of it cannot be filled in.

        Of forms in Adobe's XFA a few fields are often left over in the PDF itself.
        """
        return len(self.fields) < FEW_FIELDS * len(self.pages)

    @property
    def answered(self) -> tuple[Field, ...]:
        """Give the fields that held something as the form was taken."""
        return tuple(each for each in self.fields if each.is_answered)

    @property
    def placed(self) -> tuple[Field, ...]:
        """Give the fields that a person of ours placed: they can be placed anew."""
        return tuple(each for each in self.fields if each.is_placed)

    @property
    def own(self) -> tuple[Field, ...]:
        """Give the fields that the PDF has of its own."""
        return tuple(each for each in self.fields if not each.is_placed)

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "FormDescription":
        """Give back what `to_json` gave, of earlier versions too."""
        fields = tuple(_field(each) for each in told["fields"])
        notices = tuple(Notice(each) for each in told["notices"])
        if Notice.PLACED in notices and not any(each.is_placed for each in fields):
            # Fields were placed on forms alone that had none of their own.
            fields = tuple(replace(each, is_placed=True) for each in fields)
        pages = tuple(Page(**each) for each in told["pages"])
        return cls(pages, fields, notices)


def _field(told: dict[str, Any]) -> Field:
    places = tuple(
        Place(**{**each, "rectangle": Rectangle(**each["rectangle"])})
        for each in told["places"]
    )
    return Field(
        **{
            **told,
            "kind": FieldKind(told["kind"]),
            "label_source": LabelSource(told["label_source"]),
            "places": places,
            "options": tuple(Option(**each) for each in told["options"]),
        }
    )

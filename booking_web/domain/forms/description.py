# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is known of a form: its pages, its fields, and where they stand.

Measures are in points (1/72 inch) on the page as it is seen, turned as it says, from its
upper left corner: x to the right, y down.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


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
    # Its fields were placed by a person of ours, on a form that had none.
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
    def is_placed(self) -> bool:
        """Tell whether a person of ours placed its fields: they can be placed anew."""
        return Notice.PLACED in self.notices

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "FormDescription":
        """Give back what `to_json` gave."""
        return cls(
            pages=tuple(Page(**each) for each in told["pages"]),
            fields=tuple(_field(each) for each in told["fields"]),
            notices=tuple(Notice(each) for each in told["notices"]),
        )


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

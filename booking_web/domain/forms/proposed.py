# SPDX-License-Identifier: AGPL-3.0-or-later
"""A field that a page seems to have: what it would be, why, and how sure that is; pure."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.placed import PlacedField


class Why(StrEnum):
    """What on the page asks for something to be written. Each has words in `form_fields`."""

    # Cells in a row, each for one letter.
    CELLS = "cells"
    # A square to tick.
    BOX = "box"
    # A row of dots or strokes.
    DOTS = "dots"
    # A line.
    LINE = "line"
    # A frame, or a cell of a table.
    FRAME = "frame"
    # Words alone: "Fait à", "Signature", a colon with nothing behind it.
    WORDS = "words"


class Found(NamedTuple):
    """A place where something seems to be written, before it is called anything."""

    kind: FieldKind
    rectangle: Rectangle
    cells: int
    why: Why
    is_doubtful: bool = False


@dataclass(frozen=True)
class Proposal:
    """A field to begin with; what is not sure is taken one by one only."""

    field: PlacedField
    why: Why
    is_sure: bool

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Proposal":
        """Give back what `to_json` gave."""
        field = PlacedField.from_json(told["field"])
        return cls(field, Why(told["why"]), told["is_sure"])

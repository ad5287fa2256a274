# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person placed on a flat form, or is proposed to place."""

from dataclasses import asdict, dataclass
from typing import Any

from booking_web.domain.forms.description import FieldKind, Rectangle


@dataclass(frozen=True)
class PlacedField:
    """One place on a page, numbered from 1.

    Places with one `key` are one field: of a radio each has another `value`, of others
    all show the same. `cells` counts those of a comb.
    """

    key: str
    kind: FieldKind
    page: int
    rectangle: Rectangle
    label: str
    cells: int = 0
    value: str = ""
    is_required: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "PlacedField":
        """Give back what `to_json` gave."""
        rectangle = Rectangle(**told["rectangle"])
        kind = FieldKind(told["kind"])
        return cls(**{**told, "kind": kind, "rectangle": rectangle})

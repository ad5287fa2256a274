# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of the editor of a flat form: one for each place, in millimetres, as typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import request

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_checks import PlacedFault

POINTS_A_MILLIMETRE = 72 / 25.4
_NUMBER = re.compile(r"-?\d{1,5}([.,]\d{1,4})?")
# Of the places of one form; beyond, it is refused whole, and what was sent comes back.
MOST_PLACES = Limits().max_fields


@dataclass(frozen=True)
class PlacedRow:
    """A place as it stands in the form; measures are in millimetres, as they were typed."""

    id: int
    key: str
    kind: str
    page: str
    x: str
    y: str
    width: str
    height: str
    label: str
    cells: str = ""
    answer: str = ""
    is_required: bool = False
    is_removed: bool = False
    error: str = ""

    @property
    def rectangle(self) -> Rectangle | None:
        """Give the place in points, or None where what is typed is none."""
        placed = placed_of_row(self)
        return placed.rectangle if isinstance(placed, PlacedField) else None


def rows_of(placed: Iterable[PlacedField]) -> list[PlacedRow]:
    """Give the rows of what is placed."""
    return [_row(number, each) for number, each in enumerate(placed, start=1)]


def more_rows(rows: list[PlacedRow], placed: Iterable[PlacedField]) -> list[PlacedRow]:
    """Give the rows, and behind them those of what is placed besides."""
    after = max((each.id for each in rows), default=0) + 1
    return rows + [_row(number, each) for number, each in enumerate(placed, after)]


def _row(number: int, placed: PlacedField) -> PlacedRow:
    place = placed.rectangle
    return PlacedRow(
        id=number,
        key=placed.key,
        kind=placed.kind.value,
        page=str(placed.page),
        x=millimetres(place.x),
        y=millimetres(place.y),
        width=millimetres(place.width),
        height=millimetres(place.height),
        label=placed.label,
        cells=str(placed.cells) if placed.cells else "",
        answer=placed.value if placed.kind is FieldKind.RADIO else "",
        is_required=placed.is_required,
    )


def millimetres(points: float) -> str:
    """Write a measure as a person types it."""
    written = f"{points / POINTS_A_MILLIMETRE:.2f}".rstrip("0").rstrip(".")
    return written.replace(".", ",")


def typed_rows() -> list[PlacedRow]:
    """Give the rows that were sent, in their order."""
    rows = []
    for sent in request.form.getlist("rang"):
        number = whole_or_none(sent)
        if number is None:
            continue
        given = {
            name: request.form.get(f"{name}-{sent}", "").strip()
            for name in ("key", "kind", "page", "x", "y", "width", "height", "label")
        }
        rows.append(
            PlacedRow(
                id=number,
                **given,
                cells=request.form.get(f"cells-{sent}", "").strip(),
                answer=request.form.get(f"answer-{sent}", "").strip(),
                is_required=f"required-{sent}" in request.form,
                is_removed=f"removed-{sent}" in request.form,
            )
        )
    return rows


def placed_of_row(row: PlacedRow) -> PlacedField | PlacedFault:
    """Read a row; where it cannot be read, say why."""
    try:
        kind = FieldKind(row.kind)
    except ValueError:
        return PlacedFault.NOT_PLACEABLE
    measures = [_points(each) for each in (row.x, row.y, row.width, row.height)]
    page = whole_or_none(row.page)
    if None in measures or page is None:
        return PlacedFault.NO_NUMBER
    x, y, width, height = (each or 0.0 for each in measures)
    cells = whole_or_none(row.cells) or 0
    return PlacedField(
        key=row.key,
        kind=kind,
        page=page,
        rectangle=Rectangle(x, y, width, height),
        label=row.label,
        cells=cells,
        value=row.answer,
        is_required=row.is_required,
    )


def _points(typed: str) -> float | None:
    if not _NUMBER.fullmatch(typed):
        return None
    return round(float(typed.replace(",", ".")) * POINTS_A_MILLIMETRE, 2)


def with_error(row: PlacedRow, error: str) -> PlacedRow:
    """Give the row with what is wrong with it."""
    return replace(row, error=error)

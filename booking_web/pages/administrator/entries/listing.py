# SPDX-License-Identifier: AGPL-3.0-or-later
"""A list that is searched, sorted, narrowed and shown by pages. Pure.

Some hundred entries are few: all are read, and what the address asks for is shown.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booking_web.base.row_numbers import whole_or_none

ROWS_PER_PAGE = 50
MOST_TYPED = 120


@dataclass(frozen=True)
class Cell:
    """What stands in a column: a text, perhaps a mark, and what it is sorted by."""

    text: Any = ""
    # "trouble" or "over": the tone in which it is shown; empty: plain.
    tone: str = ""
    pictogram: str = ""
    by: Any = None

    @property
    def order(self) -> Any:
        """Give what to sort by."""
        return folded(str(self.text)) if self.by is None else self.by


@dataclass(frozen=True)
class Row:
    """One entry of the list; the first cell leads to it."""

    address: str
    cells: Sequence[Cell]
    # The names of the narrowings in which it is shown.
    within: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column:
    """A column; `name` is what the address says to sort by it."""

    name: str
    title: Any


@dataclass(frozen=True)
class Table:
    """All that a list could show."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    # By name, in the words of the page: what can be picked out.
    narrowings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What of a table a page shows, and how the reader goes on from there."""

    table: Table
    rows: Sequence[Row]
    typed: str
    sort: str
    narrowing: str
    page: int
    pages: int
    count: int
    counts: Mapping[str, int]

    def address(self, **changes: object) -> dict[str, object]:
        """Give the arguments of this list's address, some changed; the usual left out."""
        asked: dict[str, object] = {
            "cherche": self.typed,
            "tri": self.sort,
            "montre": self.narrowing,
            "page": self.page if self.page > 1 else "",
        }
        return {name: value for name, value in (asked | changes).items() if value}

    def sorting(self, name: str) -> str:
        """Give what `tri` must be for a press on the column's title."""
        return f"-{name}" if self.sort == name else name


def show(table: Table, asked: Mapping[str, str]) -> Shown:
    """Give the page of the table that the address asks for; nonsense is as if not there."""
    typed = asked.get("cherche", "")[:MOST_TYPED].strip()
    narrowing = asked.get("montre", "")
    if narrowing not in table.narrowings:
        narrowing = ""
    rows = [row for row in table.rows if not narrowing or narrowing in row.within]
    words = folded(typed).split()
    rows = [row for row in rows if _holds(row, words)]
    names = [column.name for column in table.columns]
    sort = asked.get("tri", "")
    if sort.removeprefix("-") in names:
        position = names.index(sort.removeprefix("-"))
        rows.sort(
            key=lambda row: row.cells[position].order, reverse=sort.startswith("-")
        )
    else:
        sort = ""
    pages = max(1, -(-len(rows) // ROWS_PER_PAGE))
    page = min(max(_number(asked.get("page", "")), 1), pages)
    first = (page - 1) * ROWS_PER_PAGE
    counts = {
        name: sum(name in row.within for row in table.rows) for name in table.narrowings
    }
    return Shown(
        table,
        rows[first : first + ROWS_PER_PAGE],
        typed,
        sort,
        narrowing,
        page,
        pages,
        len(rows),
        counts,
    )


def folded(text: str) -> str:
    """Give the text as it is searched: small letters, no accents."""
    apart = text.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", apart)
    return "".join(each for each in plain if not unicodedata.combining(each))


def _holds(row: Row, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = folded(" ".join(str(cell.text) for cell in row.cells))
    return all(word in text for word in words)


def _number(text: str) -> int:
    number = whole_or_none(text)
    return 1 if number is None else number

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Walks through the fields of a PDF's own form, whatever shape it is in.

Run it in a process of its own: the bytes are a stranger's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.geometry import (
    Corners,
    Sheet,
    common,
    corners_of,
    sheet,
)

# A field's name is inherited from as many fields above it; no form goes that deep.
MAX_DEPTH = 32
MAX_NAME = 200
# Of one document; more than `Limits` lets a form have.
MAX_WIDGETS = 100_000
_HIDDEN = 0b100010  # Hidden, NoView (ISO 32000-1, table 165).


@dataclass(frozen=True)
class Widget:
    """A place of a field: `terminal` has the value, `chain` what both inherit from."""

    page: int
    annotation: int
    item: pikepdf.Dictionary
    chain: tuple[pikepdf.Dictionary, ...]
    terminal: pikepdf.Dictionary
    name: str
    corners: Corners
    sheet: Sheet

    def inherited(self, key: str) -> Any:
        """Give what the widget says of `key`, or the nearest field above it."""
        for each in self.chain:
            if key in each:
                return each[key]
        return None

    @property
    def flags(self) -> int:
        """Give the field's flags."""
        found = self.inherited("/Ff")
        return int(found) if isinstance(found, int) else 0

    @property
    def kind(self) -> str:
        """Give the field's type in the PDF."""
        return str(self.inherited("/FT"))


@dataclass
class Found:
    """The widgets that can be seen, the pages, and how much was left out."""

    widgets: list[Widget]
    sheets: list[Sheet]
    left_out: int = 0


def find_widgets(pdf: pikepdf.Pdf, max_widgets: int) -> Found:
    """Give every field's places, page by page; raises FormRefused where too many."""
    found = Found([], [])
    for number, page in enumerate(pdf.pages, start=1):
        seen = _sheet(page)
        found.sheets.append(seen)
        for annotation, item in _widgets_of(page.obj):
            if len(found.widgets) >= max_widgets:
                raise FormRefused(FormRefusal.TOO_MANY_FIELDS)
            widget = _widget(number, annotation, item, seen)
            if widget is None:
                found.left_out += 1
            else:
                found.widgets.append(widget)
    return found


def find_sheets(pdf: pikepdf.Pdf) -> list[Sheet]:
    """Give the visible part of each page."""
    return [_sheet(page) for page in pdf.pages]


def _sheet(page: pikepdf.Page) -> Sheet:
    return sheet(
        _numbers(page.mediabox), _numbers(page.cropbox), _inherited_turn(page.obj)
    )


def _widgets_of(page: pikepdf.Dictionary) -> Iterator[tuple[int, pikepdf.Dictionary]]:
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    for index, item in enumerate(annotations):
        if isinstance(item, pikepdf.Dictionary) and str(item.get("/Subtype")) == (
            "/Widget"
        ):
            yield index, item


def _widget(
    page: int, annotation: int, item: pikepdf.Dictionary, seen: Sheet
) -> Widget | None:
    chain = _chain(item)
    corners = corners_of(_numbers(item.get("/Rect")))
    visible = common(corners, seen.corners) if corners else None
    flags = item.get("/F")
    is_hidden = bool(flags & _HIDDEN) if isinstance(flags, int) else False
    if visible is None or is_hidden or not any("/FT" in each for each in chain):
        return None
    parts = [_text(each["/T"]) for each in reversed(chain) if "/T" in each]
    # The value is that of the lowest field with a name: widgets below it have none.
    terminal = next((each for each in chain if "/T" in each), chain[0])
    return Widget(
        page,
        annotation,
        item,
        chain,
        terminal,
        printable(".".join(parts))[:MAX_NAME],
        visible,
        seen,
    )


def _chain(item: pikepdf.Dictionary) -> tuple[pikepdf.Dictionary, ...]:
    chain = [item]
    while len(chain) < MAX_DEPTH:
        above = chain[-1].get("/Parent")
        if not isinstance(above, pikepdf.Dictionary):
            return tuple(chain)
        chain.append(above)
    return tuple(chain)


def _inherited_turn(page: pikepdf.Dictionary) -> object:
    for each in _chain(page):
        if "/Rotate" in each:
            return each["/Rotate"]
    return 0


def _numbers(found: object) -> list[object]:
    return list(found) if isinstance(found, pikepdf.Array) else []


def _text(found: object) -> str:
    return str(found) if isinstance(found, (pikepdf.String, str)) else ""


def text_of(found: object, limit: int) -> str:
    """Give a text of the PDF without what cannot be printed, cut at `limit`."""
    if isinstance(found, pikepdf.Stream):
        return ""
    if isinstance(found, (pikepdf.String, pikepdf.Name, str)):
        return printable(str(found).lstrip("/") if _is_name(found) else str(found))[
            :limit
        ]
    return ""


def _is_name(found: object) -> bool:
    return isinstance(found, pikepdf.Name)


def printable(text: str) -> str:
    """Give a text without control characters but line ends, fit for any database."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        each for each in lines if each == "\n" or each.isprintable() or each == "\u00a0"
    )
    return kept.encode("utf-8", "ignore").decode()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes out of a form what somebody filled in before it was taken: it is some resident's.

An importer of pikepdf; run it in a process of its own: the form is a stranger's.
"""

from collections.abc import Iterable

import pikepdf

from booking_web.domain.forms.description import Field
from booking_web.domain.forms.fields_found import MAX_WIDGETS, Widget, find_widgets

# What a field holds, in plain and rich text, and which of a list are chosen.
_HELD = ("/V", "/RV", "/I")
_OFF = pikepdf.Name("/Off")


def empty(pdf: pikepdf.Pdf, fields: Iterable[Field]) -> None:
    """Set these fields back to what the form itself begins with."""
    places = {(each.page, each.annotation) for field in fields for each in field.places}
    for widget in find_widgets(pdf, MAX_WIDGETS).widgets:
        if (widget.page, widget.annotation) in places:
            _empty(widget)


def _empty(widget: Widget) -> None:
    default = widget.inherited("/DV")
    for each in widget.chain:
        for held in _HELD:
            if held in each:
                del each[held]
    if default is not None:
        widget.terminal["/V"] = default
    if widget.kind == "/Btn":
        widget.item["/AS"] = _state(widget, default)
    elif "/AP" in widget.item:
        # It shows what was filled in; the engine draws another.
        del widget.item["/AP"]


def _state(widget: Widget, default: object) -> pikepdf.Name:
    """Give the look of a box that says what the form begins with, or that it is not ticked."""
    looks = widget.item.get("/AP")
    drawn = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    if isinstance(drawn, pikepdf.Dictionary) and isinstance(default, pikepdf.Name):
        return default if str(default) in drawn else _OFF
    return _OFF

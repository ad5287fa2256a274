# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts the fields that a person placed on a flat form into its PDF.

What comes of it is a form like any other. An importer of pikepdf; run it in a process of
its own: the form is a stranger's.
"""

from collections.abc import Collection, Sequence
from typing import Any, BinaryIO

import pikepdf

from booking_web.domain.forms import typeface
from booking_web.domain.forms.box_looks import give_look
from booking_web.domain.forms.description import FieldKind
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.fields_found import (
    MAX_WIDGETS,
    Widget,
    find_sheets,
    find_widgets,
)
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.placed import PlacedField

_REQUIRED, _MULTILINE, _RADIO, _COMB = 1 << 1, 1 << 12, 1 << 15, 1 << 24
_PRINTED = 4
# The size of writing in a block of several lines; elsewhere the box decides.
BLOCK_SIZE = 10
_TYPES = {
    FieldKind.BOX: "/Btn",
    FieldKind.RADIO: "/Btn",
    FieldKind.SIGNATURE: "/Sig",
}
_FLAGS = {
    FieldKind.MULTILINE: _MULTILINE,
    FieldKind.COMB: _COMB,
    FieldKind.RADIO: _RADIO,
}


def with_fields(
    source: BinaryIO,
    placed: Sequence[PlacedField],
    kept: Collection[tuple[int, int]],
    target: BinaryIO,
) -> None:
    """Write the form with these fields to `target`.

    Of the places that it had, those of `kept` alone stay: page and annotation, as in
    `description`. Raises FormRefused where a page is not there.
    """
    with pikepdf.open(source) as pdf:
        sheets = find_sheets(pdf)
        if any(not 1 <= each.page <= len(sheets) for each in placed):
            raise FormRefused(FormRefusal.DAMAGED)
        left = _leave(pdf, set(kept))
        form = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(left)))
        pdf.Root["/AcroForm"] = form
        typeface.install(pdf, form)
        together: dict[str, list[PlacedField]] = {}
        for each in placed:
            together.setdefault(each.key, []).append(each)
        for places in together.values():
            form["/Fields"].append(_field(pdf, places, sheets))
        pdf.save(target, linearize=False)


def _leave(pdf: pikepdf.Pdf, kept: set[tuple[int, int]]) -> list[pikepdf.Object]:
    """Take out all places but these, and give the fields that are left, from above."""
    fields: dict[tuple[int, int], pikepdf.Object] = {}
    for widget in find_widgets(pdf, MAX_WIDGETS).widgets:
        if (widget.page, widget.annotation) in kept:
            fields.setdefault(widget.chain[-1].objgen, widget.chain[-1])
        else:
            _take_from_above(widget)
    for number, page in enumerate(pdf.pages, start=1):
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            page.obj["/Annots"] = pikepdf.Array(
                [
                    each
                    for index, each in enumerate(annotations)
                    if str(each.get("/Subtype")) != "/Widget" or (number, index) in kept
                ]
            )
    return list(fields.values())


def _take_from_above(widget: Widget) -> None:
    """Let a field that has other places forget one that goes."""
    above = widget.chain[1] if len(widget.chain) > 1 else None
    kids = above.get("/Kids") if above is not None else None
    if above is not None and isinstance(kids, pikepdf.Array):
        gone = widget.item.objgen
        above["/Kids"] = pikepdf.Array([each for each in kids if each.objgen != gone])


def _field(
    pdf: pikepdf.Pdf, places: list[PlacedField], sheets: list[Sheet]
) -> pikepdf.Object:
    first = places[0]
    flags = _FLAGS.get(first.kind, 0) | (_REQUIRED if first.is_required else 0)
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            FT=pikepdf.Name(_TYPES.get(first.kind, "/Tx")),
            # A dot would part the name of a field from that of one above it.
            T=pikepdf.String(first.key.replace(".", "-")),
            TU=pikepdf.String(first.label),
            Ff=flags,
        )
    )
    if first.kind is FieldKind.COMB:
        field["/MaxLen"] = max(first.cells, 1)
    field["/Kids"] = pikepdf.Array(
        [_widget(pdf, field, each, sheets[each.page - 1]) for each in places]
    )
    return field


def _widget(
    pdf: pikepdf.Pdf, field: pikepdf.Object, place: PlacedField, sheet: Sheet
) -> pikepdf.Object:
    corners = sheet.in_pdf(place.rectangle)
    widget = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name("/Annot"),
            Subtype=pikepdf.Name("/Widget"),
            Parent=field,
            F=_PRINTED,
            Rect=pikepdf.Array([round(each, 3) for each in corners]),
        )
    )
    if sheet.turned:
        # So that writing stands upright on a page that is turned.
        widget["/MK"] = pikepdf.Dictionary(R=sheet.turned)
    if place.kind in (FieldKind.BOX, FieldKind.RADIO):
        give_look(pdf, widget, corners, place.value or "Oui")
    elif place.kind is not FieldKind.SIGNATURE:
        widget["/DA"] = pikepdf.String(_appearance(place))
    _put_on(pdf.pages[place.page - 1].obj, widget)
    return widget


def _appearance(place: PlacedField) -> str:
    size = BLOCK_SIZE if place.kind is FieldKind.MULTILINE else 0
    return typeface.appearance(f"/F {size} Tf 0 g".encode())


def _put_on(page: Any, widget: pikepdf.Object) -> None:
    if not isinstance(page.get("/Annots"), pikepdf.Array):
        page["/Annots"] = pikepdf.Array()
    page["/Annots"].append(widget)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes of a stranger's form one that the engine fills in, and nothing else happens in.

Out go programs, XFA, usage rights; what readers of PDF do each in their way (missing
names, limits by width, boxes that cannot be ticked off) is made plain. Run it in a
process of its own: the bytes are a stranger's.
"""

from dataclasses import replace
from typing import BinaryIO

import pikepdf

from booking_web.domain.documents.errors import DocumentRefused
from booking_web.domain.documents.sanitising import (
    check_unpacked_size,
    is_cut_off,
    take_out_what_runs,
)
from booking_web.domain.forms import typeface
from booking_web.domain.forms.box_looks import give_look
from booking_web.domain.forms.description import FieldKind, FormDescription
from booking_web.domain.forms.emptying import empty
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.fields_found import Widget, find_widgets, text_of
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.reading import (
    COMBO,
    MAX_TEXT,
    READ_ONLY,
    choices,
    describe,
)

SNIFFED_BYTES = 1024
NAMELESS = "champ"
_PASSWORD, _STAYS_TICKED = 1 << 13, 1 << 14
_NO_SCROLL, _RICH = 1 << 23, 1 << 25
# Text of ours may be longer than its box is wide: that is told, and never cut in silence.
_TEXT_FLAGS_OUT = _PASSWORD | _NO_SCROLL | _RICH
_OF_THE_FORM = ("/XFA", "/NeedAppearances", "/SigFlags", "/CO")


def prepare(
    source: BinaryIO, target: BinaryIO, limits: Limits, *, is_emptied: bool = False
) -> FormDescription:
    """Write the form to `target` as the engine takes it, and say what it asks.

    Where it `is_emptied`, what somebody filled in before goes out. One that everybody may
    open, and only its author change, comes out without that protection. Raises FormRefused.
    """
    _check_kind(source, limits)
    if is_cut_off(source):
        raise FormRefused(FormRefusal.CUT_OFF)
    try:
        with pikepdf.open(source) as pdf:
            before = describe(pdf, limits)
            if is_emptied and before.answered:
                empty(pdf, before.answered)
                before = describe(pdf, limits)
            check_unpacked_size(pdf, len(before.pages))
            take_out_what_runs(pdf)
            _make_plain(pdf, limits)
            after = describe(pdf, limits)
            pdf.save(target, linearize=False)
    except pikepdf.PasswordError as error:
        raise FormRefused(FormRefusal.ENCRYPTED) from error
    except (DocumentRefused, MemoryError) as error:
        raise FormRefused(FormRefusal.ENDLESS) from error
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise FormRefused(FormRefusal.DAMAGED) from error
    target.flush()
    return _as_it_was(after, before)


def _check_kind(source: BinaryIO, limits: Limits) -> None:
    source.seek(0, 2)
    size = source.tell()
    source.seek(0)
    start = source.read(SNIFFED_BYTES)
    source.seek(0)
    if not start:
        raise FormRefused(FormRefusal.EMPTY)
    if size > limits.max_bytes:
        raise FormRefused(FormRefusal.TOO_LARGE)
    # ISO 32000 lets the header stand anywhere in the first 1,024 bytes.
    if b"%PDF-" not in start:
        raise FormRefused(FormRefusal.NOT_A_PDF)


def _as_it_was(after: FormDescription, before: FormDescription) -> FormDescription:
    """Add what only the form as it came could tell: its programs, its lists."""
    told = {each.key: each for each in before.fields}
    fields = []
    for field in after.fields:
        was = told.get(field.key)
        if was is not None:
            field = replace(
                field,
                kind=was.kind if field.kind is FieldKind.TEXT else field.kind,
                value=was.value,
                options=was.options,
                is_editable=was.is_editable,
                is_scripted=was.is_scripted,
                is_calculated=was.is_calculated,
            )
        fields.append(field)
    return FormDescription(after.pages, tuple(fields), before.notices)


def _make_plain(pdf: pikepdf.Pdf, limits: Limits) -> None:
    root = pdf.Root
    if "/Perms" in root:
        del root["/Perms"]
    if "/NeedsRendering" in root:
        del root["/NeedsRendering"]
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    for key in _OF_THE_FORM:
        if key in form:
            del form[key]
    widgets = find_widgets(pdf, 2 * limits.max_fields).widgets
    if not widgets:
        return
    standing = bytes(form["/DA"]) if _is_text(form.get("/DA")) else b""
    typeface.install(pdf, form)
    for widget in widgets:
        _plain_widget(pdf, widget, standing)
    _list_all(form, widgets)


def _plain_widget(pdf: pikepdf.Pdf, widget: Widget, standing: bytes) -> None:
    item = widget.item
    item["/Rect"] = pikepdf.Array([round(each, 3) for each in widget.corners])
    if not widget.name:
        widget.terminal["/T"] = pikepdf.String(NAMELESS)
    if widget.kind in ("/Tx", "/Ch"):
        given = widget.inherited("/DA")
        item["/DA"] = pikepdf.String(
            typeface.appearance(bytes(given) if _is_text(given) else standing)
        )
        if "/RV" in widget.terminal:
            del widget.terminal["/RV"]
    if widget.kind == "/Ch" and widget.flags & COMBO:
        _as_text(widget)
    elif widget.kind == "/Tx":
        widget.terminal["/Ff"] = widget.flags & ~_TEXT_FLAGS_OUT
    elif widget.kind == "/Btn":
        widget.terminal["/Ff"] = widget.flags & ~_STAYS_TICKED
        give_look(pdf, item, widget.corners)


def _as_text(widget: Widget) -> None:
    """Let a drop-down list show what is chosen, without its arrow: paper has none."""
    field = widget.terminal
    value = text_of(widget.inherited("/V"), MAX_TEXT)
    shown = {each.value: each.text for each in choices(widget)}
    field["/FT"], field["/Ff"] = pikepdf.Name("/Tx"), widget.flags & READ_ONLY
    field["/V"] = pikepdf.String(shown.get(value, value))
    for key in ("/Opt", "/I", "/TI"):
        if key in field:
            del field[key]


def _list_all(form: pikepdf.Dictionary, widgets: list[Widget]) -> None:
    """Name in the form's list each field that a page shows."""
    listed = form.get("/Fields")
    fields = list(listed) if isinstance(listed, pikepdf.Array) else []
    known = {each.objgen for each in fields if isinstance(each, pikepdf.Object)}
    for widget in widgets:
        top = widget.chain[-1]
        if top.is_indirect and top.objgen not in known:
            known.add(top.objgen)
            fields.append(top)
    form["/Fields"] = pikepdf.Array(fields)


def _is_text(found: object) -> bool:
    return isinstance(found, pikepdf.String)

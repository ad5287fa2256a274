# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the fields of a PDF to the description of a form.

Run it in a process of its own: the bytes are a stranger's. Nothing in the PDF is run.
"""

import re
from collections import Counter
from dataclasses import replace

import pikepdf

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    LabelSource,
    Notice,
    Option,
    Page,
    Place,
)
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.fields_found import Found, Widget, find_widgets, text_of
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.order import in_reading_order

MAX_TEXT = 10_000
MAX_OPTIONS = 500
# A description longer than that is no help to anybody who fills in.
MAX_TOOLTIP = 300

_MULTILINE, _FILE, _COMB = 1 << 12, 1 << 20, 1 << 24
_RADIO, _BUTTON = 1 << 15, 1 << 16
COMBO, _EDITABLE = 1 << 17, 1 << 18
READ_ONLY, _REQUIRED = 1, 2
# A format or check of dates (the names are those of Acrobat's own script functions).
_DATE_SCRIPT = re.compile(r"AFDate_")
_DATE_NAME = re.compile(r"^[Dd]at(e)?(?![a-zà-ÿ])")
_CALCULATED = "/C"
SHORTEST_DATE = 8


def describe(pdf: pikepdf.Pdf, limits: Limits) -> FormDescription:
    """Give the description; labels that no tooltip gives are the fields' names.

    Raises FormRefused.
    """
    pages = len(pdf.pages)
    if pages == 0:
        raise FormRefused(FormRefusal.DAMAGED)
    if pages > limits.max_pages:
        raise FormRefused(FormRefusal.TOO_MANY_PAGES)
    found = find_widgets(pdf, 2 * limits.max_fields)
    fields = _fields(found)
    if len(fields) > limits.max_fields:
        raise FormRefused(FormRefusal.TOO_MANY_FIELDS)
    if _has_xfa(pdf) and not any(each.kind != FieldKind.SIGNATURE for each in fields):
        raise FormRefused(FormRefusal.XFA_ONLY)
    if is_signed(pdf):
        raise FormRefused(FormRefusal.SIGNED)
    return FormDescription(
        pages=tuple(
            Page(number, round(each.width, 2), round(each.height, 2))
            for number, each in enumerate(found.sheets, start=1)
        ),
        fields=tuple(_ordered(fields)),
        notices=_notices(pdf, found, fields),
    )


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Tell whether a signature would break: one field of that kind has a value."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and str(item.get("/FT")) == "/Sig":
            if isinstance(item.get("/V"), pikepdf.Dictionary):
                return True
    return False


def _has_xfa(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and "/XFA" in form


def _notices(pdf: pikepdf.Pdf, found: Found, fields: list[Field]) -> tuple[Notice, ...]:
    told = []
    if any(each.is_scripted for each in fields) or _has_program(pdf):
        told.append(Notice.SCRIPTS)
    if _has_xfa(pdf):
        told.append(Notice.XFA_DROPPED)
    if "/Perms" in pdf.Root:
        told.append(Notice.RIGHTS_DROPPED)
    if found.left_out or any(_kind(each) is None for each in found.widgets):
        told.append(Notice.FIELDS_LEFT_OUT)
    return tuple(told)


def _has_program(pdf: pikepdf.Pdf) -> bool:
    names = pdf.Root.get("/Names")
    return isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names


def _fields(found: Found) -> list[Field]:
    together: dict[tuple[str, FieldKind], list[Widget]] = {}
    for widget in found.widgets:
        kind = _kind(widget)
        if kind is not None:
            together.setdefault((widget.name, kind), []).append(widget)
    taken: Counter[str] = Counter()
    fields = []
    for (name, kind), widgets in together.items():
        plain = name or "?"
        taken[plain] += 1
        # Two fields of different kinds under one name are two values.
        key = plain if taken[plain] == 1 else f"{plain}~{taken[plain]}"
        fields.append(_field(key, kind, widgets))
    return fields


def _field(key: str, kind: FieldKind, widgets: list[Widget]) -> Field:
    first = widgets[0]
    places = tuple(
        Place(
            key=key if number == 1 else f"{key}#{number}",
            page=widget.page,
            rectangle=widget.sheet.seen(widget.corners),
            annotation=widget.annotation,
            value=_on_state(widget) if kind in (FieldKind.BOX, FieldKind.RADIO) else "",
        )
        for number, widget in enumerate(widgets, start=1)
    )
    if kind in (FieldKind.BOX, FieldKind.RADIO):
        # One that stands alone is a box, several are a choice, whatever the PDF says.
        is_alone = len({each.value for each in places}) == 1
        kind = FieldKind.BOX if is_alone else FieldKind.RADIO
    tooltip = text_of(first.inherited("/TU"), MAX_TOOLTIP).strip()
    scripts = _scripts(first)
    length = first.inherited("/MaxLen")
    field = Field(
        key=key,
        kind=kind,
        places=places,
        label=tooltip if is_plain(tooltip) else _last_name(key),
        label_source=(LabelSource.TOOLTIP if is_plain(tooltip) else LabelSource.NAME),
        tooltip=tooltip,
        value=_value(first, kind, places),
        default=_value(first, kind, places, "/DV"),
        max_length=length if isinstance(length, int) and 0 < length < MAX_TEXT else 0,
        options=_options(widgets, kind, places),
        is_required=any(each.flags & _REQUIRED for each in widgets),
        is_read_only=all(each.flags & READ_ONLY for each in widgets),
        # A list that offers nothing can only be written into.
        is_editable=kind is FieldKind.CHOICE
        and bool(first.flags & _EDITABLE or not choices(first)),
        is_scripted=bool(scripts),
        is_calculated=_CALCULATED in scripts,
    )
    return replace(field, kind=FieldKind.DATE) if _is_date(field, scripts) else field


def _kind(widget: Widget) -> FieldKind | None:
    """Give what a field takes; None for buttons and what a PDF cannot mean."""
    flags = widget.flags
    if widget.kind == "/Tx":
        if flags & _FILE:
            return None
        if flags & _MULTILINE:
            return FieldKind.MULTILINE
        has_cells = flags & _COMB and widget.inherited("/MaxLen") is not None
        return FieldKind.COMB if has_cells else FieldKind.TEXT
    if widget.kind == "/Btn":
        if flags & _BUTTON:
            return None
        return FieldKind.RADIO if flags & _RADIO else FieldKind.BOX
    if widget.kind == "/Ch":
        return FieldKind.CHOICE
    return FieldKind.SIGNATURE if widget.kind == "/Sig" else None


def _is_date(field: Field, scripts: dict[str, str]) -> bool:
    if field.kind is not FieldKind.TEXT or 0 < field.max_length < SHORTEST_DATE:
        return False
    return any(_DATE_SCRIPT.search(each) for each in scripts.values()) or bool(
        _DATE_NAME.search(_last_name(field.key))
    )


def _scripts(widget: Widget) -> dict[str, str]:
    """Give the programs that react to the field, by what makes them run."""
    found: dict[str, str] = {}
    for each in widget.chain:
        reactions = each.get("/AA")
        if isinstance(reactions, pikepdf.Dictionary):
            for moment, action in reactions.items():
                if isinstance(action, pikepdf.Dictionary):
                    found[moment] = _program(action)
    pressed = widget.item.get("/A")
    if isinstance(pressed, pikepdf.Dictionary) and "/JS" in pressed:
        found["/A"] = _program(pressed)
    return found


def _program(action: pikepdf.Dictionary) -> str:
    code = action.get("/JS")
    if isinstance(code, pikepdf.Stream):
        return code.read_bytes()[:MAX_TEXT].decode("latin-1")
    return text_of(code, MAX_TEXT)


def on_states(widget: pikepdf.Object) -> list[str]:
    """Give the states that a box can have but off."""
    looks = widget.get("/AP")
    if isinstance(looks, pikepdf.Dictionary):
        for key in ("/N", "/D"):
            drawn = looks.get(key)
            if isinstance(drawn, pikepdf.Dictionary) and not isinstance(
                drawn, pikepdf.Stream
            ):
                found = [each.lstrip("/") for each in drawn.keys() if each != "/Off"]
                if found:
                    return found
    return []


def _on_state(widget: Widget) -> str:
    states = on_states(widget.item)
    return text_of(states[0] if states else "Yes", MAX_TOOLTIP)


def _value(
    widget: Widget, kind: FieldKind, places: tuple[Place, ...], entry: str = "/V"
) -> str:
    found = widget.inherited(entry)
    if isinstance(found, pikepdf.Stream):
        return found.read_bytes()[:MAX_TEXT].decode("latin-1")
    if isinstance(found, pikepdf.Array):
        found = next(iter(found), None)
    value = text_of(found, MAX_TEXT)
    if kind in (FieldKind.BOX, FieldKind.RADIO):
        return value if value in {each.value for each in places} else ""
    return "" if kind is FieldKind.SIGNATURE else value


def _options(
    widgets: list[Widget], kind: FieldKind, places: tuple[Place, ...]
) -> tuple[Option, ...]:
    if kind in (FieldKind.BOX, FieldKind.RADIO):
        options: dict[str, Option] = {}
        for widget, place in zip(widgets, places, strict=True):
            own = text_of(widget.item.get("/TU"), MAX_TOOLTIP).strip()
            text = own if is_plain(own) else ""
            options.setdefault(place.value, Option(place.value, text))
        return tuple(options.values())
    return choices(widgets[0]) if kind is FieldKind.CHOICE else ()


def choices(widget: Widget) -> tuple[Option, ...]:
    """Give what a list offers."""
    given = widget.inherited("/Opt")
    if not isinstance(given, pikepdf.Array):
        return ()
    offered = []
    for each in list(given)[:MAX_OPTIONS]:
        pair = list(each) if isinstance(each, pikepdf.Array) else [each, each]
        if len(pair) == 2:
            value, text = (text_of(one, MAX_TOOLTIP) for one in pair)
            offered.append(Option(value, text))
    return tuple(offered)


def is_plain(tooltip: str) -> bool:
    """Tell whether a tooltip was written for people: `txtNoms` was not."""
    word = tooltip.strip()
    if not word or word.lower() in ("undefined", "texte", "text", "champ"):
        return False
    return " " in word or not re.search(r"[a-zà-ÿ][A-Z]|[_\[\]]|\d", word)


def _last_name(key: str) -> str:
    return re.sub(r"(\[\d+\]|[#~]\d+)+$", "", key.rpartition(".")[2] or key) or key


def _ordered(fields: list[Field]) -> list[Field]:
    """Put fields in the order of their first place, options in that of theirs."""
    placed = []
    for field in fields:
        places = tuple(in_reading_order([(each, each) for each in field.places]))
        ranks = {each.value: rank for rank, each in reversed(list(enumerate(places)))}
        options = field.options
        if field.kind in (FieldKind.BOX, FieldKind.RADIO):
            options = tuple(sorted(options, key=lambda each: ranks[each.value]))
        placed.append((places[0], replace(field, options=options)))
    return in_reading_order(placed)

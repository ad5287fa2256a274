# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form that is open in pdfium's own form engine: filled in as by keys, drawn as filled in.

An importer of pypdfium2; run it in a process of its own, by one thread: pdfium knows no
others. No program in a form is run: this pdfium has none that could.
"""

import ctypes
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Place,
    Rectangle,
)
from booking_web.domain.forms.errors import UnknownField
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.labels import with_printed_words
from booking_web.domain.forms.letter_widths import letter_widths
from booking_web.domain.forms.light_picture import light_picture
from booking_web.domain.forms.remarks import (
    Remark,
    RemarkKind,
    remarks_on,
    written,
)
from booking_web.domain.forms.typeface import renewed
from booking_web.domain.forms.words_printed import Printed, words_printed

# Drawn around a field, in points: what overhangs it is seen too.
MARGIN = 2.0
LARGEST_PIXELS = 4000
JPEG_QUALITY = 85
_SPACE = 0x20
# How the engine writes that it clips what stands in a field: there is more than room.
_CLIPPED = "re\nW\nn"
_SIZE = re.compile(r"/\S+ ([\d.]+) Tf")
# In points; smaller letters nobody reads on paper.
SMALLEST_SIZE = 6.0
_WORSE_FIRST = (RemarkKind.OVERFLOWS, RemarkKind.TINY)
_CHOICES = {FieldKind.BOX, FieldKind.RADIO}


class OpenForm:
    """A form and what it is filled in with; `close` it."""

    def __init__(self, content: bytes, description: FormDescription) -> None:
        self._content = renewed(content)
        self._fields = {each.key: each for each in description.fields}
        self._given = {each.key: each.value for each in description.fields}
        self._places = {
            place.key: (field, place)
            for field in description.fields
            for place in field.places
        }
        self._ill_seen: dict[str, RemarkKind] = {}
        self._widths: dict[str, int] | None = None
        self._printed: dict[int, list[Printed]] = {}
        self._open()

    def _open(self) -> None:
        self._pdf = pypdfium2.PdfDocument(self._content)
        self._pdf.init_forms()
        self._engine = self._pdf.formenv.raw if self._pdf.formenv else None
        if self._engine:
            # Fields are as on paper, without the tint of a viewer.
            pdfium.FPDF_SetFormFieldHighlightAlpha(self._engine, 0)
        # A page that is not loaded would not follow a field that stands on several.
        self._pages = [self._pdf[number] for number in range(len(self._pdf))]
        self._values = dict(self._given)

    def close(self) -> None:
        """Forget it."""
        for page in self._pages:
            page.close()
        self._pdf.close()

    def apply(self, values: Mapping[str, str]) -> None:
        """Have the fields hold these values, and those not named what the PDF gave.

        Only what is different is touched. Names that the form does not know are left.
        """
        wanted = {key: values.get(key, given) for key, given in self._given.items()}
        changed = [key for key, value in wanted.items() if value != self._values[key]]
        if any(self._is_taken_back(self._fields[key], wanted[key]) for key in changed):
            # What was chosen cannot be unchosen by a key: begin again.
            self.close()
            self._open()
            self._ill_seen.clear()
            changed = [key for key, each in wanted.items() if each != self._given[key]]
        for key in changed:
            self._put(self._fields[key], wanted[key])
            self._values[key] = wanted[key]

    def remarks(self, key: str) -> tuple[Remark, ...]:
        """Give what must be said of a field as it stands."""
        field = self._fields[key]
        told = remarks_on(field, self._values[key])
        if key in self._ill_seen:
            told += (Remark(self._ill_seen[key]),)
        return told

    def find(self, key: str) -> tuple[Field, Place]:
        """Give a field and its place by the place's key; raises UnknownField."""
        try:
            return self._places[key]
        except KeyError:
            raise UnknownField(key) from None

    def crop(self, place: Place, width_pixels: int) -> tuple[Rectangle, bytes]:
        """Draw a place as a PNG, in the scale of a page that is so wide.

        The rectangle is what was drawn, in points; on that page it is whole pixels.
        """
        page = self._pages[place.page - 1]
        across, down = page.get_size()
        scale = width_pixels / across
        left = max(int((place.rectangle.x - MARGIN) * scale), 0)
        top = max(int((place.rectangle.y - MARGIN) * scale), 0)
        right = min(-int(-(place.rectangle.right + MARGIN) * scale // 1), width_pixels)
        bottom = min(
            -int(-(place.rectangle.bottom + MARGIN) * scale // 1), round(down * scale)
        )
        box = (left, top, max(right - left, 1), max(bottom - top, 1))
        picture = self._drawn(page, (width_pixels, round(down * scale)), box)
        png = io.BytesIO()
        picture.save(png, "PNG", compress_level=3)
        drawn = Rectangle(*(each / scale for each in box))
        return drawn, png.getvalue()

    def with_words(self, field: Field, place: Place) -> Rectangle:
        """Give a place together with the words that are printed for it."""
        number = place.page
        if number not in self._printed:
            page = self._pages[number - 1]
            sheet = Sheet(page.get_bbox(), page.get_rotation())
            self._printed[number] = words_printed(page, sheet)
        others = [
            each.rectangle for _, each in self._places.values() if each.page == number
        ]
        return with_printed_words(place, field.kind, self._printed[number], others)

    def page(self, number: int, width_pixels: int, is_light: bool = False) -> bytes:
        """Draw a page as a JPEG, or for a thin line; raises UnknownField."""
        if not 1 <= number <= len(self._pages):
            raise UnknownField(f"page {number}")
        page = self._pages[number - 1]
        across, down = page.get_size()
        height = min(round(down * width_pixels / across), LARGEST_PIXELS)
        size = (width_pixels, max(height, 1))
        picture = self._drawn(page, size, (0, 0, *size))
        if is_light:
            return light_picture(picture)
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=JPEG_QUALITY)
        return jpeg.getvalue()

    def saved(self) -> bytes:
        """Give the PDF as it is filled in; its fields are still fields."""
        content = io.BytesIO()
        self._pdf.save(content)
        return content.getvalue()

    def _drawn(
        self,
        page: Any,
        size: tuple[int, int],
        box: tuple[int, int, int, int],
    ) -> Image.Image:
        """Draw the part `box` (left, top, width, height) of a page that is `size` large."""
        left, top, width, height = box
        # On one without transparency the engine draws letters with coloured edges.
        bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGRA)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        where = (-left, -top, *size, 0, pdfium.FPDF_ANNOT)
        pdfium.FPDF_RenderPageBitmap(bitmap.raw, page.raw, *where)
        if self._engine:
            pdfium.FPDF_FFLDraw(self._engine, bitmap.raw, page.raw, *where)
        picture: Image.Image = bitmap.to_pil()
        return picture if picture.mode == "RGB" else picture.convert("RGB")

    def _is_taken_back(self, field: Field, value: str) -> bool:
        if field.kind is FieldKind.RADIO:
            return value not in {each.value for each in field.places}
        if field.kind is FieldKind.CHOICE and not field.is_editable:
            # Of a list that stays open on paper; a drop-down list is only text.
            return value not in {each.value for each in field.options}
        return False

    def _put(self, field: Field, value: str) -> None:
        if field.kind in _CHOICES:
            self._tick(field, value)
        elif field.kind is FieldKind.CHOICE:
            self._choose(field, value)
        elif field.kind is not FieldKind.SIGNATURE:
            self._write(field, value)

    def _write(self, field: Field, value: str) -> None:
        text = written(field, value)
        with self._focus(field.places[0]) as page:
            self._type(page, text)
        seen = (
            {self._seen(field, each, text) for each in field.places} if text else set()
        )
        worst = next((each for each in _WORSE_FIRST if each in seen), None)
        self._ill_seen.pop(field.key, None)
        if worst is not None:
            self._ill_seen[field.key] = worst

    def _choose(self, field: Field, value: str) -> None:
        known = {each.value: number for number, each in enumerate(field.options)}
        with self._annotation(field.places[0]) as annotation:
            kind = pdfium.FPDFAnnot_GetFormFieldType(self._engine, annotation)
        if kind == pdfium.FPDF_FORMFIELD_TEXTFIELD:
            # A drop-down list was made one line of text.
            text = field.options[known[value]].text if value in known else value
            self._write(field, text if value in known or field.is_editable else "")
        elif value in known:
            with self._focus(field.places[0]) as page:
                pdfium.FORM_SetIndexSelected(self._engine, page.raw, known[value], True)

    def _tick(self, field: Field, value: str) -> None:
        for place in field.places:
            with self._annotation(place) as annotation:
                is_on = bool(pdfium.FPDFAnnot_IsChecked(self._engine, annotation))
            if is_on != (place.value == value):
                # Of several places of one value, the engine turns all with the first.
                if place.value == value or field.kind is FieldKind.BOX:
                    with self._focus(place) as page:
                        pdfium.FORM_OnChar(self._engine, page.raw, _SPACE, 0)
                if field.kind is FieldKind.BOX:
                    return

    def _type(self, page: Any, text: str) -> None:
        encoded = (text + "\0").encode("utf-16-le")
        buffer = ctypes.create_string_buffer(encoded, len(encoded))
        pdfium.FORM_SelectAllText(self._engine, page.raw)
        pdfium.FORM_ReplaceSelection(
            self._engine, page.raw, ctypes.cast(buffer, pdfium.FPDF_WIDESTRING)
        )

    @contextmanager
    def _focus(self, place: Place) -> Iterator[Any]:
        """Have a field focused; what was typed into it is in the form afterwards."""
        with self._annotation(place) as annotation:
            pdfium.FORM_SetFocusedAnnot(self._engine, annotation)
            yield self._pages[place.page - 1]
            pdfium.FORM_ForceToKillFocus(self._engine)

    @contextmanager
    def _annotation(self, place: Place) -> Iterator[Any]:
        page = self._pages[place.page - 1]
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, place.annotation)
        if not annotation:
            raise UnknownField(place.key)
        try:
            yield annotation
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)

    def _seen(self, field: Field, place: Place, text: str) -> RemarkKind | None:
        """Tell what is wrong with how a text is seen in a place, if anything is.

        The engine clips what is wider or higher than its box. A line in a box that is a
        little low is clipped too, and yet seen: there it is its width that counts.
        """
        look = self._look(place)
        sizes = _SIZE.findall(look)
        size = float(sizes[-1]) if sizes else 0.0
        if _CLIPPED in look and field.kind is not FieldKind.COMB:
            room = place.rectangle.width - MARGIN
            if (
                field.kind is FieldKind.MULTILINE
                or self._width(field, text) * size > room
            ):
                return RemarkKind.OVERFLOWS
        return RemarkKind.TINY if 0 < size < SMALLEST_SIZE else None

    def letters(self, place: Place) -> float:
        """Give how large the letters in a place are, in points; 0 where it has none yet."""
        size = ctypes.c_float()
        with self._annotation(place) as annotation:
            pdfium.FPDFAnnot_GetFontSize(self._engine, annotation, size)
        if size.value > 0:
            return size.value
        sizes = _SIZE.findall(self._look(place))
        return float(sizes[-1]) if sizes else 0.0

    def _width(self, field: Field, text: str) -> float:
        """Give how wide a text is, in sizes of its letters."""
        if self._widths is None:
            self._widths = letter_widths(self._content)
        shown = text[: field.max_length or None]
        return sum(self._widths.get(each, 0) for each in shown) / 1000

    def _look(self, place: Place) -> str:
        with self._annotation(place) as annotation:
            mode = pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL
            length = pdfium.FPDFAnnot_GetAP(annotation, mode, None, 0)
            text = ctypes.create_string_buffer(max(length, 2))
            wide = ctypes.cast(text, ctypes.POINTER(pdfium.FPDF_WCHAR))
            pdfium.FPDFAnnot_GetAP(annotation, mode, wide, length)
        return text.raw[:length].decode("utf-16-le", "replace")

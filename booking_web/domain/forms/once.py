# SPDX-License-Identifier: AGPL-3.0-or-later
"""The process that works once on one form: `python -m booking_web.domain.forms.once`.

Whatever a stranger's PDF makes a library do, it does here, within limits. One order comes
with its files; then the process ends.
"""

import io
import json
from dataclasses import asdict
from typing import Any, BinaryIO

import pikepdf
import pypdfium2

from booking_web.base.limited_work import answer_one, limit
from booking_web.domain.forms.assembling import assemble
from booking_web.domain.forms.description import FormDescription, Rectangle
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.fields_found import find_sheets
from booking_web.domain.forms.final import finish
from booking_web.domain.forms.labels import with_labels
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.lines_drawn import guides_on
from booking_web.domain.forms.lines_seen import (
    guides_seen,
    looked_at,
    writing_seen,
)
from booking_web.domain.forms.mark_printing import print_marks
from booking_web.domain.forms.named_page_seen import named_page_seen
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.pages_seen import look_at
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placing import with_fields
from booking_web.domain.forms.preparing import prepare
from booking_web.domain.forms.proposals import (
    propose,
    propose_after_labels,
    propose_on_picture,
)
from booking_web.domain.forms.signature_seen import ZoneAsked, signatures_seen
from booking_web.domain.forms.words_printed import words_printed

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 12
IDLE_SECONDS = 600.0
# Each page is drawn once that small: one that is endless work shows here.
TRIAL_PIXELS = 200


def main() -> None:
    """Wait for an order, carry it out, and end."""
    limit(MEMORY_BYTES, CPU_SECONDS)
    answer_one(_answer, IDLE_SECONDS)


def _answer(order: dict[str, Any], files: list[BinaryIO]) -> dict[str, Any]:
    try:
        WORKS[order["work"]](order, files)
        for each in files[1:]:
            each.flush()
    except FormRefused as refused:
        return {"refused": refused.reason.value}
    except MemoryError:
        return {"refused": FormRefusal.ENDLESS.value}
    except Exception as error:
        # Its name alone: its text may quote the file.
        return {"failed": type(error).__name__}
    return {"done": True}


def _read(order: dict[str, Any], files: list[BinaryIO]) -> None:
    source, prepared, told = files
    limits, is_emptied = Limits(**order["limits"]), order["emptied"]
    description = prepare(source, prepared, limits, is_emptied=is_emptied)
    prepared.seek(0)
    try:
        labelled = _labelled(prepared.read(), description)
    except pypdfium2.PdfiumError as error:
        raise FormRefused(FormRefusal.DAMAGED) from error
    told.write(json.dumps(labelled.to_json()).encode())


def _labelled(content: bytes, description: FormDescription) -> FormDescription:
    printed = {}
    with pikepdf.open(io.BytesIO(content)) as pages:
        sheets = find_sheets(pages)
    with pypdfium2.PdfDocument(content) as pdf:
        # What stands in the fields is drawn too.
        pdf.init_forms()
        for number, sheet in enumerate(sheets, start=1):
            page = pdf[number - 1]
            scale = TRIAL_PIXELS / max(*page.get_size(), 1.0)
            page.render(scale=scale)
            printed[number] = words_printed(page, sheet)
    fields = with_labels(description.fields, printed)
    return FormDescription(description.pages, fields, description.notices)


def _finish(order: dict[str, Any], files: list[BinaryIO]) -> None:
    prepared, filling, final, told = files
    filled = json.load(filling)
    description = FormDescription.from_json(filled["description"])
    remarks = finish(prepared.read(), description, filled["values"], final)
    plain = {key: [asdict(each) for each in found] for key, found in remarks.items()}
    told.write(json.dumps(plain).encode())


def _lay_out(order: dict[str, Any], files: list[BinaryIO]) -> None:
    source, told = files
    content = source.read()
    with pikepdf.open(io.BytesIO(content)) as pages:
        sheets = find_sheets(pages)
    laid: list[dict[str, Any]] = []
    with pypdfium2.PdfDocument(content) as pdf:
        for number, sheet in enumerate(sheets, start=1):
            page = pdf[number - 1]
            guides = guides_on(page, sheet)
            printed = words_printed(page, sheet)
            seen = looked_at(page, printed)
            fields = propose(number, sheet.width, sheet.height, guides, seen)
            if not printed and not fields:
                # The page is a picture: it has lines, and words that only people read.
                guides = guides_seen(page, sheet)
                fields = propose_on_picture(number, guides)
            if not printed and not fields:
                writing = writing_seen(page)
                fields = propose_after_labels(number, sheet.width, guides, writing)
            laid.append(PageLayout(number, guides, tuple(fields)).to_json())
    told.write(json.dumps(laid).encode())


def _place(order: dict[str, Any], files: list[BinaryIO]) -> None:
    source, given, target = files
    placing = json.load(given)
    placed = [PlacedField.from_json(each) for each in placing["placed"]]
    kept = [(page, annotation) for page, annotation in placing["kept"]]
    with_fields(source, placed, kept, target)


def _turn(order: dict[str, Any], files: list[BinaryIO]) -> None:
    source, target = files
    with pikepdf.open(source) as pdf:
        pdf.pages[order["page"] - 1].rotate(order["degrees"], relative=True)
        pdf.save(target, linearize=False)


def _print_marks(order: dict[str, Any], files: list[BinaryIO]) -> None:
    final, given, target, told = files
    wanted = json.load(given)
    marks = [(bytes.fromhex(code), (one, two)) for code, one, two in wanted["marks"]]
    kept_free = {
        int(page): [Rectangle(**each) for each in rectangles]
        for page, rectangles in wanted["kept_free"].items()
    }
    places = print_marks(final.read(), marks, kept_free, target)
    told.write(json.dumps([each and asdict(each) for each in places]).encode())


def _look_at(order: dict[str, Any], files: list[BinaryIO]) -> None:
    scan, told = files
    seen = look_at(scan.read(), order["pages"])
    told.write(json.dumps([each.to_json() for each in seen]).encode())


def _look_at_named(order: dict[str, Any], files: list[BinaryIO]) -> None:
    scan, printed, given, told = files
    named = json.load(given)
    seen = named_page_seen(
        scan.read(),
        named["scanned"],
        printed.read(),
        named["page"],
        named["turn"],
        {key: Rectangle(**each) for key, each in named["zones"].items()},
    )
    told.write(json.dumps(asdict(seen)).encode())


def _look_for_signatures(order: dict[str, Any], files: list[BinaryIO]) -> None:
    scan, printed, given, told = files
    asked = [ZoneAsked.from_json(each) for each in json.load(given)]
    told.write(json.dumps(signatures_seen(scan.read(), printed.read(), asked)).encode())


def _assemble(order: dict[str, Any], files: list[BinaryIO]) -> None:
    source, given, target = files
    wanted = json.load(given)
    parts = [source.read(length) for length in wanted["lengths"]]
    assemble(parts, [PageTaken(**each) for each in wanted["pages"]], target)


WORKS = {
    "assemble": _assemble,
    "lay_out": _lay_out,
    "place": _place,
    "turn": _turn,
    "read": _read,
    "finish": _finish,
    "print_marks": _print_marks,
    "look_at": _look_at,
    "look_at_named": _look_at_named,
    "look_for_signatures": _look_for_signatures,
}

if __name__ == "__main__":
    main()

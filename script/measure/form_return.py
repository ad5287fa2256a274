# SPDX-License-Identifier: AGPL-3.0-or-later
"""form.return: ten scanned pages recognised, turned, put in order, their signatures seen.

A hundred bad scans in ten runs: askew by up to ten degrees or upside down, grey, with noise;
every other page is signed.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Page,
    Place,
)
from booking_web.domain.forms.mark import Printing
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.return_reader import MarkedForm, ReturnReader
from booking_web.domain.forms.returned_pages import name_pages
from booking_web.domain.forms.signature_seen import SignatureState
from booking_web.telling.our_forms.catalogue import PROCURATION
from booking_web.telling.our_forms.making import make
from measure.rows import Figures
from stage.scanned_sheets import bad_glass, drawn_pages, laid_on, one_scan, signed

PAGES = 10
RUNS = 10
SEED = 12
KEY = b"a key of the bench alone"


@dataclass
class Count:
    """What was right of a hundred pages, and of ten scans."""

    recognised: int = 0
    in_order: int = 0
    right: int = 0
    uncertain: int = 0
    wrong: int = 0


def measure() -> Figures:
    """Read ten scans of ten pages each."""
    reader = ReturnReader()
    marked, description, printing = _printed(reader)
    sheets = drawn_pages(marked.pdf)
    chance = random.Random(SEED)
    count, seconds = Count(), []
    for _ in range(RUNS):
        order = chance.sample(range(1, PAGES + 1), PAGES)
        scan = _scan(sheets, description, order, chance)
        started = time.perf_counter()
        seen = reader.look_at(scan, PAGES)
        named = name_pages(seen, printing.appointment, {printing}, KEY)
        zones = reader.signatures(scan, marked, description, named)
        seconds.append(time.perf_counter() - started)
        found = [each.mark.page if each.mark else 0 for each in named]
        count.recognised += sum(one == other for one, other in zip(found, order))
        count.in_order += found == order
        states = {(each.scanned, each.place): each.state for each in zones}
        for scanned, page in enumerate(order, start=1):
            _judge(count, page, [s for (at, _), s in states.items() if at == scanned])
    return Figures(tuple(seconds), notes=tuple(_notes(count)))


def _notes(count: Count) -> Iterator[str]:
    pages = RUNS * PAGES
    yield f"{count.recognised} of {pages} pages recognised"
    yield f"{count.in_order} of {RUNS} scans put in order"
    yield (
        f"signature boxes: {count.right} of {pages} right, {count.uncertain} to be "
        f"looked at, {count.wrong} wrong"
    )


def _judge(count: Count, page: int, states: Sequence[SignatureState]) -> None:
    wanted = SignatureState.SIGNED if _is_signed(page) else SignatureState.EMPTY
    if all(each is wanted for each in states) and states:
        count.right += 1
    elif SignatureState.UNCERTAIN in states or not states:
        count.uncertain += 1
    else:
        count.wrong += 1


def _is_signed(page: int) -> bool:
    return page % 2 == 1


def _printed(reader: ReturnReader) -> tuple[MarkedForm, FormDescription, Printing]:
    """Print one page of ours ten times over, as a form of ten pages."""
    forms = FormReader()
    form = make(PROCURATION, forms)
    final = forms.finish(form.pdf, form.description, {"mandant_nom": "Durand"}).pdf
    whole = reader.assemble([final], [PageTaken(0, 1)] * PAGES)
    (sheet,) = form.description.pages
    pages = tuple(Page(at, sheet.width, sheet.height) for at in range(1, PAGES + 1))
    zones = tuple(_on_each_page(field) for field in _signatures(form.description))
    described = FormDescription(pages, zones)
    printing = Printing.of(whole, appointment=1, draft=1, edition=1, pages=PAGES)
    return reader.with_marks(whole, described, printing, KEY), described, printing


def _signatures(description: FormDescription) -> list[Field]:
    return [each for each in description.fields if each.kind is FieldKind.SIGNATURE]


def _on_each_page(field: Field) -> Field:
    first = field.places[0]
    places = tuple(
        Place(f"{field.key}#{page}", page, first.rectangle, first.annotation)
        for page in range(1, PAGES + 1)
    )
    return replace(field, places=places)


def _scan(
    sheets: Sequence[Image.Image],
    description: FormDescription,
    order: Sequence[int],
    chance: random.Random,
) -> bytes:
    laid = []
    for page in order:
        sheet = sheets[page - 1]
        for field in _signatures(description) if _is_signed(page) else ():
            zone = field.places[0].rectangle
            where = (zone.x, zone.y, zone.width, zone.height)
            sheet = signed(sheet, where, seed=chance.randrange(1 << 30))
        laid.append(laid_on(sheet, bad_glass(chance)))
    # A scanner has one size for all its pages, a scan of ours need not.
    return one_scan(laid)

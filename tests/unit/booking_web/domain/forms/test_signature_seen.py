# SPDX-License-Identifier: AGPL-3.0-or-later
"""A signature is seen where there is one; an empty box, scanned or copied, is empty."""

import pytest

from booking_web.domain.forms.mark import Printing
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.domain.forms.returned_pages import name_pages
from booking_web.domain.forms.signature_seen import SignatureState
from stage import scanned_sheets as scans
from tests.factories import pdf_forms
from tests.factories.forms_read import read_form

KEY = b"a key of this organisation alone"
ZONE = (320, 602, 200, 100)


@pytest.fixture(scope="module")
def printed():
    made = pdf_forms.PdfForm()
    for line in range(12):
        made.words(f"Je déclare que la ligne {line} est exacte.", 60, 780 - 22 * line)
    made.words("Signature du demandeur :", 320, 250)
    made.draw(b"320 140 200 100 re S")
    made.field("nom", [60, 480, 300, 496])
    made.field("signature", [320, 140, 520, 240], kind="/Sig")
    form = read_form(made.saved())
    final = FormReader().finish(form.pdf, form.description, {"nom": "Durand"}).pdf
    printing = Printing.of(final, appointment=5, draft=7, edition=3, pages=1)
    marked = ReturnReader().with_marks(final, form.description, printing, KEY)
    (page,) = scans.drawn_pages(marked.pdf)
    return marked, form.description, printing, page


def _state(printed, page) -> dict[str, SignatureState]:
    marked, description, printing, _ = printed
    scan = scans.one_picture(page)
    reader = ReturnReader()
    came = name_pages(reader.look_at(scan, 1), printing.appointment, {printing}, KEY)
    seen = reader.signatures(scan, marked, description, came)
    return {each.place: each.state for each in seen}


GLASSES = [
    scans.Glass(),
    scans.Glass(turned=3, noise=6),
    scans.Glass(dpi=300, paper=215),
]


@pytest.mark.parametrize("glass", GLASSES)
def test_a_signed_box_is_signed(printed, glass) -> None:
    page = scans.laid_on(scans.signed(printed[3], ZONE), glass)
    assert _state(printed, page) == {"signature": SignatureState.SIGNED}


@pytest.mark.parametrize("glass", GLASSES)
def test_an_empty_box_is_empty(printed, glass) -> None:
    page = scans.laid_on(printed[3], glass)
    assert _state(printed, page) == {"signature": SignatureState.EMPTY}


def test_a_photocopy_of_an_empty_box_is_empty(printed) -> None:
    copied = scans.laid_on(printed[3], scans.Glass(dpi=300, blur=0.4, noise=5, ink=40))
    page = scans.laid_on(copied, scans.Glass(turned=-2))
    assert _state(printed, page) == {"signature": SignatureState.EMPTY}


def test_a_page_that_did_not_come_back_has_no_answer(printed) -> None:
    blank = printed[3].point(lambda shade: 255)
    assert _state(printed, blank) == {}

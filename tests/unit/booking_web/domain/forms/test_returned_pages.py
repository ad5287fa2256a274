# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printed pages say what they are, and are known again however they come back."""

import random
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from booking_web.domain.forms.errors import FormRefused
from booking_web.domain.forms.mark import Mark, NotOurs, Printing, opened, sealed
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.return_reader import MarkedForm, ReturnReader
from booking_web.domain.forms.returned_pages import PageNamed, name_pages
from booking_web.tables.printed_forms import ReturnedKind
from stage import scanned_sheets as scans
from tests.factories import pdf_forms
from tests.factories.forms_read import difference, page_drawn, read_form

KEY = b"a key of this organisation alone"
Printed = tuple[MarkedForm, Printing, list[Image.Image]]


@pytest.fixture(scope="module")
def printed() -> Printed:
    form = read_form(pdf_forms.request_for_a_home().saved())
    final = FormReader().finish(form.pdf, form.description, {"nom": "Durand"}).pdf
    printing = Printing.of(final, appointment=1234, draft=7, edition=3, pages=2)
    marked = ReturnReader().with_marks(final, form.description, printing, KEY)
    return marked, printing, scans.drawn_pages(marked.pdf)


def _named(pages: list[Image.Image], printing: Printing) -> list[PageNamed]:
    seen = ReturnReader().look_at(scans.one_scan(pages), len(pages))
    return name_pages(seen, printing.appointment, {printing}, KEY)


def test_pages_are_recognised_and_turned_upright(printed) -> None:
    _, printing, (first, second) = printed
    laid = [
        scans.laid_on(second, scans.Glass(turned=187)),
        scans.laid_on(first, scans.Glass(turned=-9)),
    ]
    came = _named(laid, printing)
    assert [each.mark for each in came] == [Mark(printing, 2), Mark(printing, 1)]
    assert [each.turn for each in came] == [180, 0]
    assert [each.askew for each in came] == [
        pytest.approx(7, abs=1),
        pytest.approx(-9, abs=1),
    ]


@pytest.mark.parametrize("quarter", [0, 90, 180, 270])
def test_a_page_is_turned_clockwise_by_what_is_told(printed, quarter) -> None:
    _, printing, (first, _) = printed
    laid = first.rotate(quarter, expand=True)
    seen = ReturnReader().look_at(scans.one_picture(laid), 1)
    (page,) = name_pages(seen, 1234, {printing}, KEY)
    upright = laid.rotate(-page.turn, expand=True)
    assert (page.turn, page.askew) == (quarter, pytest.approx(0, abs=0.6))
    assert difference(upright, first) < 0.001


def test_each_stray_page_is_called_what_it_is(printed) -> None:
    marked, printing, (first, _) = printed
    form = read_form(pdf_forms.request_for_a_home().saved())
    others = [
        replace(printing, appointment=99, draft=9),
        replace(printing, draft=8),
        replace(printing, digest=b"\0\0\0\0"),
    ]
    reader = ReturnReader()
    strays = [
        scans.drawn_pages(
            reader.with_marks(form.pdf, form.description, other, key).pdf
        )[0]
        for other, key in [*((each, KEY) for each in others), (printing, b"theirs")]
    ]
    cut_off = first.copy()
    down = round(first.height * 0.88)
    ImageDraw.Draw(cut_off).rectangle((0, down, *first.size), 255)
    blank = scans.laid_on(Image.new("L", first.size, 255), scans.Glass(noise=12))
    came = _named([first, *strays, cut_off, blank, first], printing)
    assert [each.kind for each in came] == [
        ReturnedKind.EXPECTED,
        ReturnedKind.OTHER_APPOINTMENT,
        ReturnedKind.OTHER_FORM,
        ReturnedKind.OTHER_PRINTING,
        ReturnedKind.NOT_OURS,
        ReturnedKind.NO_MARK,
        ReturnedKind.BLANK,
        ReturnedKind.EXPECTED,
    ]


def test_bad_scans_are_recognised(printed) -> None:
    _, printing, pages = printed
    chance = random.Random(12)
    for number in (1, 2, 1, 2):
        glass = scans.bad_glass(chance)
        picture = scans.one_picture(scans.laid_on(pages[number - 1], glass))
        (page,) = name_pages(ReturnReader().look_at(picture, 1), 1234, {printing}, KEY)
        assert page.mark == Mark(printing, number), glass


def test_nothing_but_the_mark_is_added(printed) -> None:
    marked, _, _ = printed
    form = read_form(pdf_forms.request_for_a_home().saved())
    final = FormReader().finish(form.pdf, form.description, {"nom": "Durand"}).pdf
    for number, code in enumerate(marked.codes, start=1):
        before, after = (page_drawn(each, number, 595) for each in (final, marked.pdf))
        for page in (before, after):
            around = (code.x - 6, code.y - 6, code.right + 46, code.bottom + 20)
            page.paste("white", tuple(round(each) for each in around))
        assert difference(before, after) == 0


def test_a_mark_stands_on_white_and_outside_signature_zones(printed) -> None:
    form = pdf_forms.PdfForm()
    form.field("signature", [0, 0, 595, 300], kind="/Sig")
    form.field("nom", [50, 500, 300, 520])
    read = read_form(form.saved())
    printing = Printing.of(read.pdf, appointment=1, draft=1, edition=1, pages=1)
    (code,) = ReturnReader().with_marks(read.pdf, read.description, printing, KEY).codes
    assert code.bottom < 842 - 300


def test_a_page_without_white_room_is_printed_without_a_mark() -> None:
    form = pdf_forms.PdfForm(pages=2)
    for line in range(0, 842, 6):
        form.draw(b"0 %d m 595 %d l S" % (line, line), page=1)
    read = read_form(form.saved())
    printing = Printing.of(read.pdf, appointment=1, draft=1, edition=1, pages=2)
    marked = ReturnReader().with_marks(read.pdf, read.description, printing, KEY)
    assert marked.codes[0] is None and marked.codes[1] is not None
    full, other = scans.drawn_pages(marked.pdf)
    assert difference(full, scans.drawn_pages(read.pdf)[0]) == 0
    seen = ReturnReader().look_at(scans.one_scan([full, other]), 2)
    came = name_pages(seen, 1, {printing}, KEY)
    assert [each.kind for each in came] == [
        ReturnedKind.NO_MARK,
        ReturnedKind.EXPECTED,
    ]


def test_pages_are_put_together_upright_and_straight(printed) -> None:
    _, printing, (first, second) = printed
    laid = [
        scans.laid_on(second.rotate(90, expand=True), scans.Glass(paper=255)),
        scans.laid_on(first, scans.Glass(turned=174, paper=255)),
    ]
    scan = scans.one_scan(laid)
    came = {each.mark.page: each for each in _named(laid, printing) if each.mark}
    taken = [
        PageTaken(0, came[page].scanned, came[page].turn, came[page].askew)
        for page in (1, 2)
    ]
    reader = ReturnReader()
    made = reader.assemble([scan], taken)
    assert made == reader.assemble([scan], taken)
    for upright, page in zip(scans.drawn_pages(made, 72), (first, second)):
        small = page.resize(upright.size)
        assert difference(upright, small) < 0.03
    again = ReturnReader().look_at(made, 2)
    straight = name_pages(again, 1234, {printing}, KEY)
    assert [(each.mark, each.turn) for each in straight] == [
        (Mark(printing, 1), 0),
        (Mark(printing, 2), 0),
    ]
    assert all(abs(each.askew) < 1 for each in straight)


@pytest.mark.parametrize(
    "scan", [b"", b"%PDF-1.7 nothing", b"\xff\xd8\xff\xe0", b"GIF89a"]
)
def test_what_is_no_scan_is_refused(scan) -> None:
    with pytest.raises(FormRefused):
        ReturnReader().look_at(scan, 1)


def test_a_mark_changed_by_a_bit_is_not_ours() -> None:
    printing = Printing(1, 2, 3, 1, b"abcd")
    code = sealed(Mark(printing, 1), KEY)
    assert opened(code, KEY) == Mark(printing, 1)
    for at in range(len(code)):
        changed = bytearray(code)
        changed[at] ^= 1
        with pytest.raises(NotOurs):
            opened(bytes(changed), KEY)


@pytest.mark.parametrize("page", [0, 2])
def test_a_page_that_is_not_printed_has_no_mark(page) -> None:
    with pytest.raises(ValueError, match="no such page"):
        sealed(Mark(Printing(1, 2, 3, 1, b"abcd"), page), KEY)

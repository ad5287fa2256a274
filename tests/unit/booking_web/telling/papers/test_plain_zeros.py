# SPDX-License-Identifier: AGPL-3.0-or-later
"""No paper has a zero with a slash, but in what somebody types from it."""

import io
import re
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from booking_web.domain.documents import drawn_page
from booking_web.domain.forms import typeface
from booking_web.domain.forms.repertoire import RESOURCE
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.telling.our_forms.making import page_of
from booking_web.telling.slips.paper import (
    FONTS,
    pages_of,
    pdf_of,
    pdf_with_fields,
)
from tests.factories.zeros import slashed_zeros

ROOM = Path(drawn_page.__file__).parents[2]
TEMPLATES = ROOM / "templates"
# All that WeasyPrint lays out: each says how large its sheet is, or extends what does.
PAPERS = sorted(
    str(each.relative_to(TEMPLATES))
    for each in TEMPLATES.rglob("*.html")
    if "@page" in each.read_text()
)
WITH_CODES = {"slips/enrolment.html", "slips/softphone.html"}
FOR_CODES = "Atkinson Hyperlegible for codes"
OURS = {"Atkinson Hyperlegible", "Noto Sans Arabic"}
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
QUOTED = re.compile(r'"([^"]+)"')
# Who takes the letters of the screen: what says which are on paper, and the fonts' own lists.
READERS = {"telling/slips/paper.py", "domain/forms/typeface.py"}


def _styles(paper: str) -> str:
    return "".join(STYLE.findall((TEMPLATES / paper).read_text()))


def _without_values(styles: str) -> str:
    return re.sub(r"\{\{.*?\}\}|@size@", "10", styles)


def _families(paper: str) -> set[str]:
    rules = re.findall(r"font(?:-family)?:[^;}]*", _without_values(_styles(paper)))
    return {name for rule in rules for name in QUOTED.findall(rule)}


def test_there_are_papers() -> None:
    assert {"papers/cv.html", "papers/receipt.html", *WITH_CODES} <= set(PAPERS)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_is_in_our_letters_and_brings_none(paper) -> None:
    extra = {FOR_CODES} if paper in WITH_CODES else set()
    assert _families(paper) - OURS == extra
    styles = (TEMPLATES / paper).read_text()
    assert "@font-face" not in styles and "monospace" not in styles


@pytest.mark.parametrize("paper", PAPERS)
def test_each_rule_of_a_paper_draws_a_plain_zero(paper) -> None:
    rules = _without_values(_styles(paper))
    classes = sorted(set(re.findall(r"\.([a-z][a-z-]*)(?=[ ,.:{])", rules)))
    said = "".join(
        f'<{tag} class="{each}">0 10</{tag}>'
        for each in ["", *classes]
        for tag in ("p", "h1", "strong")
    )
    page = f"<html lang=fr><title>0</title><style>{rules}</style>{said}"
    slashed = slashed_zeros(pdf_of(pages_of(page)))
    assert all("for-codes" in each for each in slashed)
    assert bool(slashed) is (paper in WITH_CODES)


@pytest.mark.parametrize("name", OUR_FORMS)
def test_our_forms_have_plain_zeros(name) -> None:
    page = page_of(OUR_FORMS[name]).replace("</h1>", " 2000</h1>")
    assert " 2000</h1>" in page
    assert slashed_zeros(pdf_with_fields(page)) == set()


def _with_typeface() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    form = pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=pikepdf.Array())
    typeface.install(pdf, form)
    return _saved(pdf)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    content = io.BytesIO()
    pdf.save(content)
    return content.getvalue()


def test_a_form_is_filled_in_with_plain_zeros() -> None:
    content = _with_typeface()
    assert slashed_zeros(content) == set()
    assert typeface.renewed(content) == content


def test_a_form_of_a_library_has_them_when_it_is_filled_in_next() -> None:
    with pikepdf.open(io.BytesIO(_with_typeface())) as pdf:
        font = pdf.Root.AcroForm.DR.Font[RESOURCE]
        letters = TTFont(FONTS / "atkinson-hyperlegible-latin-400-normal.woff2")
        letters.flavor = None
        program = io.BytesIO()
        letters.save(program)
        font.FontDescriptor["/FontFile2"] = pdf.make_stream(program.getvalue())
        font["/BaseFont"] = pikepdf.Name("/GuichetAtkinson")
        stored = _saved(pdf)
    assert slashed_zeros(stored) == {"/GuichetAtkinson"}
    renewed = typeface.renewed(stored)
    assert slashed_zeros(renewed) == set()
    with pikepdf.open(io.BytesIO(renewed)) as pdf:
        font = pdf.Root.AcroForm.DR.Font[RESOURCE]
        # Whoever wrote in it finds room for as much as before.
        assert int(font.Widths[ord("0")]) == 648


def test_a_form_without_our_typeface_stays_as_it_is() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    content = _saved(pdf)
    assert typeface.renewed(content) == content


def test_nothing_else_takes_letters_of_the_screen_to_paper() -> None:
    named = {
        str(each.relative_to(ROOM))
        for each in ROOM.rglob("*.py")
        if "atkinson-hyperlegible-latin" in each.read_text()
    }
    assert named == READERS
    assert "plain-zero" in drawn_page._TYPEFACE


def test_what_a_browser_prints_has_plain_zeros() -> None:
    styles = (ROOM / "static/shell/fonts.css").read_text()
    [printed] = re.findall(r"@media print \{(.*)\}", styles, re.DOTALL)
    for weight in (400, 700):
        assert f"atkinson-plain-zero-latin-{weight}-normal.woff2" in printed
    assert printed.count("unicode-range: U+0030;") == 2

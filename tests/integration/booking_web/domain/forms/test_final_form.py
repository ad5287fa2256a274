# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is printed looks like what was shown, and is no form any more."""

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2
import pytest

from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.remarks import Remark, RemarkKind
from tests.factories import pdf_forms
from tests.factories.forms_read import (
    difference,
    draft_of,
    page_drawn,
    part,
    picture,
    read_form,
    some_values,
)

TEXTS = ["Œuvré Łukasz Élodie", "12", "L'été à Guise\n« 12,50 € »", "باب 😀", "x" * 90]


@pytest.fixture(scope="module")
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("is_hybrid", [False, True])
def test_each_field_is_printed_as_it_was_shown(engine, text, is_hybrid) -> None:
    made = pdf_forms.request_for_a_home()
    if is_hybrid:
        pdf_forms.with_xfa(made)
    form = read_form(made.saved())
    values = some_values(form.description, text)

    final = FormReader().finish(form.pdf, form.description, values)

    draft = draft_of(form, values)
    pages = {
        each.number: page_drawn(final.pdf, each.number, 1080)
        for each in form.description.pages
    }
    apart = {}
    for field in form.description.fields:
        for place in field.places:
            shown = engine.show(draft, place.key, 1080)
            printed = part(
                pages[shown.page],
                shown.rectangle,
                form.description.pages[shown.page - 1].width,
            )
            apart[place.key] = difference(picture(shown.png), printed)
            assert shown.remarks == final.remarks.get(field.key, ())
    assert {key: each for key, each in apart.items() if each > 0.01} == {}


def test_the_words_are_in_the_final_pdf_as_words() -> None:
    form = read_form(pdf_forms.request_for_a_home().saved())
    values = {"nom": "Œuvré", "txtPrenom": "E\u0301lodie Łucja", "cp": "02120"}
    final = FormReader().finish(form.pdf, form.description, values)
    with pypdfium2.PdfDocument(final.pdf) as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    assert "Œuvré" in text and "Élodie Łucja" in text


def test_nothing_of_the_form_is_left_to_change_or_run() -> None:
    made = pdf_forms.request_for_a_home()
    pdf_forms.with_xfa(made)
    pdf_forms.with_programs(made)
    form = read_form(made.saved())
    final = FormReader().finish(form.pdf, form.description, {"total": "12"})
    with pikepdf.open(io.BytesIO(final.pdf)) as pdf:
        assert not {"/AcroForm", "/Perms", "/Names"} & set(pdf.Root.keys())
        assert [len(page.obj.get("/Annots", [])) for page in pdf.pages] == [0, 0]


def test_what_cannot_be_printed_is_told_before() -> None:
    form = read_form(pdf_forms.request_for_a_home().saved())
    values = {"nom": "باب", "cp": "021201", "demande": "Une ligne.\n" * 60, "sexe": "F"}
    final = FormReader().finish(form.pdf, form.description, values)
    assert final.remarks == {
        "nom": (Remark(RemarkKind.STRANGERS, "با"),),
        "cp": (Remark(RemarkKind.TOO_LONG, "1"),),
        "demande": (Remark(RemarkKind.OVERFLOWS),),
    }

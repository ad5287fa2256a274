# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own forms: each field has a label, dates and signatures are known, one page each."""

import io

import pikepdf
import pytest

from booking_web.domain.forms.asked import asked_at_first, checked
from booking_web.domain.forms.description import FieldKind
from booking_web.domain.forms.final import finish
from booking_web.domain.forms.reader import FormReader
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.telling.our_forms.making import make

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("form", OUR_FORMS.values(), ids=lambda each: each.name)
def test_all_that_a_form_asks_has_a_label_of_ours(form) -> None:
    made = make(form, FormReader())
    description = made.description
    assert {each.key for each in description.fields} == {
        each.key for each in form.asked
    }
    asked = checked(description, asked_at_first(description, form.asked))
    assert asked == form.asked
    assert len(description.pages) == 1
    kinds = {each.key: each.kind for each in description.fields}
    assert {key: kinds[key] for key in form.kinds} == dict(form.kinds)
    final = io.BytesIO()
    finish(made.pdf, description, {}, final)
    for pdf in (made.pdf, final.getvalue()):
        expect_tagged(pdf, form.title)


def expect_tagged(content: bytes, title: str) -> None:
    """Assert that who cannot see the form has its order, its language and its title."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked and "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "fr" and str(pdf.docinfo["/Title"]) == title
        for field in pdf.Root.get("/AcroForm", {}).get("/Fields", []):
            assert str(field["/TU"])


def test_what_is_signed_has_its_zone_and_what_is_not_has_none() -> None:
    signed = {
        name: sum(
            each.kind is FieldKind.SIGNATURE
            for each in make(form, FormReader()).description.fields
        )
        for name, form in OUR_FORMS.items()
    }
    assert signed == {"procuration": 2, "attestation": 1, "rappel": 0}


def test_a_choice_is_asked_in_the_words_of_the_page() -> None:
    description = make(OUR_FORMS["rappel"], FormReader()).description
    [moment] = [each for each in description.fields if each.kind is FieldKind.RADIO]
    assert [each.text for each in moment.options] == [
        "le matin",
        "l'après-midi",
        "peu importe",
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody filled in before a form was taken is told, and goes out of it."""

from collections.abc import Iterator

import pytest

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.reader import FormReader
from tests.factories.forms_read import draft_of, ink, picture, read_form
from tests.factories.pdf_forms import filled_in, request_for_a_home


@pytest.fixture(scope="module")
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


def test_what_somebody_filled_in_before_is_told() -> None:
    answered = read_form(filled_in().saved()).description.answered
    assert {each.key: each.value for each in answered} == {
        **{"nom": "Lefèvre", "accord": "Oui", "sexe": "M"},
        "commune": "02",
    }


def test_what_somebody_filled_in_before_is_taken_out(engine) -> None:
    with memory_file("test", filled_in().saved()) as file:
        emptied = FormReader().read(file, is_emptied=True)
    assert emptied.description.answered == ()
    # What the form itself begins with, or says, stays.
    kept = {each.key: each.value for each in emptied.description.fields if each.value}
    assert kept == {"demande": "Je demande", "reference": "12345*06"}
    draft = draft_of(emptied, {})
    blank = draft_of(read_form(request_for_a_home().saved()), {}, key="blank")
    for place in ("nom", "accord", "sexe#2", "commune"):
        drawn, empty = (
            picture(engine.show(each, place).png) for each in (draft, blank)
        )
        assert ink(drawn) == ink(empty)

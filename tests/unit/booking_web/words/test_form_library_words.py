# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each thing that a library or a draft does not take has a sentence that says what to do."""

import pytest
from flask import Flask
from flask_babel import Babel

from booking_web.domain.forms.asked import Known
from booking_web.domain.forms.description import FieldKind, LabelSource
from booking_web.domain.forms.errors import LibraryRefusal, ValueRefusal
from booking_web.domain.forms.handed_on import HandedFault
from booking_web.domain.forms.placed_checks import PlacedFault
from booking_web.words.form_fields import KINDS, SOURCES, fault_sentence
from booking_web.words.form_library import (
    KNOWN,
    handed_sentence,
    library_sentence,
    value_sentence,
)


@pytest.fixture(autouse=True)
def french():
    app = Flask(__name__)
    Babel(app, default_locale="fr")
    with app.test_request_context():
        yield


@pytest.mark.parametrize("reason", LibraryRefusal)
def test_a_refusal_of_the_library_says_what_to_do(reason) -> None:
    sentence = library_sentence(reason)
    assert sentence.endswith(".") and "%" not in sentence


@pytest.mark.parametrize("fault", HandedFault)
def test_a_library_that_is_not_taken_has_a_sentence(fault) -> None:
    sentence = handed_sentence(fault)
    assert sentence.endswith(".") and "%" not in sentence


@pytest.mark.parametrize("fault", PlacedFault)
def test_what_is_wrong_with_a_placed_field_says_what_to_do(fault) -> None:
    sentence = fault_sentence(fault)
    assert sentence.endswith(".") and "%" not in sentence


def test_each_kind_and_source_has_its_words() -> None:
    assert all(str(KINDS[each]) for each in FieldKind)
    assert all(str(SOURCES[each]) for each in LabelSource)


@pytest.mark.parametrize("reason", ValueRefusal)
def test_a_refused_value_is_told_without_the_value(reason) -> None:
    sentence = value_sentence(reason)
    assert sentence.endswith(".") and "%" not in sentence


def test_all_that_the_booking_knows_has_a_name() -> None:
    names = [str(KNOWN[each]) for each in Known]
    assert len(set(names)) == len(Known)

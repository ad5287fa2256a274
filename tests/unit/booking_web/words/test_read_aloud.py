# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a voice says of a form is what a person would read out of it."""

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import (
    FieldKind,
    FormDescription,
    Option,
    Page,
)
from booking_web.words.read_aloud import words_of_field, words_of_page
from tests.factories.forms_described import a_field


@pytest.fixture(autouse=True)
def in_french():
    app = Flask(__name__)
    Babel(app)
    with app.app_context(), force_locale("fr"):
        yield


YES = (Option("1", "Oui"), Option("0", "Non"))


@pytest.mark.parametrize(
    ("kind", "more", "value", "said"),
    [
        (FieldKind.TEXT, {}, "Mme Zoé Lefèvre-Œuvrard", "Mme Zoé Lefèvre-Œuvrard"),
        (FieldKind.TEXT, {}, "  ", "vide"),
        (FieldKind.TEXT, {}, "07/03/1948", "7 mars 1948"),
        (FieldKind.TEXT, {}, "7.3.1948", "7 mars 1948"),
        # No day of any calendar.
        (FieldKind.TEXT, {}, "31/02/1948", "31/02/1948"),
        (FieldKind.COMB, {}, "07031948", "7 mars 1948"),
        (FieldKind.COMB, {}, "99999999", "9 9 9 9 9 9 9 9"),
        (FieldKind.TEXT, {}, "07031948", "0 7 0 3 1 9 4 8"),
        (FieldKind.COMB, {}, "02630", "0 2 6 3 0"),
        (FieldKind.TEXT, {}, "1 250,50", "1 250,50"),
        (FieldKind.TEXT, {}, "12", "12"),
        (FieldKind.TEXT, {}, "01 99 00 01 02", "01, 99, 00, 01, 02"),
        (FieldKind.TEXT, {}, "0199000102", "01, 99, 00, 01, 02"),
        (FieldKind.TEXT, {}, "dossier 12345678", "dossier 1 2 3 4 5 6 7 8"),
        (FieldKind.BOX, {}, "Oui", "coché"),
        (FieldKind.BOX, {}, "", "non coché"),
        (FieldKind.RADIO, {"options": YES}, "1", "Oui"),
        (FieldKind.RADIO, {"options": YES}, "", "vide"),
        (FieldKind.CHOICE, {"options": YES}, "autre", "autre"),
        (FieldKind.SIGNATURE, {}, "", "à signer"),
    ],
)
def test_a_field_is_said_with_its_label(kind, more, value, said) -> None:
    assert words_of_field(a_field("f", kind, **more), "Nom : ......", value) == (
        f"Nom : {said}."
    )


def test_a_page_is_said_field_by_field_in_the_order_of_filling_in() -> None:
    form = FormDescription(
        (Page(1, 595, 842), Page(2, 595, 842)),
        (a_field("nom"), a_field("accord", FieldKind.BOX), a_field("vide")),
    )
    asked = [
        AskedField("accord", "J'accepte"),
        AskedField("nom", "Nom de famille"),
        AskedField("vide", "Prénom"),
    ]
    values = {"nom": "Lefèvre", "accord": "Oui"}
    assert words_of_page(form, asked, values, 1).splitlines() == [
        "Page 1.",
        "J'accepte : coché.",
        "Nom de famille : Lefèvre.",
        "Prénom : vide.",
    ]
    assert words_of_page(form, asked, values, 2).splitlines() == [
        "Page 2.",
        "Il n'y a rien à remplir sur cette page.",
    ]

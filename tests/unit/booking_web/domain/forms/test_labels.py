# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words that are a field's label are those that a person would take for it."""

import pytest

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.labels import suggested_label
from booking_web.domain.forms.reading import is_plain
from booking_web.domain.forms.words_printed import Printed

FIELD = Rectangle(100, 100, 120, 14)
BOX = Rectangle(100, 100, 10, 10)


def words(text: str, x: float, y: float, width: float = 40) -> Printed:
    return Printed(text, Rectangle(x, y, width, 10))


@pytest.mark.parametrize(
    "printed, label",
    [
        ([words("Nom :", 50, 102)], "Nom"),
        ([words("Nom :", 50, 102), words("Identité", 100, 86)], "Nom"),
        ([words("Votre nom", 100, 88)], "Votre nom"),
        ([words("en capitales", 140, 115)], "en capitales"),
        # Centred under a comb, as a caption is.
        ([words("Né(e) le", 50, 102), words("Jour", 140, 115)], "Jour"),
        ([words("Fait à ……………", 50, 102)], "Fait à"),
        ([words("le _ _ / _ _ /", 50, 102)], "le"),
        ([words("Trop loin", 100, 40)], ""),
        ([], ""),
    ],
)
def test_a_line_to_fill_in_is_called_what_stands_beside_it(printed, label) -> None:
    assert suggested_label(FIELD, printed, [FIELD], is_box=False) == label


def test_words_beyond_another_field_are_that_ones() -> None:
    other = Rectangle(60, 100, 30, 14)
    printed = [words("Jour", 20, 102, 38)]
    assert suggested_label(FIELD, printed, [FIELD, other], is_box=False) == ""
    assert suggested_label(other, printed, [FIELD, other], is_box=False) == "Jour"


@pytest.mark.parametrize(
    "printed, label",
    [
        ([words("Oui", 114, 100)], "Oui"),
        ([words("de", 84, 100, 12), words("Perte", 114, 100)], "Perte"),
        ([words("M", 90, 100, 9), words("F", 122, 100, 9)], "M"),
        ([words("Femme", 58, 100)], "Femme"),
    ],
)
def test_a_box_is_called_what_follows_or_clearly_precedes_it(printed, label) -> None:
    assert suggested_label(BOX, printed, [BOX], is_box=True) == label


@pytest.mark.parametrize(
    "tooltip, is_for_people",
    [
        ("Nom de naissance", True),
        ("Téléphone", True),
        ("N", True),
        ("txtNoms", False),
        ("ckbF", False),
        ("Champ_12", False),
        ("undefined", False),
        ("", False),
    ],
)
def test_a_tooltip_that_was_not_written_for_people_is_not_taken(
    tooltip, is_for_people
) -> None:
    assert is_plain(tooltip) is is_for_people

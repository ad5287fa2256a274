# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words that are a field's label are those that a person would take for it."""

from dataclasses import replace

import pytest

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    LabelSource,
    Place,
    Rectangle,
)
from booking_web.domain.forms.labels import (
    in_table,
    suggested_label,
    with_labels,
    with_printed_words,
)
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
    "printed, label",
    [
        # A remark is no label, where there is another.
        ([words("(en capitales)", 50, 102), words("Nom", 100, 88)], "Nom"),
        ([words("(en capitales)", 50, 102)], "(en capitales)"),
        # A sentence of two lines is read from its beginning.
        (
            [
                words("Pour un enfant, dites (les mots,", 100, 76),
                words("la marche) :", 100, 87),
            ],
            "Pour un enfant, dites (les mots, la marche)",
        ),
        (
            [words("Une autre chose :", 100, 76), words("la marche", 100, 87)],
            "la marche",
        ),
        (
            [words("Amélioration (dites la", 100, 88), words("durée) :", 100, 99)],
            "Amélioration (dites la durée)",
        ),
        # What is too long ends after a whole word.
        (
            [words("Dites " + "bien " * 20 + ":", 20, 102, 75)],
            "Dites" + " bien" * 16 + "…",
        ),
        # The second line ends where the first does, and asks.
        (
            [
                words("N° de dossier", 40, 98, 50),
                words("auprès de nous :", 20, 109, 70),
            ],
            "N° de dossier auprès de nous",
        ),
        (
            [words("N° de dossier :", 40, 98, 50), words("et autre :", 20, 109, 70)],
            "N° de dossier",
        ),
    ],
)
def test_a_label_is_a_whole_sentence_and_no_remark(printed, label) -> None:
    assert suggested_label(FIELD, printed, [FIELD], is_box=False) == label


def test_the_caption_of_a_field_is_not_the_label_of_what_stands_below() -> None:
    year = Rectangle(130, 76, 60, 10)
    printed = [words("Année", 140, 86)]
    assert suggested_label(FIELD, printed, [FIELD], is_box=False) == "Année"
    assert suggested_label(FIELD, printed, [FIELD, year], is_box=False) == ""


def test_words_under_a_field_are_those_of_the_field_that_begins_where_they_end() -> (
    None
):
    wide, next_line = Rectangle(100, 100, 300, 30), Rectangle(305, 132, 90, 14)
    printed = [words("Adresse :", 50, 110), words("N° de dossier", 240, 134, 60)]
    assert suggested_label(wide, printed, [wide], is_box=False) == "N° de dossier"
    label = suggested_label(wide, printed, [wide, next_line], is_box=False)
    assert label == "Adresse"


def test_a_cell_of_a_table_is_its_row_and_its_column() -> None:
    heads = [words("Avec", 320, 30), words("aide", 321, 41), words("Seul", 270, 40)]
    printed = [*heads, words("Marcher :", 20, 101), words("Se lever :", 20, 141)]
    # It goes over all columns, and is no head of one.
    printed.append(words("Ce que vous faites dans la journée", 200, 60, 200))
    for box, label in (
        (Rectangle(335, 100, 10, 10), "Marcher : Avec aide"),
        (Rectangle(285, 140, 10, 10), "Se lever : Seul"),
        (Rectangle(500, 300, 10, 10), ""),
    ):
        assert in_table(box, printed) == label


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


def digits(key: str, x: float, count: int, label: str = "") -> Field:
    """Make a field for so many digits, 12 points each."""
    place = Place(key, 1, Rectangle(x, 100, 12 * count, 14), 0)
    source = LabelSource.TOOLTIP if label else LabelSource.NAME
    made = Field(key, FieldKind.TEXT, (place,), label or key, source)
    return replace(made, max_length=count)


@pytest.mark.parametrize("caption", ["Jour", "JJ", None])
def test_day_month_and_year_say_of_what_date_they_are(caption) -> None:
    printed = [words("Né(e) le :", 50, 102, 46)]
    if caption:
        printed.append(words(caption, 102, 115, 20))
    row = [digits("a", 100, 2), digits("b", 130, 2), digits("c", 160, 4)]
    labelled = with_labels(row, {1: printed})
    assert [each.label for each in labelled] == [
        "Né(e) le : jour",
        "Né(e) le : mois",
        "Né(e) le : année",
    ]


def test_digits_that_are_no_date_or_have_tooltips_are_left() -> None:
    printed = {1: [words("Téléphone :", 40, 102, 56)]}
    twos = [digits(f"{each}", 100 + 30 * each, 2) for each in range(5)]
    assert not any("jour" in each.label for each in with_labels(twos, printed))
    told = [
        digits(each, 100 + 30 * number, count, f"Le {each}")
        for number, (each, count) in enumerate(
            {"jour": 2, "mois": 2, "année": 4}.items()
        )
    ]
    assert with_labels(told, printed) == tuple(told)


@pytest.mark.parametrize(
    "tooltip, label", [("A", "Lire"), ("Oui", "Lire"), ("Sait lire", "Sait lire")]
)
def test_a_tooltip_that_says_nothing_is_not_taken(tooltip, label) -> None:
    field = digits("p3.x", 100, 30, tooltip)
    [labelled] = with_labels([field], {1: [words("Lire", 50, 102)]})
    assert labelled.label == label


def test_a_tooltip_that_was_copied_to_other_fields_is_of_none_of_them() -> None:
    """As of a real form: "year of birth" on the month too, "Signature" on three places."""
    printed = [words("Né(e) le :", 50, 102, 46)]
    row = [
        digits("a", 100, 2, "Jour de naissance"),
        digits("b", 130, 2, "Année de naissance"),
        digits("c", 160, 4, "Année de naissance"),
    ]
    labelled = with_labels(row, {1: printed})
    assert [each.label for each in labelled] == [
        "Jour de naissance",
        "Né(e) le : mois",
        "Né(e) le : année",
    ]
    assert labelled[1].label_source is LabelSource.SUGGESTED


def test_a_tooltip_of_two_fields_stands_where_the_sheet_says_the_same_or_nothing() -> (
    None
):
    over = words("Commune", 50, 102)
    far = replace(over, rectangle=replace(over.rectangle, y=402))
    first = digits("a", 100, 30, "Ville")
    place = replace(first.places[0], rectangle=Rectangle(100, 400, 360, 14))
    second = replace(first, key="b", places=(place,))
    for printed in ([over, far], [over], []):
        labelled = with_labels([first, second], {1: printed})
        assert [each.label for each in labelled] == ["Ville", "Ville"]


@pytest.mark.parametrize(
    "printed, others, framed",
    [
        ([words("Prénom(s) :", 50, 102)], [], (50, 100, 220, 114)),
        # A wide gap within the label, and words in the middle of the line before it.
        ([words("Nom", 20, 102, 22), words("(s) :", 50, 102)], [], (20, 100, 220, 114)),
        ([words("Votre nom", 96, 88, 60)], [], (96, 88, 220, 114)),
        ([words("Né(e) le", 20, 102), words("à", 90, 102, 8)], [], (20, 100, 220, 114)),
        # The month of a date, its day before it.
        ([words("Né(e) le", 20, 102)], [(64, 100, 30, 14)], (20, 100, 220, 114)),
        (
            [words("Né(e) le", 20, 102), words("Mois", 140, 115)],
            [(64, 100, 30, 14)],
            (20, 100, 220, 125),
        ),
        # What is said of a box, and the caption of the field below, are not its own.
        ([words("J'accepte", 40, 102)], [(26, 102, 10, 10)], (100, 100, 220, 114)),
        ([words("Date", 100, 119)], [(100, 130, 120, 14)], (100, 100, 220, 114)),
        ([], [], (100, 100, 220, 114)),
    ],
)
def test_a_field_is_framed_with_the_whole_of_its_label(printed, others, framed) -> None:
    place = Place("nom", 1, FIELD, 0)
    all_fields = [FIELD, *(Rectangle(*each) for each in others)]
    found = with_printed_words(place, FieldKind.TEXT, printed, all_fields)
    assert (found.x, found.y, found.right, found.bottom) == framed


def test_a_box_is_framed_with_its_answer_and_the_question_of_a_yes() -> None:
    question, yes = words("Marié :", 40, 100), words("Oui", 114, 100, 20)
    for printed, left, right in (
        ([words("Je suis d'accord", 114, 100, 90), question], 100, 204),
        ([yes, question], 40, 134),
    ):
        place = Place("box", 1, BOX, 0)
        found = with_printed_words(place, FieldKind.BOX, printed, [BOX])
        assert (found.x, found.right) == (left, right)

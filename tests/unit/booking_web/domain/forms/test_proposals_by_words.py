# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields are proposed where the words of a flat form ask for them, and not where they do not."""

import pytest

from booking_web.domain.forms.description import FieldKind
from booking_web.domain.forms.placed import PlacedField
from tests.factories.forms_proposed import proposed_on
from tests.factories.pdf_forms import PdfForm, scanned

DATE, TEXT, SIGNATURE = FieldKind.DATE, FieldKind.TEXT, FieldKind.SIGNATURE


@pytest.fixture
def form() -> PdfForm:
    return PdfForm(has_fields=False)


def proposed(form: PdfForm) -> list[PlacedField]:
    return [each.field for each in proposed_on(form)]


def told(form: PdfForm) -> list[tuple[FieldKind, str]]:
    return [(each.kind, each.label) for each in proposed(form)]


@pytest.mark.parametrize("day", ["....../....../......", "____/____/20____"])
def test_a_day_in_three_parts_is_one_date(form, day) -> None:
    form.words(f"Date du versement : {day}", 50, 700)
    [field] = proposed(form)
    assert (field.kind, field.label) == (DATE, "Date du versement")
    assert field.rectangle.width > 50


def test_the_end_of_a_letter_has_a_place_a_day_and_a_signature(form) -> None:
    form.words("Nom : ................................", 50, 760)
    form.words("Fait à ........................", 50, 200)
    form.words("le ........................", 250, 200)
    form.words("Signature du demandeur", 50, 160)
    assert told(form) == [
        (TEXT, "Nom"),
        (TEXT, "Fait à"),
        (DATE, "le"),
        (SIGNATURE, "Signature du demandeur"),
    ]


def test_words_alone_at_the_end_are_enough(form) -> None:
    form.words("Nom : ................................", 50, 760)
    form.words("Fait à", 50, 200)
    form.words("le", 300, 200)
    form.words("Signature", 50, 170)
    form.words("Cachet de l'employeur", 300, 170)
    kinds = [each.kind for each in proposed(form)]
    assert kinds == [TEXT, TEXT, DATE, SIGNATURE, SIGNATURE]
    place, day = proposed(form)[1:3]
    assert place.rectangle.right <= 300 and day.rectangle.x > 305
    one, other = (each.rectangle for each in proposed(form)[3:])
    assert one.right < other.x and min(one.height, other.height) >= 30


def test_a_sentence_about_signatures_asks_for_none(form) -> None:
    form.words("Nom : ................................", 50, 760)
    form.words("La signature doit rester dans le cadre.", 50, 300)
    form.words("Signature", 50, 200)
    form.words("Le formulaire est signé par la personne elle-même.", 50, 186)
    assert [each.kind for each in proposed(form)] == [TEXT]


def test_a_frame_to_sign_in_keeps_its_day(form) -> None:
    form.words("Date et signature", 60, 262)
    form.draw(b"50 200 300 60 re S")
    form.words("...../...../.....", 56, 230)
    form.words("Photographie", 402, 262)
    form.draw(b"400 160 100 100 re S")
    day, signature = proposed(form)
    assert (day.kind, signature.kind) == (DATE, SIGNATURE)
    assert signature.rectangle.x >= day.rectangle.right
    assert signature.rectangle.right == pytest.approx(350, abs=1)


def test_the_line_over_footnotes_is_none_to_write_on(form) -> None:
    form.draw(b"0.5 w 50 90 m 200 90 l S 0.5 w 50 400 m 200 400 l S")
    form.words("1 Pour les associations inscrites.", 50, 80)
    [field] = proposed(form)
    assert field.rectangle.bottom == pytest.approx(442, abs=1)


LABELS = (
    ("Nom de naissance :", "Date de naissance :"),
    ("Prénom :", "Département de naissance :"),
    ("Adresse :", "Commune de naissance :"),
    ("Code postal :", "Nationalité :"),
    ("Commune :", "Régime social :"),
    ("Téléphone :", "Situation avant ce contrat :"),
)


def in_two_columns(form) -> None:
    for line, (left, right) in enumerate(LABELS):
        form.words(left, 50, 760 - 24 * line)
        form.words(right, 310, 760 - 24 * line)


def test_a_page_of_labels_alone_has_a_field_after_each(form) -> None:
    in_two_columns(form)
    form.words("Travailleur handicapé :", 50, 600)
    form.words("oui", 220, 600)
    form.words("non", 280, 600)
    form.words("Du", 50, 570)
    form.words("au", 200, 570)
    fields = proposed(form)
    kinds = [each.kind for each in fields]
    assert kinds.count(FieldKind.RADIO) == 2
    assert kinds.count(DATE) >= 1
    by_label = {each.label: each for each in fields}
    for label in ("Nom de naissance", "Commune", "Régime social", "Date de naissance"):
        assert label in by_label
    # The left column ends where the right one begins.
    assert by_label["Prénom"].rectangle.right <= 310
    assert by_label["Date de naissance"].kind is DATE
    choice = [each for each in fields if each.kind is FieldKind.RADIO]
    assert {each.label for each in choice} == {"Travailleur handicapé"}
    assert [each.value for each in choice] == ["Oui", "Non"]


def test_so_has_a_picture_of_such_a_page_though_nobody_reads_it(form) -> None:
    in_two_columns(form)
    form.words("Un texte sans question, avec un point. Et puis.", 50, 560)
    drawn = {round(each.rectangle.y): each.rectangle for each in proposed(form)}
    fields = proposed(scanned(form.saved()))
    assert [each.kind for each in fields] == [TEXT] * 12
    # Where those of the page itself are, two points more or less.
    for each in fields:
        near = [other for y, other in drawn.items() if abs(y - each.rectangle.y) <= 5]
        assert near, each.rectangle
    left = [each for each in fields if each.rectangle.x < 300]
    assert len(left) == 6
    assert all(each.rectangle.right <= 311 for each in left)


def test_an_empty_picture_or_one_of_a_text_has_no_field(form) -> None:
    assert proposed(scanned(form.saved())) == []
    for line in range(20):
        words = "Madame, Monsieur, voici la réponse ; elle est longue. Merci."
        form.words(words, 60, 700 - 20 * line)
    assert proposed(scanned(form.saved())) == []


def test_where_there_is_something_to_write_on_a_colon_asks_for_nothing(form) -> None:
    form.words("Cochez la case concernée :", 50, 760)
    form.draw(b"50 730 10 10 re S")
    form.words("Association", 64, 731)
    form.words("Autre : ................................", 50, 700)
    assert [each.kind for each in proposed(form)] == [FieldKind.BOX, TEXT]

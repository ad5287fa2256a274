# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is drawn on a flat form becomes the fields that a person would see there, and no others."""

import pytest

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.proposals_taken import free_proposals
from booking_web.domain.forms.proposed import Why
from booking_web.domain.forms.words_printed import Letter, without_false_signs
from tests.factories.forms_proposed import layout_of, proposed_on
from tests.factories.pdf_forms import PdfForm

BOX, COMB, RADIO, TEXT = FieldKind.BOX, FieldKind.COMB, FieldKind.RADIO, FieldKind.TEXT


@pytest.fixture
def form() -> PdfForm:
    return PdfForm(has_fields=False)


def told(form: PdfForm) -> list[tuple[FieldKind, str]]:
    return [(each.field.kind, each.field.label) for each in proposed_on(form)]


def open_cells(form: PdfForm, x: float, y: float, count: int) -> float:
    """Draw cells that stand open, each by itself, and give where they end."""
    for each in range(count):
        left = x + 14.8 * each
        form.draw(
            b"%g %g m %g %g l %g %g l %g %g l S"
            % (left, y + 4, left, y, left + 12.4, y, left + 12.4, y + 4)
        )
    return x + 14.8 * count


def test_cells_that_stand_open_are_a_row_of_letters(form) -> None:
    form.words("Code postal :", 50, 700)
    open_cells(form, 130, 698, 5)
    form.words("Nombre d'enfants :", 50, 660)
    open_cells(form, 150, 658, 1)
    one, other = proposed_on(form)
    assert (one.field.kind, one.field.cells) == (COMB, 5)
    assert (one.why, one.is_sure) == (Why.CELLS, True)
    assert one.field.rectangle.width == pytest.approx(71.6, abs=0.5)
    assert (other.field.kind, other.field.cells) == (COMB, 1)


def test_day_month_and_year_are_three_and_say_so(form) -> None:
    form.words("Né(e) le :", 50, 700)
    x = 130.0
    for count in (2, 2, 4):
        x = open_cells(form, x, 698, count) + 6
    assert told(form) == [
        (COMB, "Né(e) le : jour"),
        (COMB, "Né(e) le : mois"),
        (COMB, "Né(e) le : année"),
    ]


def test_five_twos_are_a_telephone_number_and_no_day(form) -> None:
    form.words("Téléphone :", 50, 700)
    x = 130.0
    for _ in range(5):
        x = open_cells(form, x, 698, 2) + 6
    assert not any("jour" in label for _, label in told(form))


def test_the_line_of_a_table_parts_two_rows_of_cells(form) -> None:
    end = open_cells(form, 130, 698, 8)
    open_cells(form, end, 698, 8)
    # It leans a little, as lines of programs for layout do.
    form.draw(b"%g 600 m %g 760 l S" % (end - 1.6, end - 0.9))
    assert [each.field.cells for each in proposed_on(form)] == [8, 8]


def test_bullets_badges_and_dark_bars_are_nothing_to_write_upon(form) -> None:
    form.draw(b"0 0.2 0.5 rg 50 700 7 7 re f 50 620 80 40 re f")
    form.words("Salarié", 64, 700)
    form.draw(b"0 g 50 560 10 10 re S")
    form.words("Apprenti", 64, 561)
    assert told(form) == [(BOX, "Apprenti")]


def test_a_frame_with_a_tint_is_written_upon(form) -> None:
    form.words("Adresse :", 50, 706)
    form.draw(b"0.9 0.93 1 rg 130 700 200 16 re f 0 g")
    form.words("1", 400, 400)
    assert told(form) == [(TEXT, "Adresse")]


@pytest.mark.parametrize(
    "words",
    [
        "Emplacement réservé",
        "Cadre réservé à l'administration",
        "Partie réservée à la Caf",
        "NE PAS REMPLIR",
        "Ne rien inscrire dans ce cadre",
    ],
)
def test_what_is_kept_for_those_who_receive_it_is_left(form, words) -> None:
    form.words("Nom : ................................", 50, 700)
    form.words(words, 54, 208)
    form.draw(b"50 60 495 140 re S")
    form.words("N° : ................................", 60, 120)
    assert told(form) == [(TEXT, "Nom")]


def test_dots_that_lead_to_cells_wait_for_somebody_to_look(form) -> None:
    form.words("Vous êtes marié depuis le ..........................", 50, 700)
    open_cells(form, 262, 699, 8)
    form.words("Nom : ................................", 50, 660)
    dots, cells, name = proposed_on(form)
    assert (dots.why, dots.is_sure) == (Why.DOTS, False)
    assert cells.is_sure and name.is_sure


def test_yes_and_no_are_one_choice_under_their_question(form) -> None:
    form.words("Êtes-vous propriétaire ?", 50, 700)
    form.draw(b"200 700 9 9 re S 260 700 9 9 re S 340 700 9 9 re S")
    form.words("oui", 213, 701)
    form.words("non", 273, 701)
    form.words("locataire", 353, 701)
    yes, no, other = proposed_on(form)
    assert yes.field.key == no.field.key != other.field.key
    for each, answer in ((yes, "Oui"), (no, "Non")):
        assert (each.field.kind, each.field.value) == (RADIO, answer)
        assert each.field.label == "Êtes-vous propriétaire ?"
    assert other.field.kind is BOX
    # It is still one where its name is another's already.
    layout = layout_of(form)
    taken = [other.field.__class__(yes.field.key, TEXT, 9, yes.field.rectangle, "Nom")]
    [free] = free_proposals(taken, [layout])
    first, second, _ = free.proposed
    assert first.field.key == second.field.key != yes.field.key


def test_each_empty_cell_of_a_table_is_a_field_of_its_row_and_column(form) -> None:
    for x in (50, 200, 320, 440):
        form.draw(b"%g 600 m %g 690 l S" % (x, x))
    for y in (600, 630, 660, 690):
        form.draw(b"50 %g m 440 %g l S" % (y, y))
    form.words("Salaires", 240, 672)
    form.words("Pensions", 358, 672)
    form.words("Vous", 54, 641)
    form.words("Conjoint", 54, 611)
    sure = [each.field.label for each in proposed_on(form) if each.is_sure]
    assert sure == [
        "Vous : Salaires",
        "Vous : Pensions",
        "Conjoint : Salaires",
        "Conjoint : Pensions",
    ]


@pytest.mark.parametrize(
    "text, is_letter", [("N\ue001m ", True), ("\ue001 Oui \ue001 Non ", False)]
)
def test_letters_of_a_font_that_tells_none_are_no_boxes(text, is_letter) -> None:
    """They come as signs in the middle of words; see `words_printed`."""
    letters = [
        Letter(each, Rectangle(50 + 6 * number, 50, 6, 10), 10)
        for number, each in enumerate(text * 3)
    ]
    kept = without_false_signs(letters)
    assert (None in kept) is is_letter


def rounded(x: float, y: float, width: float, height: float, r: float) -> bytes:
    """Draw a frame with round corners."""
    k, right, top = 0.45 * r, x + width, y + height
    return (
        b"%g %g m %g %g l %g %g %g %g %g %g c %g %g l %g %g %g %g %g %g c "
        b"%g %g l %g %g %g %g %g %g c %g %g l %g %g %g %g %g %g c h S "
        % (
            *(x + r, y, right - r, y),
            *(right - k, y, right, y + k, right, y + r, right, top - r),
            *(right, top - k, right - k, top, right - r, top, x + r, top),
            *(x + k, top, x, top - k, x, top - r, x, y + r),
            *(x, y + k, x + k, y, x + r, y),
        )
    )


def circle(x: float, y: float, r: float) -> bytes:
    """Draw a circle of four curves."""
    k = 0.5523 * r
    return b"%g %g m %g %g %g %g %g %g c %g %g %g %g %g %g c " % (
        *(x + r, y, x + r, y + k, x + k, y + r, x, y + r),
        *(x - k, y + r, x - r, y + k, x - r, y),
    ) + b"%g %g %g %g %g %g c %g %g %g %g %g %g c h S " % (
        *(x - r, y - k, x - k, y - r, x, y - r),
        *(x + k, y - r, x + r, y - k, x + r, y),
    )


def test_a_title_in_a_round_frame_is_no_field(form) -> None:
    form.draw(rounded(80, 700, 440, 80, 10))
    form.words("Déclaration de la liste", 220, 750)
    form.words("des associations", 230, 730)
    form.words("Nom : ................................", 50, 600)
    assert told(form) == [(TEXT, "Nom")]


def test_circles_are_ticked_and_numbers_in_them_are_badges(form) -> None:
    form.draw(circle(60, 705, 5) + circle(160, 705, 5) + circle(60, 650, 7))
    form.words("Adhésion", 70, 701)
    form.words("Retrait", 170, 701)
    form.words("1", 57.5, 647)
    form.words("Votre situation", 72, 647)
    assert told(form) == [(BOX, "Adhésion"), (BOX, "Retrait")]


def test_the_hollow_of_a_letter_that_leans_is_no_circle(form) -> None:
    """As wide as high, and oval: "Confidentiel" across a real form had two boxes to tick."""
    leaning = b"q .7071 .7071 -.7071 .7071 60 705 cm 1 0 0 .8 0 0 cm "
    form.draw(leaning + circle(0, 0, 5) + b"Q")
    form.words("Certificat", 70, 701)
    assert told(form) == []


def test_a_line_across_the_page_is_written_upon_beside_its_labels(form) -> None:
    for y in (700, 680, 660, 620):
        form.draw(b"0.5 w [1 2] 0 d 30 %g m 560 %g l S" % (y, y))
    form.words("Votre adresse :", 32, 703)
    form.words("Commune :", 32, 683)
    form.words("Code postal :", 300, 683)
    form.words("Une ligne qui sépare deux parties, plus loin des autres", 32, 600)
    assert told(form) == [
        (TEXT, "Votre adresse"),
        (TEXT, "Commune"),
        (TEXT, "Code postal"),
        (TEXT, "Commune"),
    ]
    address, commune, postcode, more = (
        each.field.rectangle for each in proposed_on(form)
    )
    assert address.right == pytest.approx(558, abs=1) and commune.right <= 300
    assert commune.x > 80 and postcode.x > 360
    assert more.x == pytest.approx(30, abs=1)


def test_the_head_of_a_column_is_none_of_its_cells(form) -> None:
    for y in (700, 660, 640, 620):
        form.draw(b"50 %g m 300 %g l S" % (y, y))
    form.draw(b"50 620 m 50 700 l S 300 620 m 300 700 l S")
    form.words("Nom et prénom", 54, 689)
    assert [each.field.rectangle.y for each in proposed_on(form)] == [182, 202]


def test_what_a_cell_says_in_its_middle_is_no_caption(form) -> None:
    form.draw(b"50 600 60 100 re S 110 600 200 100 re S")
    form.words("Lundi", 60, 646)
    [cell] = proposed_on(form)
    assert cell.field.rectangle.x == pytest.approx(110, abs=1)
    assert cell.field.label == "Lundi"


def test_grounds_that_reach_the_edge_of_the_page_are_no_frames(form) -> None:
    form.draw(b"0.9 0.93 1 rg 0 500 595 80 re f 560 300 100 60 re f 0 g")
    form.words("Nom : ................................", 50, 700)
    assert told(form) == [(TEXT, "Nom")]


def test_the_cell_before_the_first_stroke_is_one_too(form) -> None:
    form.words("Né(e) le :", 50, 700)
    form.draw(b"130 698 m 246 698 l S ")
    for each in range(1, 9):
        form.draw(b"%g 698 m %g 705 l S " % (130 + 14.5 * each, 130 + 14.5 * each))
    [cells] = proposed_on(form)
    assert (cells.field.kind, cells.field.cells) == (COMB, 8)

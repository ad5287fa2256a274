# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is printed is taken as it looks: full signs are no boxes, a letter may be cells."""

import pypdfium2
import pytest

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.lines_seen import looked_at
from booking_web.domain.forms.words_printed import Printed
from tests.factories.pdf_forms import PdfForm

PLACE = Rectangle(50, 132, 10, 10)
WORDS = Printed("Oui", Rectangle(64, 132, 20, 10))


@pytest.mark.parametrize(
    "drawn, is_box",
    [
        (b"0 g 1 w 50.5 700.5 9 9 re S", True),
        (b"0 g 1 w 50.5 700.5 9 9 re S 50.5 700.5 m 53 703 l S", True),
        (b"0.95 0.7 0.2 rg 50 700 m 60 705 l 50 710 l f", False),
        (b"0 g 50 700 10 10 re f", False),
        # On a tint as on paper.
        (b"0.9 0.93 1 rg 0 600 500 200 re f 0 g 50.5 700.5 9 9 re S", True),
    ],
)
def test_a_full_sign_is_no_box(drawn, is_box) -> None:
    form = PdfForm(has_fields=False)
    form.draw(drawn)
    sign = Printed("", PLACE, is_sign=True)
    with pypdfium2.PdfDocument(form.saved()) as pdf:
        kept = looked_at(pdf[0], [sign, WORDS])
    assert kept == ([sign, WORDS] if is_box else [WORDS])


def cells(x: float, count: int) -> bytes:
    """Draw cells of 12 points on a base, as a font may do in one letter."""
    strokes = b"".join(
        b"%g 700 m %g 704 l " % (x + 12 * n, x + 12 * n) for n in range(count + 1)
    )
    return b"0.4 0.1 0.5 RG 1 w %s%g 700 m %g 700 l S " % (strokes, x, x + 12 * count)


def test_a_letter_that_is_rows_of_cells_has_their_strokes() -> None:
    form = PdfForm(has_fields=False)
    form.draw(cells(50, 13) + cells(217, 2))
    letter = Printed("", Rectangle(48, 132, 196, 10), is_leader=True)
    dots = Printed("", Rectangle(50, 300, 200, 10), is_leader=True)
    form.words("." * 70, 50, 535)
    with pypdfium2.PdfDocument(form.saved()) as pdf:
        one, other, left = looked_at(pdf[0], [letter, dots])
    assert (len(one.bars), len(other.bars)) == (14, 3)
    assert one.bars[0] == pytest.approx(50, abs=1)
    assert other.rectangle.right == pytest.approx(241, abs=1)
    assert left == dots

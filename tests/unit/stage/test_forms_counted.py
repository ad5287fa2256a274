# SPDX-License-Identifier: AGPL-3.0-or-later
"""`script/forms` holds what is found on a form against the form's own fields and tooltips."""

import json
from functools import cache
from pathlib import Path

from click.testing import CliRunner
from pikepdf import String

from booking_web.domain.forms.reader import FormReader
from stage.forms_counted import Counted, Share, count, main, same_words, table
from tests.factories.pdf_forms import PdfForm


@cache
def reader() -> FormReader:
    return FormReader()


def form() -> PdfForm:
    """Make a form: a line with its field, one without, a box, and one that nobody can see."""
    made = PdfForm()
    made.words("Nom :", 50, 760)
    made.draw(b"0.5 w 90 756 m 300 756 l S")
    made.field("a", (90, 756, 300, 770), TU=String("Nom de la personne"))
    made.words("Observations :", 50, 700)
    made.draw(b"0.5 w 130 696 m 300 696 l S")
    made.draw(b"50 660 10 10 re S")
    made.words("Prénom", 64, 661)
    made.box("b", (50, 660, 60, 670), TU=String("Je suis marié"))
    made.field("c", (400, 300, 500, 314), TU=String("Prénom"))
    made.field("d", (400, 260, 500, 274))
    return made


def test_each_kind_is_counted() -> None:
    counted = count(reader(), form().saved())
    assert counted == Counted(
        pages=1,
        fields=4,
        named=Share(4, 3),
        labels=Share(3, 1),
        prefilled=Share(1, 0),
        proposed=Share(3, 3),
        right=Share(4, 2),
        wrong=1,
        doubtful=0,
        missed=2,
    )


def test_answers_that_were_left_in_a_form_are_none_of_it() -> None:
    made = PdfForm()
    made.words("Nom :", 50, 760)
    made.draw(b"0.5 w 90 756 m 300 756 l S")
    for each in range(3):
        made.field(f"{each}", (90, 300 + 20 * each, 300, 314 + 20 * each))
    made.field("a", (90, 756, 300, 770), V=String("Lefèvre, née Martin, à Guise"))
    counted = count(reader(), made.saved())
    assert (counted.right, counted.wrong) == (Share(4, 1), 0)


def test_a_form_of_remnants_of_fields_has_no_truth() -> None:
    made = PdfForm()
    made.words("Nom :", 50, 760)
    made.draw(b"0.5 w 90 756 m 300 756 l S")
    made.field("a", (400, 300, 500, 314))
    counted = count(reader(), made.saved())
    assert (counted.proposed, counted.right, counted.wrong) == (Share(1, 1), Share(), 0)


def test_a_form_that_is_refused_is_told_and_left_out(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(form().saved())
    bad.write_bytes(b"%PDF-1.7 nothing")
    done = CliRunner().invoke(main, [str(good), str(bad)])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 4 and lines[2].startswith("| good | 1 | 4 | 3 of 4 |")
    assert lines[3].replace("| all |", "| good |") == lines[2]
    assert "bad.pdf: " in done.stderr
    told = json.loads(CliRunner().invoke(main, ["--json", str(good)]).stdout)
    assert told["good"]["right"] == {"of": 4, "count": 2}


def test_the_sum_is_that_of_all_forms() -> None:
    one = Counted(
        1, 2, Share(2, 1), Share(), Share(), Share(4, 4), Share(4, 3), 1, 0, 1
    )
    *_, last = table([("a", one), ("b", one)])
    assert last == "| all | 2 | 4 | 2 of 4 |  |  | 8 of 8 | 6 of 8 | 2 | 0 | 2 |"


def test_words_are_the_same_whatever_is_around_them() -> None:
    assert same_words("Veuillez saisir votre code postal", "Code postal :")
    assert not same_words("Veuillez saisir votre code postal", "Commune")
    assert not same_words("", "Commune")

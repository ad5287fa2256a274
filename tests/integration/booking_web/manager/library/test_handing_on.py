# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library is downloaded as one file, and another organisation takes its forms."""

import io

import pytest

from booking_web.domain.forms.asked import Known
from booking_web.domain.forms.description import FieldKind
from tests.factories.handed_on import a_library, zipped
from tests.integration.booking_web.manager.library.page_forms import sent_form

PAGE = "/organisme/formulaires"


def preview(manager, content: bytes):
    form = manager.form("/reprendre", "/reprendre")
    form["file"] = (io.BytesIO(content), "formulaires.zip")
    return manager.client.post(
        f"{PAGE}/reprendre", data=form, content_type="multipart/form-data"
    )


def test_what_is_handed_on_is_taken_with_labels_and_placed_fields(manager) -> None:
    for name in ("procuration", "rappel"):
        address = f"/nos-formulaires/{name}"
        manager.send(address, manager.form("/ajouter", address))
    page = manager.read("/transmettre")
    assert "Procuration pour une démarche" in page
    # A number that no form can have is none.
    address = f"{PAGE}/transmettre/bibliotheque.zip?form=1&form=2&form={'9' * 5000}"
    got = manager.client.get(address)
    assert got.mimetype == "application/zip"
    before = [manager.edition(each) for each in (1, 2)]
    shown = preview(manager, got.data)
    assert shown.status_code == 200
    assert "Vous avez déjà un formulaire de ce titre." in shown.text
    assert manager.forms() == ["Procuration pour une démarche", "Demande de rappel"]
    form = sent_form(shown.text, f"{PAGE}/reprendre/valider")
    form.setlist("form", ["0", "1"])
    assert manager.send("/reprendre/valider", form).status_code == 303
    # Sent again, it does nothing more.
    manager.send("/reprendre/valider", form)
    assert len(manager.forms()) == 4
    for was, number in zip(before, (3, 4)):
        now = manager.edition(number)
        assert (now.title, now.asked) == (was.title, was.asked)
        assert now.description.placed == was.description.placed
        assert [each.kind for each in now.description.fields] == [
            each.kind for each in was.description.fields
        ]


def test_only_what_is_chosen_is_taken(manager) -> None:
    shown = preview(manager, a_library("Une", "Deux", "Trois"))
    form = sent_form(shown.text, f"{PAGE}/reprendre/valider")
    assert form.getlist("form") == ["0", "1", "2"]
    form.setlist("form", ["1"])
    manager.send("/reprendre/valider", form)
    assert manager.forms() == ["Deux"]
    assert manager.edition().asked[0].label.startswith("Dit : ")


@pytest.mark.parametrize(
    "content, words",
    [
        (b"nothing", "pas une bibliothèque"),
        (zipped({"../1.pdf": b"%PDF-"}, forms=[]), "pas une bibliothèque"),
        (a_library("Une")[:-30], "pas une bibliothèque"),
    ],
)
def test_a_file_that_is_none_is_refused(manager, content, words) -> None:
    answer = preview(manager, content)
    assert answer.status_code == 422 and words in answer.text
    assert manager.forms() == []


def test_a_preview_of_somebody_elses_is_not_there(manager) -> None:
    form = manager.form("/reprendre", "/reprendre")
    form["fichier"], form["form"] = "guessed", "0"
    answer = manager.send("/reprendre/valider", form)
    assert answer.status_code == 422 and "plus d'une heure" in answer.text.replace(
        "&#39;", "'"
    )


def test_our_forms_are_taken_with_what_the_booking_knows(manager) -> None:
    assert manager.client.get(f"{PAGE}/nos-formulaires/rappel.pdf").data[:5] == b"%PDF-"
    assert manager.client.get(f"{PAGE}/nos-formulaires/none.pdf").status_code == 404
    address = "/nos-formulaires/procuration"
    manager.send(address, manager.form("/ajouter", address))
    edition = manager.edition()
    assert edition.asked[0].known is Known.NAME
    kinds = [each.kind for each in edition.description.fields]
    assert kinds.count(FieldKind.SIGNATURE) == 2

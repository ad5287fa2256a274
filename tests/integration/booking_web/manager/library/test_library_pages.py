# SPDX-License-Identifier: AGPL-3.0-or-later
"""A manager adds forms, says how their fields are asked, withdraws them and puts them back."""

import hashlib

import pytest

from booking_web.domain.forms.asked import Known
from booking_web.shell.archive import archive
from tests.factories import pdf_forms
from tests.factories.forms_read import read_form
from tests.integration.booking_web.manager.library.page_forms import sent_form


def test_a_library_begins_empty_and_leads_to_adding(manager) -> None:
    page = manager.read()
    assert "Votre bibliothèque est vide" in page and "/ajouter" in page


def test_a_pdf_with_fields_is_taken_and_its_fields_are_shown(manager) -> None:
    answer = manager.upload(pdf_forms.request_for_a_home().saved())
    assert answer.location == "/organisme/formulaires/1"
    page = manager.read("/1")
    assert manager.forms() == ["un formulaire"]
    assert page.count('class="field-row"') == len(manager.edition().asked) > 5
    for words in ("une ligne de texte, page 1", "Libellé donné par le PDF."):
        assert words in page


def test_a_flat_pdf_leads_to_placing_its_fields(manager) -> None:
    answer = manager.upload(pdf_forms.flat().saved(), "Demande")
    assert answer.location == "/organisme/formulaires/1/champs"
    assert "champs à placer" in manager.read()


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "Ce fichier est vide"),
        (b"\x89PNG", "n'est pas un PDF"),
        (b"%PDF-1.7 abc", "La fin de ce PDF manque"),
        (b"%PDF-1.7 abc startxref", "est abîmé"),
    ],
)
def test_a_file_that_is_no_form_is_refused_and_the_title_is_kept(
    manager, content, words
) -> None:
    answer = manager.upload(content, "Mon titre")
    assert answer.status_code == 422 and words in answer.text.replace("&#39;", "'")
    assert 'value="Mon titre"' in answer.text
    assert manager.forms() == []


def test_xfa_alone_is_refused_with_what_helps(manager) -> None:
    answer = manager.upload(pdf_forms.xfa_only().saved())
    assert (
        answer.status_code == 422 and "imprimez-le dans un fichier PDF" in answer.text
    )
    assert manager.forms() == []


def test_fields_are_asked_as_the_manager_says(filled) -> None:
    form = filled.form("/1")
    labels, knowns = form.getlist("label"), form.getlist("known")
    labels[0], knowns[1] = "  Votre  nom ", Known.NAME.value
    form.setlist("label", labels)
    form.setlist("known", knowns)
    answer = filled.send("/1", form)
    assert answer.status_code == 303
    asked = filled.edition().asked
    assert asked[0].label == "Votre nom" and asked[1].known is Known.NAME


def test_what_is_refused_comes_back_as_it_was_typed(filled) -> None:
    before = filled.edition().asked
    form = filled.form("/1")
    labels = form.getlist("label")
    labels[0], labels[1] = " ", "Autre chose"
    form.setlist("label", labels)
    answer = filled.send("/1", form)
    assert answer.status_code == 422
    assert "Dites en quelques mots" in answer.text and "Autre chose" in answer.text
    assert filled.edition().asked == before


def test_a_field_goes_up_without_scripts_and_nothing_is_saved_yet(filled) -> None:
    before = filled.edition().asked
    form = filled.form("/1")
    form["deplacer"] = "haut-2"
    page = filled.send("/1", form).text
    assert page.index(f'value="{before[1].key}"') < page.index(
        f'value="{before[0].key}"'
    )
    assert filled.edition().asked == before


def test_of_two_managers_the_second_keeps_what_was_typed(filled) -> None:
    first, second = filled.form("/1"), filled.form("/1")
    for form, word in ((first, "Du premier"), (second, "Du second")):
        form.setlist("label", [word, *form.getlist("label")[1:]])
    assert filled.send("/1", first).status_code == 303
    answer = filled.send("/1", second)
    assert answer.status_code == 409
    assert "Quelqu&#39;un a changé ce formulaire" in answer.text
    assert "Du second" in answer.text and "Du premier" in answer.text
    assert filled.edition().asked[0].label == "Du premier"
    # The page that came back has seen it: it may be sent now.
    again = filled.form("/1")
    again.setlist("label", second.getlist("label"))
    assert filled.send("/1", again).status_code == 303
    assert filled.edition().asked[0].label == "Du second"


def test_forms_are_put_in_order_withdrawn_and_put_back(filled) -> None:
    form = filled.form("", "/2/ordre")
    assert filled.send("/2/ordre", form, sens="haut").status_code == 303
    assert filled.forms() == ["Demande", "Domiciliation"]
    gone = filled.send("/1/retirer", filled.form("", "/1/retirer"))
    page = filled.client.get(gone.location).text
    assert "Annuler : le proposer à nouveau" in page and "Plus proposés" in page
    filled.send("/1/remettre", filled.form("", "/1/remettre"))
    assert "Plus proposés" not in filled.read()


def test_a_form_gets_another_title_or_keeps_its_own(filled) -> None:
    form = filled.form("/1", "/1/titre")
    assert filled.send("/1/titre", form, title="  ").status_code == 422
    assert filled.forms()[0] == "Domiciliation"
    filled.send("/1/titre", filled.form("/1", "/1/titre"), title="Élection de domicile")
    assert filled.forms()[0] == "Élection de domicile"


def test_a_new_edition_says_what_stays_and_what_is_new(filled) -> None:
    form = filled.form("/1")
    form.setlist("label", ["Votre nom", *form.getlist("label")[1:]])
    filled.send("/1", form)
    made = pdf_forms.request_for_a_home()
    made.field("nouveau", [100, 20, 200, 36], TU="Un champ nouveau")
    answer = filled.upload(made.saved(), address="/1/edition")
    assert answer.status_code == 303
    page = filled.read("/1")
    edition = filled.edition()
    assert edition.number == 2 and edition.asked[0].label == "Votre nom"
    assert "Ce qui change depuis l'édition 1" in page
    assert "Un champ nouveau" in page and "2 éditions" in page


def test_pages_and_pdf_are_given(filled) -> None:
    edition = filled.edition()
    address = f"/organisme/formulaires/1/editions/{edition.id}"
    picture = filled.client.get(f"{address}/page-1.jpg")
    assert picture.mimetype == "image/jpeg" and picture.data[:2] == b"\xff\xd8"
    assert filled.client.get(f"{address}/page-9.jpg").status_code == 404
    assert filled.client.get(f"{address}.pdf").data.startswith(b"%PDF-")
    assert filled.client.get("/organisme/formulaires/99").status_code == 404


def test_what_somebody_filled_in_is_shown_and_goes_by_one_key(manager) -> None:
    page = manager.upload(pdf_forms.filled_in().saved(), "Domiciliation").text
    assert "4 de ses 10 champs contiennent déjà quelque chose" in page
    for words in ("Lefèvre", "Monsieur", "Guise", "coché"):
        assert words in page
    assert manager.forms() == []
    form = sent_form(page, "/organisme/formulaires/ajouter")
    assert manager.send("/ajouter", form, reponses="effacer").status_code == 303
    assert manager.forms() == ["Domiciliation"]
    assert manager.edition().description.answered == ()
    # What waited for the answer holds nothing of it either, and is taken once.
    named = f"{manager.organisation_id} {form['fichier']}".encode()
    with manager.client.application.app_context():
        store = archive().store
        left = b"".join(store.read_waiting(hashlib.sha256(named).hexdigest()))
    assert read_form(left).description.answered == ()
    assert manager.send("/ajouter", form).status_code == 303
    assert manager.forms() == ["Domiciliation"]


def test_what_somebody_filled_in_is_kept_where_that_is_said(manager) -> None:
    page = manager.upload(pdf_forms.filled_in().saved()).text
    form = sent_form(page, "/organisme/formulaires/ajouter")
    manager.send("/ajouter", form, reponses="garder")
    assert manager.forms() == ["un formulaire"]
    assert len(manager.edition().description.answered) == 4


def test_a_new_edition_that_is_filled_in_is_asked_about_too(filled) -> None:
    page = filled.upload(pdf_forms.filled_in().saved(), address="/1/edition").text
    form = sent_form(page, "/organisme/formulaires/1/edition")
    assert filled.send("/1/edition", form, reponses="effacer").status_code == 303
    edition = filled.edition()
    assert edition.number == 2 and edition.description.answered == ()


def test_a_file_that_waited_too_long_is_asked_for_again(manager) -> None:
    page = manager.upload(pdf_forms.filled_in().saved()).text
    form = sent_form(page, "/organisme/formulaires/ajouter")
    answer = manager.send("/ajouter", form, reponses="effacer", fichier="0" * 32)
    assert (
        answer.status_code == 422 and "Choisissez le fichier à nouveau" in answer.text
    )


def picture_of_page(manager) -> bytes:
    address = f"/organisme/formulaires/1/editions/{manager.edition().id}/page-1.jpg"
    answer = manager.client.get(address)
    assert answer.mimetype == "image/jpeg"
    return answer.data


def test_a_page_is_turned_by_one_key_and_back(filled) -> None:
    address = "/1/pages/1/tourner"
    before, upright = filled.edition().description, picture_of_page(filled)
    answer = filled.send(address, filled.form("/1", address), sens="droite")
    assert answer.location == "/organisme/formulaires/1#feuille-1"
    page = filled.edition().description.pages[0]
    assert (page.width, page.height) == (842, 595)
    # What is drawn is the page as it is now.
    assert picture_of_page(filled) != upright
    stale = filled.form("/1", address)
    filled.send(address, filled.form("/1", address), sens="gauche")
    assert filled.edition().description == before
    assert picture_of_page(filled) == upright
    filled.send(address, stale, sens="gauche")
    assert "la page n&#39;est pas tournée" in filled.read("/1")
    assert filled.edition().description == before
    assert filled.send(address, stale, sens="haut").status_code == 400


def test_what_the_booking_knows_is_guessed_from_the_labels(filled) -> None:
    known = {each.key: each.known for each in filled.edition().asked if each.known}
    assert known == {
        "nom": Known.FAMILY_NAME,
        "txtPrenom": Known.GIVEN_NAMES,
        "cp": Known.POSTCODE,
        "dateNaissance": Known.BIRTH_DATE,
    }

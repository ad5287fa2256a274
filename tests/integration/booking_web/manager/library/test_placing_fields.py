# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields are placed on a flat form: typed in millimetres, proposed, kept; without scripts."""

from werkzeug.datastructures import MultiDict

from booking_web.domain.forms.description import FieldKind, Notice
from booking_web.domain.forms.drafts import Drafts
from booking_web.tables.forms import FormEdition
from stage.kiosk_ground import book_one
from tests.factories import pdf_forms

EDITOR = "/2/champs"


def a_row(form: MultiDict, number: int, **values: str) -> None:
    """Type a place into the form, at 20 mm from the left and the top."""
    usual = {"key": f"f{number}", "kind": "text", "page": "1", "label": "Nom"}
    usual |= {"x": "20", "y": "20", "width": "60,5", "height": "6"}
    form.add("rang", str(number))
    for name, value in (usual | values).items():
        form[f"{name}-{number}"] = value


def placed(manager, **values: str):
    form = manager.form(EDITOR)
    form.poplist("aligner")
    a_row(form, 1, **values)
    return manager.send(EDITOR, form)


def test_a_place_that_is_typed_becomes_a_field(filled) -> None:
    answer = placed(filled, kind="date", label=" Né le ")
    assert answer.location == "/organisme/formulaires/2"
    edition = filled.edition(2)
    [field] = edition.description.fields
    assert (field.kind, edition.asked[0].label) == (FieldKind.DATE, "Né le")
    place = field.places[0].rectangle
    assert (round(place.x, 1), round(place.width, 1)) == (56.7, 171.5)
    assert edition.number == 1 and Notice.PLACED in edition.description.notices
    assert 'value="60,5"' in filled.read(EDITOR)


def test_what_is_typed_wrongly_comes_back_with_what_to_do(filled) -> None:
    for values, words in (
        ({"x": "large"}, "en chiffres"),
        ({"x": "400"}, "il sort de la page"),
        ({"page": "7"}, "pas dans le formulaire"),
        ({"label": ""}, "dites en quelques mots"),
        ({"kind": "choice"}, "choisissez ce qu'il reçoit"),
        ({"kind": "comb"}, "comptez ses cases"),
        ({"kind": "radio", "answer": "oui"}, "un choix a deux cases au moins"),
        ({"height": "0,5"}, "trop petit"),
    ):
        answer = placed(filled, **values)
        assert answer.status_code == 422
        assert words in answer.text.replace("&#39;", "'"), values
        typed = [value for name, value in values.items() if name != "kind"]
        assert all(f'value="{each}"' in answer.text for each in typed)
    assert filled.edition(2).description.is_flat


def test_boxes_of_one_name_are_a_choice(filled) -> None:
    form = filled.form(EDITOR)
    form.poplist("aligner")
    for number, answer in ((1, "Célibataire (veuf)"), (2, "Marié")):
        a_row(
            form,
            number,
            key="situation",
            kind="radio",
            answer=answer,
            label="Situation de famille",
            y=str(20 * number),
            width="4",
            height="4",
        )
    assert filled.send(EDITOR, form).status_code == 303
    [field] = filled.edition(2).description.fields
    assert field.kind is FieldKind.RADIO
    assert [each.text for each in field.options] == ["Célibataire (veuf)", "Marié"]
    assert [each.value for each in field.options] == ["Célibataire (veuf)", "Marié"]


def test_proposals_are_added_to_what_was_typed_and_kept(filled) -> None:
    form = filled.form(EDITOR)
    a_row(form, 1, label="Tapé à la main")
    form["proposer"] = "1"
    page = filled.send(EDITOR, form).text
    assert "Tapé à la main" in page and "Code postal" in page
    assert filled.edition(2).description.is_flat


def full(form: MultiDict, count: int) -> None:
    """Type so many places, each far from what is printed."""
    for number in range(1, count + 1):
        a_row(form, number, label=f"Champ {number}", y="290", height="3")


def test_of_what_is_proposed_no_more_is_added_than_a_form_takes(filled) -> None:
    form = filled.form(EDITOR)
    full(form, 996)
    form["proposer"] = "1"
    page = filled.send(EDITOR, form).text
    assert "1000 champs au plus" in page
    # Three, and the choice of two boxes would be one too many.
    assert page.count('name="rang"') == 999 + 1
    assert "Code postal" in page and "Oui / Non" not in page


def test_a_place_too_many_is_refused_and_none_is_lost(filled) -> None:
    form = filled.form(EDITOR)
    full(form, 1001)
    answer = filled.send(EDITOR, form)
    assert answer.status_code == 422
    assert "trop de champs" in answer.text and "Champ 1001" in answer.text
    assert filled.edition(2).description.is_flat


def test_a_field_is_added_and_taken_out_without_scripts(filled) -> None:
    form = filled.form(EDITOR)
    form["ajouter"], form["ajouter-kind"] = "1", "signature"
    assert 'data-rang="1"' in filled.send(EDITOR, form).text
    placed(filled)
    form = filled.form(EDITOR)
    form["removed-1"] = "1"
    assert filled.send(EDITOR, form).status_code == 303
    assert filled.edition(2).description.is_flat


def test_edges_are_put_on_the_lines_by_the_server_too(filled) -> None:
    form = filled.form(EDITOR)
    # The line of the name runs from 90 to 300 points, 86 from above.
    a_row(form, 1, x="31,8", y="25", width="74", height="5")
    assert filled.send(EDITOR, form).status_code == 303
    place = filled.edition(2).description.fields[0].places[0].rectangle
    assert round(place.bottom) == 86


def test_what_nobody_filled_in_yet_is_placed_anew_in_the_same_edition(filled) -> None:
    placed(filled)
    first = filled.edition(2)
    form = filled.form(EDITOR)
    form["label-1"] = "Nom de naissance"
    assert filled.send(EDITOR, form).status_code == 303
    second = filled.edition(2)
    assert (second.number, second.asked[0].label) == (1, "Nom de naissance")
    # What is kept of an edition in memory goes by its number in the table.
    assert second.id != first.id
    with filled.database.read() as session:
        assert session.get(FormEdition, first.id) is None


def test_what_somebody_began_to_fill_in_stays_readable(
    filled, library_app, database
) -> None:
    placed(filled)
    first = filled.edition(2)
    with library_app.app_context():
        from_page = library_app.extensions["guichet_forms"]
        drafts: Drafts = from_page.drafts
    drafts.begin(first.id, book_one(database), "user:1")
    form = filled.form(EDITOR)
    form["label-1"] = "Nom de naissance"
    assert filled.send(EDITOR, form).status_code == 303
    assert filled.edition(2).number == 2
    address = f"/2/editions/{first.id}.pdf"
    assert filled.client.get(f"/organisme/formulaires{address}").status_code == 200


def test_of_two_managers_the_second_keeps_what_was_placed(filled) -> None:
    forms = [filled.form(EDITOR), filled.form(EDITOR)]
    for form, label in zip(forms, ("Du premier", "Du second")):
        form.poplist("aligner")
        a_row(form, 1, label=label)
    assert filled.send(EDITOR, forms[0]).status_code == 303
    answer = filled.send(EDITOR, forms[1])
    assert answer.status_code == 409 and "Du second" in answer.text
    assert filled.edition(2).asked[0].label == "Du premier"


def test_a_new_edition_of_a_flat_form_takes_its_places_over(filled) -> None:
    placed(filled)
    answer = filled.upload(pdf_forms.flat().saved(), address="/2/edition")
    assert answer.status_code == 303
    edition = filled.edition(2)
    assert edition.number == 2
    assert [each.label for each in edition.asked] == ["Nom"]


def test_the_page_is_given_its_lines(filled) -> None:
    edition = filled.edition(2)
    address = f"/organisme/formulaires/2/editions/{edition.id}/lignes.json"
    [page] = filled.client.get(address).json
    assert page["guides"]["combs"][0]["cells"] == 5
    assert len(page["proposed"]) == 6
    assert {each["why"] for each in page["proposed"]} == {
        *("line", "dots", "cells", "box", "frame")
    }
    assert all(each["is_sure"] for each in page["proposed"])


def test_fields_are_placed_beside_those_of_the_pdf_and_one_of_those_goes(
    filled,
) -> None:
    editor = "/1/champs"
    assert "10 champs du PDF lui-même restent à leur place" in filled.read(editor)
    form = filled.form(editor)
    form.poplist("aligner")
    a_row(form, 1, key="employeur", label="Employeur")
    form.add("sans", "nom")
    before = filled.edition().asked
    assert filled.send(editor, form).status_code == 303
    edition = filled.edition()
    assert [each.key for each in edition.description.placed] == ["employeur"]
    keys = {each.key for each in edition.description.own}
    assert keys == {each.key for each in before} - {"nom"}
    kept = [each for each in edition.asked if each.key in keys]
    assert kept == [each for each in before if each.key != "nom"]


def test_a_name_that_the_pdf_has_already_is_refused(filled) -> None:
    form = filled.form("/1/champs")
    form.poplist("aligner")
    a_row(form, 1, key="nom")
    answer = filled.send("/1/champs", form)
    assert answer.status_code == 422
    assert "un champ du PDF a déjà ce nom" in answer.text

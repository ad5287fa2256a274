# SPDX-License-Identifier: AGPL-3.0-or-later
"""The library of forms in a real browser: mouse, keyboard, without scripts, axe's rules."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stage.chromium import check_page
from tests.factories import pdf_forms

pytestmark = pytest.mark.real

MANAGER = "responsable@msa.example"
LIBRARY = "/organisme/formulaires"


def add(page: Page, folder: Path, content: bytes, title: str) -> None:
    """Add a PDF by the page's form."""
    path = folder / "formulaire.pdf"
    path.write_bytes(content)
    page.goto(f"{LIBRARY}/ajouter")
    page.set_input_files("#file", path)
    page.fill("#title", title)
    page.get_by_role("button", name="Ajouter ce formulaire").click()
    expect(page.get_by_role("status").first).to_contain_text(
        "Le formulaire est ajouté."
    )
    # Its scripts are read: until then the page's keys go to the server.
    page.wait_for_load_state()


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Give where a point of the first page is on the screen."""
    box = page.locator("svg[data-page='1']").bounding_box()
    scale = box["width"] / 595
    return box["x"] + x * scale, box["y"] + y * scale


def measure(page: Page, name: str) -> float:
    """Give a measure that stands in a field, in millimetres."""
    return float(page.locator(f"#{name}").input_value().replace(",", "."))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw with the mouse from one point of the page to another."""
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=4)
    page.mouse.up()


def test_a_form_is_added_labelled_and_put_in_order(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER)
    page.goto(LIBRARY)
    check_page(page, "library-empty")
    add(page, tmp_path, pdf_forms.request_for_a_home().saved(), "Domiciliation")
    check_page(page, "library-form")
    rows = page.locator(".field-row")
    second = rows.nth(1).locator("[name=key]").get_attribute("value")
    rows.nth(1).locator("[data-move=haut]").press("Enter")
    expect(rows.nth(0).locator("[name=key]")).to_have_value(second)
    page.locator("[name=label]").first.fill("Votre nom")
    page.get_by_role("button", name="Enregistrer les libellés").click()
    expect(page.get_by_role("status").first).to_contain_text("enregistrés")
    expect(page.locator("[name=label]").first).to_have_value("Votre nom")
    page.goto(f"{LIBRARY}/ajouter")
    check_page(page, "library-add")
    page.goto(LIBRARY)
    check_page(page, "library-list")


def test_the_pages_follow_the_field_whose_label_is_read(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER)
    add(page, tmp_path, pdf_forms.many_fields(120).saved(), "Long")
    sheets, rows = page.locator(".sheets"), page.locator(".field-row")
    page.get_by_label("Aux champs de la page").get_by_text("Page 3").click()
    label = page.get_by_label("Libellé du champ 81", exact=True)
    expect(label).to_be_in_viewport()
    label.focus()
    place = sheets.locator(".is-here .place")
    expect(place).to_have_count(1)
    expect(place).to_be_in_viewport()
    # And back: a click on a place leads to its label.
    sheets.locator('a[href="#champ-85"] rect').click()
    expect(page.get_by_label("Libellé du champ 85", exact=True)).to_be_focused()

    # What is folded says what it sets, at once and when it is saved.
    row = rows.nth(84)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row.get_by_label("Groupe", exact=True).fill("Identité")
    row.get_by_label("Rempli d'avance par").select_option(label="ses prénoms")
    summary = row.locator("summary")
    told = ("rempli d'avance par ses prénoms", "groupe « Identité »")
    for words in told:
        expect(summary).to_contain_text(words)
    check_page(page, "library-long")
    row.locator("[name=label]").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("enregistrés")
    for words in told:
        expect(page.locator(".field-row").nth(84).locator("summary")).to_contain_text(
            words
        )


def test_fields_are_placed_by_mouse_and_by_keyboard(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER, viewport={"width": 1366, "height": 768})
    add(page, tmp_path, pdf_forms.flat().saved(), "Demande")
    expect(page.locator("#proposals li")).to_have_count(5)
    # Drawn roughly above the line of the name, it lies on it.
    drag(page, (92, 70), (298, 84))
    page.keyboard.type("Nom de naissance")
    expect(page.locator("#proposals li")).to_have_count(4)
    # 86 points from above, in millimetres.
    assert measure(page, "y-1") + measure(page, "height-1") == pytest.approx(
        30.34, abs=0.02
    )
    page.locator("#proposals summary").press("Enter")
    page.locator("#proposals button").first.press("Enter")
    expect(page.locator(".placed-row")).to_have_count(2)
    summary = page.locator("#champ-2 summary")
    before = measure(page, "x-2")
    summary.press("ArrowRight")
    summary.press("ArrowRight")
    expect(page.get_by_text("Champ 2 :")).to_be_visible()
    assert measure(page, "x-2") == pytest.approx(before + 1, abs=0.02)
    summary.press("Delete")
    expect(page.locator("#removed-2")).to_be_checked()
    page.get_by_role("button", name="Ajouter les champs sûrs").press("Enter")
    # The first of those that were added has the keyboard, and is in sight.
    expect(page.locator("#champ-3 summary")).to_be_focused()
    expect(page.locator("#champ-3 summary")).to_be_in_viewport()
    check_page(page, "library-placing")
    page.get_by_role("button", name="Enregistrer les champs").click()
    expect(page.get_by_role("status").first).to_contain_text("enregistrés : 5")
    check_page(page, "library-placed")


def test_boxes_of_one_choice_are_placed_by_keyboard(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER, viewport={"width": 1366, "height": 768})
    add(page, tmp_path, pdf_forms.flat().saved(), "Demande")
    page.select_option("#ajouter-kind", "radio")
    page.locator("#ajouter").press("Enter")
    label, bar = page.locator("#label-1"), page.locator(".save-bar")
    expect(label).to_be_focused()
    inside, below = label.bounding_box(), bar.bounding_box()
    assert inside["y"] + inside["height"] <= below["y"]
    label.fill("Êtes-vous marié ?")
    page.fill("#answer-1", "oui")
    page.locator("#ajouter").press("Enter")
    expect(page.locator("#answer-2")).to_be_focused()
    page.keyboard.type("non")
    page.locator("#save").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("enregistrés : 1")
    expect(page.get_by_text("réponses : oui, non")).to_be_visible()


def test_a_page_with_unsaved_fields_is_not_left_unasked(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER)
    add(page, tmp_path, pdf_forms.flat().saved(), "Demande")
    page.get_by_role("button", name="Ajouter un champ").click()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(LIBRARY)
    assert asked == ["beforeunload"]


def test_fields_are_placed_in_millimetres_without_scripts(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER, without_scripts=True)
    add(page, tmp_path, pdf_forms.flat().saved(), "Demande")
    page.get_by_role("button", name="Ajouter les champs sûrs").click()
    expect(page.locator(".placed-row")).to_have_count(6)
    page.locator("#champ-1 summary").click()
    page.fill("#label-1", "Nom de naissance")
    check_page(page, "library-placing-without-scripts")
    page.get_by_role("button", name="Enregistrer les champs").last.click()
    expect(page.get_by_role("status").first).to_contain_text("enregistrés : 5")
    expect(page.locator("[name=label]").first).to_have_value("Nom de naissance")


def test_what_somebody_filled_in_goes_by_one_key(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER)
    path = tmp_path / "rempli.pdf"
    path.write_bytes(pdf_forms.filled_in().saved())
    page.goto(f"{LIBRARY}/ajouter")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Ajouter ce formulaire").click()
    expect(page.get_by_role("status").first).to_contain_text("4 de ses 10 champs")
    check_page(page, "library-filled-in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("est ajouté")


def test_fields_are_placed_beside_those_of_the_pdf(signed_in, tmp_path) -> None:
    page = signed_in(MANAGER, viewport={"width": 1366, "height": 768})
    add(page, tmp_path, pdf_forms.request_for_a_home().saved(), "Domiciliation")
    page.get_by_role("button", name="Tourner à droite la page 1").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("La page 1 est tournée.")
    check_page(page, "library-turned")
    page.get_by_role("button", name="Tourner à gauche la page 1").press("Enter")
    expect(page.locator("#feuille-1 img")).to_have_attribute("width", "595")
    page.get_by_role("link", name="Placer d'autres champs").click()
    page.get_by_text("10 champs du PDF lui-même").click()
    page.get_by_label("Nom de famille").check()
    expect(page.locator("[data-own=nom]")).to_have_class("own is-gone")
    drag(page, (60, 20), (260, 36))
    page.keyboard.type("Personne à prévenir")
    expect(page.locator("#proposer")).to_be_enabled()
    check_page(page, "library-placing-beside")
    page.keyboard.press("Enter")
    labels = page.locator("[name=label]")
    expect(labels).to_have_count(10)
    values = [each.input_value() for each in labels.all()]
    assert "Personne à prévenir" in values and "Nom de famille" not in values

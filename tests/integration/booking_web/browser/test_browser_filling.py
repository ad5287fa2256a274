# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form is filled in in a real browser: by keys alone, by two at once, without scripts."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskScreen
from provisioning.database.engine import Database
from stage.chromium import check_page
from stage.kiosk_ground import in_call
from stage.waiting import wait_for
from tests.factories.drafts import resident_in
from tests.factories.filling_desk import (
    COLLEAGUE,
    MSA,
    FormsAtDesk,
    crop_at,
    is_saved,
    open_draft,
    wait_for_crop,
)
from tests.factories.pdf_forms import request_for_a_home, with_boxes_of_one_question

pytestmark = pytest.mark.real

NARROW = {"width": 683, "height": 384}
# What the frame beside a call leaves on a laptop's screen.
FRAME = {"width": 830, "height": 700}
# Of what has the keyboard; of a long text its first line is what must be seen.
IS_CLEAR = """() => {
  const box = (found) => found.getBoundingClientRect();
  const here = box(document.activeElement);
  const [head, sheet] = [".head-in-sight", ".paper"].map((each) => document.querySelector(each));
  return here.top >= box(head).bottom && Math.min(here.bottom, here.top + 60) <= box(sheet).top;
}"""


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


@pytest.fixture
def edition(forms: FormsAtDesk) -> int:
    """Give a form with each kind of field."""
    return forms.take_in(request_for_a_home().saved(), "Demande de logement")


@pytest.fixture
def draft(forms: FormsAtDesk, appointment, edition) -> int:
    """Give a draft of it, which nobody holds."""
    return forms.begin(appointment, edition)


def field(page: Page, label: str) -> Locator:
    return page.locator("#form").get_by_label(label).first


def framed(database: Database) -> tuple[int | None, str, int]:
    """Give what the second screen frames."""
    with database.read() as session:
        line = session.scalars(select(KioskScreen)).one()
        return line.draft_id, line.place, line.page


def test_a_form_is_filled_in_by_keys_and_each_change_is_kept_and_drawn(
    signed_in, forms, edition, appointment
) -> None:
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}")
    check_page(page, "console-forms")
    page.get_by_role("button", name="Commencer").click()
    page.wait_for_url("**/brouillons/1")
    field(page, "Nom de famille").focus()
    page.keyboard.type("Œuvrard")
    page.keyboard.press("Tab")
    page.keyboard.type("Zoé")
    page.keyboard.press("Tab")
    page.keyboard.type("02120")
    expect(page.locator(".kind-comb .count")).to_have_text("5 / 5")
    field(page, "Madame").check()
    field(page, "J'accepte").press("Space")
    field(page, "Commune").select_option(label="Guise")
    is_saved(page)
    assert forms.values(1) == {
        "nom": "Œuvrard",
        "txtPrenom": "Zoé",
        "cp": "02120",
        "sexe": "F",
        "accord": "Oui",
        "commune": "02",
    }
    wait_for_crop(page, "c1")
    assert crop_at(page, "c1").startswith("data:image/png")
    check_page(page, "filling")

    page.locator("details.keys summary").click()
    page.get_by_role("link", name="Qui a changé quoi").click()
    row = page.locator("tr", has_text="Nom de famille")
    expect(row).to_contain_text("1 changement")
    expect(row).to_contain_text("Conseillère de la MSA")
    assert "Œuvrard" not in page.content()
    check_page(page, "filling-history")


def test_the_second_screen_is_led_by_the_keyboard(
    signed_in, forms, draft, database, appointment
) -> None:
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    shown = page.locator("#shown")
    page.keyboard.press("F2")
    expect(shown).to_have_attribute("data-is-shown", "1")
    field(page, "Prénom").focus()
    expect(page.locator(".frame")).to_be_visible()
    wait_for(lambda: framed(database) == (draft, "txtPrenom", 1), "the frame")
    page.keyboard.press("Alt+PageDown")
    expect(page.locator("#page-number")).to_have_text("Page 2 sur 2")
    wait_for(lambda: framed(database) == (draft, "", 2), "the second page")
    field(page, "Nom de famille").focus()
    page.keyboard.press("Tab")
    wait_for(lambda: framed(database) == (draft, "txtPrenom", 1), "the frame again")
    page.keyboard.press("F9")
    page.keyboard.press("Shift+F2")
    page.keyboard.type("Bonjour")
    page.keyboard.press("Escape")
    expect(field(page, "Prénom")).to_be_focused()

    def is_told() -> bool:
        with database.read() as session:
            line = session.scalars(select(KioskScreen)).one()
            told = (line.said, line.said_what, line.said_place)
            return told == (1, "field", "txtPrenom") and line.sealed_words is not None

    wait_for(is_told, "what is said")
    check_page(page, "filling-shown")
    page.locator("#showing button").click()
    expect(shown).to_have_attribute("data-is-shown", "0")
    expect(page.locator("#showing button")).to_be_focused()
    expect(page.locator("#showing button")).to_contain_text("Montrer")


def test_a_long_form_stands_as_on_the_sheet_and_tells_what_is_still_empty(
    signed_in, forms, appointment
) -> None:
    edition = forms.take_in(with_boxes_of_one_question().saved(), "Certificat")
    draft = forms.begin(appointment, edition)
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    pages = page.locator("#asked-pages a")
    expect(pages).to_have_text(["Page 1 : 3 vides", "Page 2 : 2 vides"])
    expect(page.locator(".asked-page")).to_have_text(["Page 1", "Page 2"])
    expect(field(page, "Nom")).to_be_focused()
    # Short ones beside each other, their boxes on one line; a long one below.
    name, first, address = (
        field(page, label).bounding_box() for label in ("Nom", "Prénom", "Adresse")
    )
    assert name and first and address
    assert name["y"] == first["y"] and name["x"] + name["width"] < first["x"]
    assert address["y"] > name["y"] and address["width"] > 2 * name["width"]
    # The boxes of one question are a row under it, each heard with it.
    question = page.locator(".asked-boxes")
    expect(question.locator(".form-label")).to_have_text("Marcher")
    rows = [
        page.get_by_role("checkbox", name=f"Marcher : {each}").bounding_box()
        for each in ("A", "B", "NSP")
    ]
    assert all(rows) and len({box["y"] for box in rows if box}) == 1
    check_page(page, "filling-long")

    page.keyboard.type("Lefèvre")
    expect(pages.first).to_have_text("Page 1 : 2 vides")
    field(page, "Adresse").fill("3, rue du Parc")
    page.keyboard.press("F3")
    expect(field(page, "Fait à")).to_be_focused()
    expect(pages.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("#page-number")).to_have_text("Page 2 sur 2")
    page.keyboard.press("Shift+F3")
    expect(field(page, "Prénom")).to_be_focused()
    page.keyboard.type("Zoé")
    expect(pages.first).to_have_text("Page 1 : 0 vide")
    pages.nth(1).click()
    expect(field(page, "Fait à")).to_be_focused()
    page.keyboard.type("Guise")
    # Round about, past the one that is filled in.
    page.keyboard.press("F3")
    page.keyboard.press("F3")
    expect(field(page, "Le")).to_be_focused()
    pages.first.click()
    expect(field(page, "Nom")).to_be_focused()
    is_saved(page)


def test_in_the_desks_frame_what_has_the_keyboard_stands_above_the_sheet(
    signed_in, forms, draft, appointment
) -> None:
    page = signed_in(MSA, viewport=FRAME)
    open_draft(page, appointment, draft)
    page.keyboard.press("F2")
    expect(page.locator("#shown")).to_have_attribute("data-is-shown", "1")
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        wait_for(lambda: page.evaluate(IS_CLEAR), "the field stands clear", 5, 0.05)
        seen.append(page.evaluate("document.activeElement.id"))
    assert len(set(seen)) > 6


def test_the_list_of_forms_is_five_keys_away(
    signed_in, forms, edition, appointment
) -> None:
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    for key in ("Tab", "Enter", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("Commencer un formulaire")).to_be_focused()
    for part in ("Documents", "Second écran", "Numériser", "Opérations"):
        page.get_by_label("Aller à").get_by_role("link", name=part).press("Enter")
        expect(page.get_by_role("heading", name=part).first).to_be_in_viewport()


def test_a_click_on_the_sheet_leads_to_the_field_and_focus_to_its_page(
    signed_in, draft, appointment
) -> None:
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    box = page.locator(".sheet-page").first.bounding_box()
    assert box is not None
    # In the middle of the name's box: (200, 77) of a page of 595 x 842.
    page.mouse.click(
        box["x"] + box["width"] * 200 / 595, box["y"] + box["height"] * 77 / 842
    )
    expect(field(page, "Nom de famille")).to_be_focused()
    page.locator("#page-after").click()
    field(page, "reference").focus()
    expect(page.locator("#page-number")).to_have_text("Page 1 sur 2")


def test_two_counsellors_on_one_draft_see_each_other_and_lose_nothing(
    signed_in, forms, draft, appointment
) -> None:
    forms.have_colleague()
    first, second = signed_in(MSA), signed_in(COLLEAGUE)
    open_draft(first, appointment, draft)
    field(first, "Nom de famille").fill("Lefèvre")
    is_saved(first)
    open_draft(second, appointment, draft)
    expect(second.locator("#holder")).to_contain_text("Conseillère de la MSA remplit")
    expect(field(second, "Nom de famille")).to_have_value("Lefèvre")
    expect(field(second, "Nom de famille")).to_be_disabled()
    check_page(second, "filling-looking-on")
    field(first, "Prénom").fill("Zoé")
    expect(field(second, "Prénom")).to_have_value("Zoé")

    # What is typed while the colleague takes over is shown, and put back by a button.
    first.route("**/champ", lambda route: route.abort())
    field(first, "Votre demande").fill("Un logement près de l'école")
    second.get_by_role("button", name="Reprendre ce brouillon").click()
    expect(field(second, "Nom de famille")).to_be_enabled()
    expect(first.locator("#trouble")).to_contain_text("a repris ce brouillon")
    expect(first.locator("#not-kept")).to_contain_text("Un logement près de l'école")
    expect(field(first, "Nom de famille")).to_be_disabled()
    check_page(first, "filling-taken-over")
    field(second, "Nom de famille").fill("Lefebvre")
    expect(field(first, "Nom de famille")).to_have_value("Lefebvre")
    first.unroute("**/champ")
    first.get_by_role("button", name="Reprendre ce brouillon").click()
    first.get_by_role("button", name="Remettre dans le champ").click()
    is_saved(first)
    expect(first.locator("#not-kept")).to_be_hidden()
    expect(field(second, "Nom de famille")).to_be_disabled()
    # Who leaves keeps nobody waiting.
    first.goto(f"/rendez-vous/{appointment}")
    expect(field(second, "Nom de famille")).to_be_enabled()
    expect(second.locator("#holder")).not_to_contain_text("remplit")
    assert forms.values(draft) == {
        "nom": "Lefebvre",
        "txtPrenom": "Zoé",
        "demande": "Un logement près de l'école",
    }


def test_what_is_printed_is_kept_first(signed_in, forms, draft, appointment) -> None:
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    held: list[Route] = []
    page.route("**/champ", lambda route: held.append(route))
    field(page, "Nom de famille").fill("Lefèvre")
    with page.expect_request("**/imprimer") as printing:
        page.get_by_role("button", name="Imprimer et faire signer").click()
        expect(page.locator("#saving")).to_contain_text("Pas encore enregistré")
        assert "nom" not in forms.values(draft)
        held[0].continue_()
    assert printing.value.method == "POST"
    assert forms.values(draft)["nom"] == "Lefèvre"


def test_without_scripts_the_whole_form_is_saved_and_a_draft_waits_for_the_next_time(
    signed_in, forms, edition, database, appointment
) -> None:
    resident = resident_in(database)
    with database.write() as session:
        session.get_one(Appointment, appointment).resident_id = resident
    page = signed_in(MSA, without_scripts=True, viewport=NARROW)
    page.goto(f"/rendez-vous/{appointment}")
    page.get_by_role("button", name="Commencer").click()
    field(page, "Nom de famille").fill("Lefèvre")
    field(page, "Votre demande").fill("Un\nlogement")
    field(page, "Monsieur").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".notice-success")).to_contain_text("Tout est enregistré")
    assert forms.values(1)["demande"] == "Un\nlogement"
    assert forms.values(1)["sexe"] == "M"
    check_page(page, "filling-without-scripts")

    page.get_by_role("link", name="Retour au rendez-vous").click()
    page.get_by_role("button", name="Garder pour la prochaine fois").click()
    expect(page.locator("#forms")).to_contain_text("Gardés de la dernière fois")
    check_page(page, "console-draft-waits")
    page.get_by_role("button", name="Reprendre ce brouillon").click()
    expect(field(page, "Nom de famille")).to_have_value("Lefèvre")
    page.get_by_role("link", name="Retour au rendez-vous").click()
    page.get_by_role("link", name="Effacer").click()
    check_page(page, "filling-erase")
    page.get_by_role("button", name="Effacer ce brouillon").click()
    expect(page.locator("#forms")).to_contain_text("Aucun formulaire commencé")


def test_letters_of_all_kinds_and_what_is_too_long_are_kept_and_told(
    signed_in, forms, draft, appointment
) -> None:
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    name = "Zoé Œuvrard e\u0301 محمد 🙂"
    field(page, "Nom de famille").fill(name)
    said = page.locator("#c1-said")
    expect(said).to_contain_text("ne peuvent pas être imprimés")
    field(page, "Prénom").fill("très " * 40)
    expect(page.locator("#c2-said")).to_contain_text("plus long que sa case")
    field(page, "Code postal").fill("0212034")
    expect(page.locator("#c3-said")).to_contain_text("2 caractères de trop")
    expect(field(page, "Code postal")).to_have_attribute(
        "aria-describedby", "c3-hint c3-said"
    )
    # One field that stands on two pages is one value, on both.
    field(page, "reference").fill("R-7")
    is_saved(page)
    kept = forms.values(draft)
    assert (kept["nom"], kept["cp"], kept["reference"]) == (name, "0212034", "R-7")
    page.reload()
    expect(field(page, "Nom de famille")).to_have_value(name)
    expect(said).to_contain_text("ne peuvent pas être imprimés")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV in a real browser: typed, worded, moved, shown on the second screen, without scripts."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from provisioning.database.models import User
from stage.chromium import check_page
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

OLDER_LIST = """() => {
  document.getElementById("target-experience-1-tasks").textContent = "Expérience « V »";
  document.getElementById("writing").dispatchEvent(new CustomEvent("guichet:changed"));
}"""
MSA, GUISE = "conseiller@msa.example", "mairie@guise.example"


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


@pytest.fixture
def written(signed_in, appointment):
    """Give a function that opens the CV's page, the CV begun."""

    def make(**options):
        page = signed_in(MSA, **options)
        page.goto(f"/rendez-vous/{appointment}/cv")
        begin = page.get_by_role("button", name="Commencer un CV")
        if begin.count():
            begin.click()
        expect(page.locator("#cv")).to_be_visible()
        return page

    return make


def saved(page):
    expect(page.locator("#saving")).to_contain_text("Tout est enregistré")


def test_a_cv_grows_key_by_key_and_the_second_screen_follows(
    written, new_page, ground, appointment
):
    screen = new_page()
    screen.goto(ground.screen_address("kiosk-wassigny"))
    screen.locator("button").click()
    page = written(viewport={"width": 1366, "height": 768})
    check_page(page, "cv")
    page.get_by_label("Métier ou poste cherché").fill("Vendeuse")
    saved(page)
    page.keyboard.press("F2")
    expect(page.get_by_role("button", name="Ne plus montrer")).to_be_visible()
    expect(screen.locator("#mirror")).to_be_visible()
    page.get_by_role("button", name="Ajouter une expérience").click()
    expect(page.locator("#experience-1-title")).to_be_focused()
    page.keyboard.type("Vendeuse en boulangerie")
    named = "Expérience « Vendeuse en boulangerie »"
    expect(page.locator("#target-experience-1-tasks")).to_have_text(named)
    # The list of fields may come later than the last key, and be older.
    page.evaluate(OLDER_LIST)
    expect(page.locator("#target-experience-1-tasks")).to_have_text(named)
    page.keyboard.press("Tab")
    page.keyboard.type("Boulangerie Petit")
    page.locator("#experience-1-tasks").focus()
    page.locator("summary", has_text="Commerce").click()
    page.get_by_role("button", name="Mettre en rayon").click()
    expect(page.locator("#experience-1-tasks")).to_be_focused()
    expect(page.locator("#experience-1-tasks")).to_have_value(
        "Mettre en rayon et vérifier les dates"
    )
    saved(page)
    expect(page.locator("#fit")).to_contain_text("Tout tient sur une page.")
    expect(screen.locator(".mirror-frame")).to_be_visible()
    check_page(page, "cv-written")
    page.reload()
    expect(page.locator(".shown")).to_contain_text("L'usager voit son CV.")
    page.get_by_role("button", name="Imprimer").click()
    expect(page.locator(".notice-success")).to_contain_text("s'imprime à la borne")
    page.keyboard.press("F2")
    expect(screen.locator("#mirror")).to_be_hidden()


@pytest.mark.parametrize("width", [1366, 683])
def test_a_cv_is_written_without_scripts(written, width):
    page = written(viewport={"width": width, "height": 768}, without_scripts=True)
    page.get_by_label("Métier ou poste cherché").fill("Vendeuse")
    page.get_by_role("button", name="Ajouter une langue").click()
    page.get_by_label("Langue", exact=True).fill("Picard")
    page.get_by_label("Niveau").select_option("native")
    page.get_by_label("Deux colonnes").check()
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.locator(".notice-success")).to_contain_text("Tout est enregistré")
    expect(page.get_by_label("Langue", exact=True)).to_have_value("Picard")
    expect(page.get_by_label("Deux colonnes")).to_be_checked()
    expect(page.locator("#fit")).to_contain_text("Tout tient sur une page.")
    page.locator("summary", has_text="Propreté").click()
    page.get_by_label("Ajouter à").select_option("skills")
    page.get_by_role("button", name="Doser les produits").click()
    expect(page.locator("#skills")).to_have_value(
        "Doser les produits, respecter les consignes"
    )
    check_page(page, "cv-without-scripts")


@pytest.fixture
def colleague(signed_in, database, appointment):
    """Give a function that opens the CV's page for a second counsellor of the MSA."""

    def make():
        with database.write() as session:
            msa = session.scalars(select(User).where(User.email == MSA)).one()
            other = session.scalars(select(User).where(User.email == GUISE)).one()
            other.role, other.name = msa.role, "Anne Colin"
            other.organisation_id, other.relay_id = msa.organisation_id, None
        page = signed_in(GUISE)
        page.goto(f"/rendez-vous/{appointment}/cv")
        return page

    return make


def test_two_tabs_show_what_each_other_wrote(written):
    first = written()
    second = written()
    # Without a pause it is told of once: the other tab shows the end of it as well.
    second.get_by_label("Commune").focus()
    first.get_by_label("Commune").press_sequentially("Flavigny-le-Grand", delay=200)
    saved(first)
    expect(second.get_by_label("Commune")).to_have_value("Flavigny-le-Grand")
    second.get_by_label("Métier ou poste cherché").fill("Vendeuse")
    expect(first.get_by_label("Métier ou poste cherché")).to_have_value("Vendeuse")
    # What it shows by now is not sent back as its own.
    second.get_by_role("button", name="Ajouter une langue").click()
    expect(second.get_by_label("Langue", exact=True)).to_be_focused()
    second.keyboard.type("Picard")
    saved(second)
    expect(first.get_by_label("Langue", exact=True)).to_have_value("Picard")
    expect(second.get_by_label("Commune")).to_have_value("Flavigny-le-Grand")


def test_a_colleague_looks_on_takes_over_and_nothing_typed_is_lost(written, colleague):
    page = written()
    other = colleague()
    expect(other.locator("#holder")).to_contain_text("écrit ce CV")
    expect(other.get_by_label("Commune")).to_be_disabled()
    page.get_by_role("button", name="Ajouter une expérience").click()
    expect(page.locator("#experience-1-title")).to_be_focused()
    page.keyboard.type("Vendeuse qualifiée", delay=120)
    expect(other.locator("#experience-1-title")).to_have_value("Vendeuse qualifiée")
    check_page(other, "cv-looked-on")
    # The line is cut while somebody types, and a colleague takes over.
    page.context.set_offline(True)
    page.get_by_label("Commune").fill("Guise et Wassigny")
    other.get_by_role("button", name="Reprendre la main").click()
    other.get_by_label("Commune").fill("Vervins")
    saved(other)
    page.context.set_offline(False)
    expect(page.locator("#trouble")).to_contain_text("Anne Colin a repris ce CV")
    expect(page.locator("#not-kept")).to_contain_text("Guise et Wassigny")
    expect(page.get_by_label("Commune")).to_be_disabled()
    expect(page.get_by_label("Commune")).to_have_value("Vervins")
    check_page(page, "cv-taken")
    page.get_by_role("button", name="Reprendre la main").click()
    page.get_by_role("button", name="Remettre dans le champ").click()
    expect(other.get_by_label("Commune")).to_have_value("Guise et Wassigny")
    expect(other.get_by_label("Commune")).to_be_disabled()
    expect(page.locator("#not-kept")).to_be_hidden()

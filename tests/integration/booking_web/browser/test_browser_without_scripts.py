# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages whose scripts never arrive: every act can be done, and axe finds nothing."""

from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from booking_web.tables.appointment import Appointment
from stage.chromium import check_page
from stage.keyboard_desk import know_resident, publish_hours
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
MANAGER = "responsable@msa.example"
COUNSELLOR = "conseiller@msa.example"
PARIS = ZoneInfo("Europe/Paris")
NARROW = {"width": 390, "height": 800}


@pytest.fixture
def desk(signed_in, database) -> Page:
    """Give the desk, where the sub-prefecture publishes hours and a resident is known."""
    publish_hours(database, "sous-prefecture-vervins")
    know_resident(database, "wassigny", "M. Jean Dupont")
    page = signed_in(SECRETARY, without_scripts=True, viewport=NARROW)
    assert page.evaluate("window.Idiomorph") is None
    return page


def fill_in(page: Page, name: str, reason: str) -> None:
    page.fill("#resident_name", name)
    page.locator("#subjects").get_by_text(reason).click()


def look_for_hours(page: Page, name: str, reason: str = "Carte grise") -> None:
    fill_in(page, name, reason)
    page.get_by_role("button", name="Voir les heures libres").click()
    expect(page.locator("#resident_name")).to_have_value(name)


def take_the_first_hour(page: Page) -> None:
    page.locator(".slot").first.click()
    expect(page.locator("#slot-0")).to_be_checked()


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Valider le rendez-vous").click()


def expect_success(page: Page, words: str) -> None:
    expect(page.locator(".notice-success")).to_contain_text(words)


def test_booking_meets_every_answer(desk, database) -> None:
    check_page(desk, "plain-desk")
    confirm(desk)
    expect(desk.locator("#error-summary")).to_contain_text("Choisissez un motif")
    check_page(desk, "plain-error")
    look_for_hours(desk, "Jean Dupond", "Dossier de retraite")
    expect(desk.locator(".no-slot")).to_contain_text("01 99 00 20 03")
    check_page(desk, "plain-no-slot")
    look_for_hours(desk, "Jean Dupond")
    expect(desk.locator("#papers")).to_contain_text("Ancienne carte grise")
    take_the_first_hour(desk)
    check_page(desk, "plain-slots")
    confirm(desk)
    expect(desk.locator("#error-summary")).to_contain_text("Une question")
    check_page(desk, "plain-question")
    desk.get_by_label("Oui : M. Jean Dupont").check()
    confirm(desk)
    expect_success(desk, "Rendez-vous enregistré")
    check_page(desk, "plain-booked")
    with database.read() as session:
        taken = session.get_one(Appointment, 1).starts_at.astimezone(PARIS)
    fill_in(desk, "Mme Roy", "Carte grise")
    desk.get_by_text("Une autre date et heure").click()
    desk.fill("#day", taken.date().isoformat())
    desk.fill("#hour", f"{taken:%H:%M}")
    confirm(desk)
    expect(desk.locator("#error-summary")).to_contain_text("déjà prise")
    check_page(desk, "plain-conflict")
    desk.get_by_role("button", name="Prendre l'heure libre").click()
    expect_success(desk, "Mme Roy")


def test_what_was_booked_is_moved_and_cancelled(desk) -> None:
    look_for_hours(desk, "Mme Roy")
    take_the_first_hour(desk)
    confirm(desk)
    desk.get_by_role("link", name="Déplacer").click()
    check_page(desk, "plain-move")
    desk.get_by_label("Une autre heure, convenue").check()
    desk.get_by_role("button", name="Déplacer ce rendez-vous").click()
    expect(desk.locator(".field-error").first).to_be_visible()
    check_page(desk, "plain-move-error")
    desk.locator("#place-1").check()
    desk.get_by_role("button", name="Déplacer ce rendez-vous").click()
    expect_success(desk, "Rendez-vous déplacé")
    desk.get_by_role("link", name="Annuler").click()
    check_page(desk, "plain-cancel")
    desk.get_by_role("button", name="Annuler ce rendez-vous").click()
    expect(desk.locator("[data-state=cancelled]")).to_be_visible()


def test_a_resident_waits_is_looked_up_and_merged(desk, database) -> None:
    know_resident(database, "wassigny", "M. Jean Dupond")
    look_for_hours(desk, "Mme Roy")
    desk.get_by_text("Aucune heure ne convient").click()
    desk.get_by_role("button", name="Mettre sur la liste d'attente").click()
    expect(desk.locator(".offers")).to_contain_text("Mme Roy")
    check_page(desk, "plain-offer")
    desk.get_by_role("link", name="Attente").click()
    check_page(desk, "plain-waiting")
    desk.get_by_role("button", name="Retirer").click()
    check_page(desk, "plain-withdrawn")
    desk.get_by_role("button", name="Remettre").click()
    expect(desk.locator(".waiting-card")).to_contain_text("Mme Roy")
    desk.get_by_role("link", name="Usagers").click()
    check_page(desk, "plain-residents")
    desk.get_by_role("link", name="M. Jean Dupond").click()
    check_page(desk, "plain-resident")
    desk.get_by_role("link", name="Comparer").click()
    check_page(desk, "plain-merge")
    desk.get_by_role("button", name="Oui, fusionner").click()
    expect(desk.locator(".notice-success")).to_be_visible()


def test_the_other_pages_of_the_town_hall_are_accessible(desk) -> None:
    look_for_hours(desk, "Mme Roy")
    take_the_first_hour(desk)
    confirm(desk)
    expect_success(desk, "Rendez-vous enregistré")
    for name, address in {
        "semaine": "/bureau/semaine",
        "imprimer": "/bureau/imprimer",
        "messages": "/bureau/messages",
        "rappels": "/bureau/rappels",
        "absent": "/bureau/rendez-vous/1/absent",
        "agendas": "/agendas",
    }.items():
        desk.goto(address)
        check_page(desk, f"plain-{name}")


def test_hours_are_published(signed_in) -> None:
    page = signed_in(MANAGER, without_scripts=True)
    page.get_by_role("link", name="Ajouter une exception").click()
    page.get_by_label("Premier jour").fill("2030-01-02")
    page.get_by_label("Pourquoi").fill("Formation")
    page.get_by_role("button", name="Publier l'exception").click()
    expect(page.get_by_role("status")).to_contain_text("L'exception est publiée.")
    check_page(page, "plain-hours")


def test_a_counsellor_finds_the_resident_and_their_papers(signed_in, database) -> None:
    number = in_call(database)
    page = signed_in(COUNSELLOR, without_scripts=True)
    check_page(page, "plain-console-home")
    page.goto(f"/rendez-vous/{number}")
    check_page(page, "plain-console")

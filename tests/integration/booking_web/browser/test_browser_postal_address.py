# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary writes a postal address down: by keyboard, wrongly, twice, without scripts."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, Resident
from stage.chromium import check_page
from stage.keyboard_desk import publish_hours, wait_until_ready

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
ORDINARY = {"width": 1366, "height": 768}
# As wide and as high as 1366 by 768 are at 200 %.
ENLARGED = {"width": 683, "height": 384}
STREET = "Lieu-dit le Sourd\n12 rue des Lilas"


def unfold(page: Page) -> None:
    page.locator("summary", has_text="coordonnées").click()


def choose_first_hour(page: Page) -> None:
    page.locator("#subjects").get_by_text("Carte grise").click()
    if page.locator(".js").count() == 0:
        page.get_by_role("button", name="Voir les heures libres").click()
    page.locator(".slot").first.click()


def kept(database) -> tuple[list[tuple[str, str, str]], int]:
    """Give the addresses that are kept, and how many appointments there are."""
    with database.read() as session:
        residents = session.scalars(select(Resident).order_by(Resident.id))
        addresses = [(each.street, each.postcode, each.commune) for each in residents]
        return addresses, len(session.scalars(select(Appointment.id)).all())


def test_an_address_is_written_by_keyboard_corrected_and_booked_once(
    signed_in, database
) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    page = signed_in(SECRETARY, viewport=ORDINARY)
    wait_until_ready(page)
    # Folded it is in nobody's way: what follows stands where it stood.
    expect(page.locator("#street")).to_be_hidden()
    name = page.locator("#resident_name").bounding_box()
    assert page.locator("#subjects").bounding_box()["y"] < name["y"] + 160
    page.keyboard.type("Mme Paulette Herbin")
    choose_first_hour(page)
    page.locator("summary", has_text="coordonnées").focus()
    page.keyboard.press("Enter")
    page.locator("#street").focus()
    # In the street Enter begins a new line, in the commune it sends the form.
    for typed, key in (
        ("Lieu-dit le Sourd", "Enter"),
        ("12 rue des Lilas", "Tab"),
        ("0212", "Tab"),
        ("Guise", "Enter"),
    ):
        page.keyboard.type(typed)
        page.keyboard.press(key)
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    check_page(page, "postal-address-refused")
    summary.get_by_text("Un code postal a cinq chiffres").click()
    expect(page.locator("#postcode")).to_be_focused()
    expect(page.locator("#street")).to_have_value(STREET)
    expect(page.locator("#commune")).to_have_value("Guise")
    assert "Lilas" not in page.url and "Guise" not in page.url
    page.fill("#postcode", "02120")
    # A second tab is another booking, and leaves this one alone.
    other = page.context.new_page()
    other.goto("/bureau")
    expect(other.locator("#street")).to_have_value("")
    other.close()
    page.get_by_text("Valider le rendez-vous").dblclick()
    expect(page.locator(".notice-success")).to_contain_text("Mme Paulette Herbin")
    assert kept(database) == ([(STREET, "02120", "Guise")], 1)
    assert "Lilas" not in page.content()
    # Who comes to the desk next finds nothing of it by going back.
    page.go_back()
    expect(page.locator("#street")).to_have_value("")
    page.set_viewport_size(ENLARGED)
    page.goto("/bureau")
    unfold(page)
    check_page(page, "postal-address-enlarged")
    page.goto("/bureau/usagers/1")
    expect(page.locator("#street")).to_have_value(STREET)
    check_page(page, "resident-enlarged")


def test_without_scripts_an_address_outlasts_the_search_for_hours(
    signed_in, database
) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    page = signed_in(SECRETARY, without_scripts=True, viewport=ORDINARY)
    page.fill("#resident_name", "Mme Paulette Herbin")
    unfold(page)
    page.fill("#street", STREET)
    page.fill("#postcode", "02120")
    page.fill("#commune", "Guise")
    choose_first_hour(page)
    expect(page.locator("#street")).to_have_value(STREET)
    expect(page.locator("#street")).to_be_visible()
    check_page(page, "postal-address-without-scripts")
    page.get_by_role("button", name="Valider le rendez-vous").click()
    expect(page.locator(".notice-success")).to_contain_text("Mme Paulette Herbin")
    assert kept(database) == ([(STREET, "02120", "Guise")], 1)

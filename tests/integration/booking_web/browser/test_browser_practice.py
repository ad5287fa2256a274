# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the desk to the exercises and back, as a new secretary and a new counsellor go there."""

import re

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page
from stage.waiting import PATIENCE
from tests.integration.booking_web.conftest import SECRETARY

pytestmark = pytest.mark.real

CALL_MS = 60_000 * PATIENCE


def test_the_way_there_the_telephone_and_the_ticks_and_the_way_back(signed_in) -> None:
    page = signed_in(SECRETARY)
    page.get_by_role("link", name="S'exercer").click()
    expect(page.locator(".practice-band")).to_contain_text("Rien n'est vrai ici")
    expect(page).to_have_title(re.compile("^EXERCICE"))
    check_page(page, "practice-secretary")

    page.get_by_role("link", name="Aller au Bureau d'exercice").click()
    expect(page.get_by_text("Mme Aline Exercice").first).to_be_visible()
    expect(page.get_by_text("M. Basile Exercice").first).to_be_visible()
    check_page(page, "practice-desk")
    # Without a line of its own the page asks, and so follows the call that is played.
    row = page.locator(".row-card", has_text="M. Basile Exercice")
    row.get_by_role("button", name="Arrivé").click()
    # The page that answers is there, not only the row's new look on the one before.
    expect(page.locator(".notice")).to_contain_text("M. Basile Exercice")
    row.get_by_role("button", name="Appeler maintenant").click()
    expect(row).to_contain_text("En communication", timeout=CALL_MS)

    page.get_by_role("link", name="Consignes").click()
    expect(page.locator("#exercice-call")).to_contain_text("Fait")
    page.get_by_role("button", name="le conseiller de l'organisme").click()
    # Who plays the counsellor now has the call that went on, and ends it.
    band = page.locator(".practice-band")
    band.get_by_role("button", name="Raccrocher").click()
    expect(band).not_to_contain_text("En communication")
    page.get_by_role("link", name="Consignes").click()
    page.locator("#exercice-take").get_by_role("button").click()
    expect(band).to_contain_text("Votre téléphone sonne", timeout=CALL_MS)
    check_page(page, "practice-ringing")
    band.get_by_role("button", name="Décrocher").click()
    expect(band).to_contain_text("En communication avec")
    check_page(page, "practice-console")
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name="Consignes").click()
    expect(page.locator("#exercice-take")).to_contain_text("Fait")
    check_page(page, "practice-counsellor")

    page.get_by_role("button", name="Tout remettre à zéro").click()
    expect(page.locator(".is-done")).to_have_count(0)
    page.get_by_role("link", name="Quitter l'exercice").click()
    expect(page.get_by_text("Rien n'est vrai ici")).to_have_count(0)
    expect(page).not_to_have_title(re.compile("EXERCICE"))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mandate in a real browser: drawn up, printed, and revoked by two clicks."""

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
LAPTOP = {"width": 1366, "height": 768}


def test_a_mandate_is_drawn_up_and_revoked(signed_in, database) -> None:
    appointment = in_call(database)
    page = signed_in(MSA, viewport=LAPTOP)
    page.goto(f"/rendez-vous/{appointment}")
    page.get_by_role("link", name="Mandats").click()
    check_page(page, "mandates-none")
    page.get_by_role("button", name="l'imprimer deux fois").click()
    expect(page.locator("#error-summary")).to_contain_text("Dites pour quoi")
    check_page(page, "mandates-refused")
    page.get_by_label("Qui agit à la place").fill("Mme Zoé Œuvrard")
    page.get_by_label("famille").check()
    page.get_by_label("Donner et recevoir ses papiers").check()
    page.get_by_role("button", name="l'imprimer deux fois").click()
    expect(page.get_by_role("status")).to_contain_text("deux exemplaires")
    check_page(page, "mandates-drawn-up")
    page.get_by_text("Retirer le mandat").click()
    check_page(page, "mandates-asked-why")
    page.get_by_role("button", name="L'usager le demande").click()
    expect(page.get_by_text("il ne permet plus rien").last).to_be_visible()
    check_page(page, "mandates-revoked")

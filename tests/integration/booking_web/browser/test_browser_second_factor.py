# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second factor in a real browser: without scripts, by axe's rules, wide and narrow."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page, check_wide_and_narrow
from tests.factories.second_factors import Telephone

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"


def test_a_second_factor_is_set_up_and_asked_for_and_each_page_is_accessible(
    signed_in, ground, database
) -> None:
    signed_in(SECRETARY)
    screen = {"width": 1366, "height": 768}
    page = signed_in(SECRETARY, without_scripts=True, viewport=screen)
    page.get_by_role("link", name="mon compte").click()
    expect(
        page.get_by_role("button", name="Me déconnecter partout ailleurs")
    ).to_be_visible()
    check_wide_and_narrow(page, "account")
    page.get_by_role("link", name="Demander aussi un code").click()
    check_wide_and_narrow(page, "second-factor-new")
    page.fill("#code", "000000")
    page.fill("#password", ground.passwords[SECRETARY])
    page.get_by_role("button", name="Demander ce code à la connexion").click()
    expect(page.get_by_role("alert")).to_contain_text("Rien n'est enregistré")
    check_page(page, "second-factor-wrong")
    own = Telephone(page.locator("#key").inner_text().replace(" ", ""))
    page.fill("#code", own.code(datetime.now(UTC)))
    page.fill("#password", ground.passwords[SECRETARY])
    page.get_by_role("button", name="Demander ce code à la connexion").click()
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    check_wide_and_narrow(page, "second-factor-codes")
    page.get_by_role("link", name="J'ai ma feuille").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.fill("#email", SECRETARY)
    page.fill("#password", ground.passwords[SECRETARY])
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("#code")).to_be_focused()
    check_page(page, "second-factor-asked")
    page.fill("#code", "123")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("l'horloge du téléphone")
    check_page(page, "second-factor-refused")
    page.get_by_role("link", name="Je n'ai pas mon téléphone").click()
    check_wide_and_narrow(page, "second-factor-recovery")
    page.fill("#code", codes[4])
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("#codes-left")).to_contain_text("9 codes de secours")
    check_wide_and_narrow(page, "second-factor-kept")

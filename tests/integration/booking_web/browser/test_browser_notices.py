# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public notices in a real browser, found from the sign-in by their links."""

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page

pytestmark = pytest.mark.real


def test_each_is_found_from_the_foot_and_passes_axe_wide_and_narrow(new_page) -> None:
    page = new_page(viewport={"width": 1366, "height": 768})
    page.goto("/connexion")
    for name, heading in (
        ("Accessibilité", "Déclaration d'accessibilité"),
        ("Mentions légales", "Mentions légales"),
        ("Données personnelles", "Données personnelles"),
    ):
        foot = page.get_by_role("navigation", name="Informations légales")
        foot.get_by_role("link", name=name).press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        check_page(page, f"notice-{name.split()[0]}")
    page.set_viewport_size({"width": 360, "height": 740})
    check_page(page, "notice-narrow")

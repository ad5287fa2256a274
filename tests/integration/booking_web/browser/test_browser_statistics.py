# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of statistics in a real browser: by axe's rules, wide and narrow, by keyboard."""

import pytest
from playwright.sync_api import expect

from stage.chromium import check_wide_and_narrow
from tests.factories.counted import fill_two_weeks

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
SUPERVISOR = "supervision@guichet.example"
ADMINISTRATOR = "admin@guichet.example"
PAGE = "/statistiques"
DAYS = "du=2025-09-01&au=2025-11-02"


def test_every_page_of_statistics_passes_axe_wide_and_narrow(
    signed_in, database
) -> None:
    page = signed_in(SECRETARY)
    page.goto(PAGE)
    expect(page.get_by_text("Aucun chiffre pour cette période")).to_be_visible()
    check_wide_and_narrow(page, "statistics-empty")
    fill_two_weeks(database)
    for name, address in {
        "weeks": f"?{DAYS}",
        "organisations": f"?{DAYS}&par=organisme",
        "wrong-days": "?du=2025-11-02&au=2025-09-01",
    }.items():
        page.goto(PAGE + address)
        check_wide_and_narrow(page, f"statistics-{name}")
    page = signed_in(SUPERVISOR)
    page.goto(f"{PAGE}?{DAYS}&par=relais")
    check_wide_and_narrow(page, "statistics-masked")
    page = signed_in(ADMINISTRATOR)
    page.goto("/administration/relais/wassigny/distances")
    check_wide_and_narrow(page, "statistics-distances")


def test_figures_are_narrowed_by_keyboard_and_the_address_says_so(
    signed_in, database
) -> None:
    fill_two_weeks(database)
    page = signed_in(SUPERVISOR)
    page.get_by_role("link", name="Statistiques").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Statistiques")
    page.goto(f"{PAGE}?{DAYS}")
    relay = page.get_by_label("Relais", exact=True)
    relay.focus()
    page.keyboard.type("Relais de G")
    page.get_by_role("button", name="Afficher").press("Enter")
    expect(relay).to_have_value("guise")
    page.get_by_role("link", name="Par organisme").press("Enter")
    expect(relay).to_have_value("guise")
    table = page.get_by_role("table", name="Rendez-vous")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Mission locale")

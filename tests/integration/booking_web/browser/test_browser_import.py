# SPDX-License-Identifier: AGPL-3.0-or-later
"""The import's page in a real browser, without JavaScript, by axe's rules."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from stage.chromium import check_page

pytestmark = pytest.mark.real

MANAGER = "responsable@msa.example"


@pytest.fixture
def page(signed_in) -> Page:
    """Give the page as the MSA's manager sees it at first."""
    page = signed_in(MANAGER)
    page.goto("/organisme/import")
    return page


def choose(page: Page, content: str) -> None:
    """Choose a file and ask for its preview."""
    file = {"name": "rendez-vous.csv", "mimeType": "text/csv"}
    page.set_input_files("#file", file | {"buffer": content.encode("cp1252")})
    page.get_by_role("button", name="Voir l'aperçu").click()


def test_a_file_is_shown_then_taken_and_every_state_passes_axe(page) -> None:
    check_page(page, "import-empty")
    choose(page, "nom;date\nx;y")
    expect(page.locator("#file-error")).to_contain_text("Il manque une colonne")
    check_page(page, "import-error")
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%d/%m/%Y")
    lines = [
        "reference;relais;date;heure;nom",
        f"A1;Wassigny;{day};9h05;Mme Lefèvre",
        f"A2;Guise;{day};9h65;M. Noël",
    ]
    choose(page, "\r\n".join(lines))
    expect(page.locator("main")).to_contain_text("L'heure n'est pas lisible")
    check_page(page, "import-preview")
    page.get_by_role("button", name="Enregistrer 1 rendez-vous").click()
    expect(page.get_by_role("status").first).to_contain_text("1 rendez-vous repris.")
    check_page(page, "import-done")

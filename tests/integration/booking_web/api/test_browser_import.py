# SPDX-License-Identifier: AGPL-3.0-or-later
"""The import's page in a real browser, without JavaScript, by axe's rules."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from stage.keyboard_desk import CHROMIUM, CHROMIUM_ARGUMENTS

pytestmark = pytest.mark.real

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4", "best-practice"]
MANAGER = "responsable@msa.example"


@pytest.fixture
def page(serve, ground) -> Iterator[Page]:
    """Give the page as the MSA's manager sees it at first."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium: apt-get install chromium")
    server = serve("--workers", "1", "--threads", "24")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        context = browser.new_context(
            base_url=server.url, locale="fr-FR", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto("/connexion")
        page.fill("[name=email]", MANAGER)
        page.fill("[name=password]", ground.passwords[MANAGER])
        page.keyboard.press("Enter")
        page.wait_for_url("**/organisme/heures")
        page.goto("/organisme/import")
        yield page
        browser.close()


def look(page: Page, name: str) -> None:
    """Assert that axe objects to nothing and that nothing hangs over the edge."""
    if folder := os.environ.get("GUICHET_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/import-{name}.png", full_page=True)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{name} hangs over the edge"


def choose(page: Page, content: str) -> None:
    """Choose a file and ask for its preview."""
    file = {"name": "rendez-vous.csv", "mimeType": "text/csv"}
    page.set_input_files("#file", file | {"buffer": content.encode("cp1252")})
    page.get_by_role("button", name="Voir l'aperçu").click()


def test_a_file_is_shown_then_taken_and_every_state_passes_axe(page) -> None:
    look(page, "empty")
    choose(page, "nom;date\nx;y")
    expect(page.locator("#file-error")).to_contain_text("Il manque une colonne")
    look(page, "error")
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%d/%m/%Y")
    lines = [
        "reference;relais;date;heure;nom",
        f"A1;Wassigny;{day};9h05;Mme Lefèvre",
        f"A2;Guise;{day};9h65;M. Noël",
    ]
    choose(page, "\r\n".join(lines))
    expect(page.locator("main")).to_contain_text("L'heure n'est pas lisible")
    look(page, "preview")
    page.get_by_role("button", name="Enregistrer 1 rendez-vous").click()
    expect(page.get_by_role("status").first).to_contain_text("1 rendez-vous repris.")
    look(page, "done")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager's pages in a real browser: by keyboard, without JavaScript, by axe's rules."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from booking_web.availability_models import Closure, Opening
from booking_web.models import Appointment
from booking_web.scheduling import BookingRequest, book
from stage.keyboard_desk import CHROMIUM, CHROMIUM_ARGUMENTS

pytestmark = pytest.mark.real

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4", "best-practice"]
MANAGER = "responsable@msa.example"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def page(serve, ground) -> Iterator[Page]:
    """Give the hours of the MSA, as its manager sees them at first."""
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
        yield page
        browser.close()


def look(page: Page, name: str) -> None:
    """Assert that axe objects to nothing and that nothing hangs over the edge."""
    if folder := os.environ.get("GUICHET_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/hours-{name}.png", full_page=True)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{name} hangs over the edge"


def next_thursday() -> date:
    """Give a Thursday that is neither today nor a holiday of November to January."""
    day = datetime.now(PARIS).date() + timedelta(days=8)
    return day + timedelta(days=(3 - day.weekday()) % 7)


def book_on(database, day: date, hour: time, name: str) -> int:
    """Book half an hour at the MSA for a resident of Wassigny."""
    request = BookingRequest(
        token=name,
        user_id=1,
        relay="wassigny",
        organisation="msa",
        resident_name=name,
        reason="",
        starts_at=datetime.combine(day, hour, PARIS).astimezone(UTC),
    )
    with database.write() as session:
        return book(session, request, datetime.now(UTC)).appointment.id


def test_hours_are_published_and_withdrawn_and_every_page_passes_axe(
    page, database
) -> None:
    with database.write() as session:
        for row in session.scalars(select(Opening)):
            session.delete(row)
    page.reload()
    look(page, "empty")
    page.get_by_role("button", name="Publier du lundi au vendredi").click()
    expect(page.get_by_role("status")).to_contain_text("Les horaires sont publiés.")

    # By keyboard alone: some more hours, refused at first.
    page.get_by_role("link", name="Ajouter des heures").press("Enter")
    page.get_by_role("button", name="Publier ces heures").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Écrivez l'heure")
    look(page, "opening-error")
    page.get_by_label("Samedi").check()
    for weekday in ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi"):
        page.get_by_label(weekday).uncheck()
    page.get_by_label("Ouvre à").fill("09:00")
    page.get_by_label("Ferme à").fill("11:30")
    page.get_by_label("Répétition").select_option(label="Une semaine sur deux")
    page.get_by_label("Ferme à").press("Enter")
    expect(page.locator("tbody")).to_contain_text("Une semaine sur deux")

    day = next_thursday()
    appointments = [
        book_on(database, day, time(14, 0), "Mme Legrand"),
        book_on(database, day, time(15, 0), "M. Petit"),
        book_on(database, day, time(16, 0), "Mme Roux"),
    ]
    page.get_by_role("link", name="Ajouter une exception").press("Enter")
    page.get_by_label("Premier jour").fill(day.isoformat())
    page.get_by_label("Pourquoi").fill("Formation de l'équipe")
    look(page, "closure")
    page.get_by_label("Pourquoi").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "3 rendez-vous sont dans ces heures"
    )
    look(page, "confirm")
    page.get_by_role("button", name="Continuer").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    page.locator("summary").last.press("Enter")
    look(page, "plan-again")
    first = page.locator(f"#rendez-vous-{appointments[0]}")
    first.get_by_role("radio").first.press(" ")
    first.get_by_role("button", name="Déplacer").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Le rendez-vous est déplacé.")
    second = page.locator(f"#rendez-vous-{appointments[1]}")
    second.get_by_role("button", name="Garder").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_count(1)
    page.locator("summary").press("Enter")
    page.get_by_label("Raison").select_option(label="L'organisme l'a demandé")
    page.get_by_role("button", name="Annuler ce rendez-vous").press("Enter")
    expect(page.locator("main")).to_contain_text("Il ne reste rien à replacer")
    look(page, "plan-again-done")
    with database.read() as session:
        states = [session.get_one(Appointment, each).state for each in appointments]
        assert states == ["booked", "booked", "cancelled"]
        assert session.scalar(select(Closure.label)) == "Formation de l'équipe"

    page.goto("/organisme/heures")
    look(page, "week")
    page.locator(".hours-range").first.press("Enter")
    look(page, "opening")
    page.get_by_role("button", name="Retirer cette plage").press("Enter")
    look(page, "withdraw")
    page.get_by_role("button", name="Ne rien changer").press("Enter")
    expect(page.get_by_role("button", name="Retirer cette plage")).to_be_visible()
    page.get_by_role("link", name="Revenir aux horaires").press("Enter")
    page.get_by_role("link", name="Règles de réservation").press("Enter")
    page.get_by_label("On réserve").fill("beaucoup")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    look(page, "rules-error")
    page.get_by_label("On réserve").fill("90")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Les règles sont enregistrées.")
    page.set_viewport_size({"width": 375, "height": 800})
    look(page, "week-narrow")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager's pages in a real browser: by keyboard, without JavaScript, by axe's rules."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.appointment import Appointment
from booking_web.tables.hours import Closure, Opening
from stage.chromium import check_page
from tests.factories.orders import an_order

pytestmark = pytest.mark.real

MANAGER = "responsable@msa.example"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def page(signed_in) -> Page:
    """Give the hours of the MSA, as its manager sees them at first."""
    return signed_in(MANAGER)


def next_thursday() -> date:
    """Give a Thursday that is neither today nor a holiday of November to January."""
    day = datetime.now(PARIS).date() + timedelta(days=8)
    return day + timedelta(days=(3 - day.weekday()) % 7)


def book_on(database, day: date, hour: time, name: str) -> int:
    """Book half an hour at the MSA for a resident of Wassigny."""
    request = an_order(
        token=name,
        resident_name=name,
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
    check_page(page, "hours-empty")
    page.get_by_role("button", name="Publier du lundi au vendredi").click()
    expect(page.get_by_role("status")).to_contain_text("Les horaires sont publiés.")

    # By keyboard alone: some more hours, refused at first.
    page.get_by_role("link", name="Ajouter des heures").press("Enter")
    page.get_by_role("button", name="Publier ces heures").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Écrivez l'heure")
    check_page(page, "hours-opening-error")
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
    check_page(page, "hours-closure")
    page.get_by_label("Pourquoi").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "3 rendez-vous sont dans ces heures"
    )
    check_page(page, "hours-confirm")
    page.get_by_role("button", name="Continuer").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    page.locator("summary").last.press("Enter")
    check_page(page, "hours-plan-again")
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
    check_page(page, "hours-plan-again-done")
    with database.read() as session:
        states = [session.get_one(Appointment, each).state for each in appointments]
        assert states == ["booked", "booked", "cancelled"]
        assert session.scalar(select(Closure.label)) == "Formation de l'équipe"

    page.goto("/organisme/heures")
    check_page(page, "hours-week")
    page.locator(".hours-range").first.press("Enter")
    check_page(page, "hours-opening")
    page.get_by_role("button", name="Retirer cette plage").press("Enter")
    check_page(page, "hours-withdraw")
    page.get_by_role("button", name="Ne rien changer").press("Enter")
    expect(page.get_by_role("button", name="Retirer cette plage")).to_be_visible()
    page.get_by_role("link", name="Revenir aux horaires").press("Enter")
    page.get_by_role("link", name="Règles de réservation").press("Enter")
    page.get_by_label("On réserve").fill("beaucoup")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    check_page(page, "hours-rules-error")
    page.get_by_label("On réserve").fill("90")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Les règles sont enregistrées.")
    page.get_by_role("link", name="Règles des appels").press("Enter")
    page.get_by_label("Temps de saisie").fill("longtemps")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    check_page(page, "hours-call-rules-error")
    page.get_by_role("link", name="Revenir aux horaires").press("Enter")
    page.set_viewport_size({"width": 375, "height": 800})
    check_page(page, "hours-week-narrow")
    page.get_by_role("link", name="Rendez-vous").press("Enter")
    page.wait_for_url("**/organisme/heures/rendez-vous")
    with database.write() as session:
        write_presence(session, {}, {}, datetime.now(UTC), is_all=True)
    page.reload()
    expect(page.locator(".counsellors-now dd").first).to_contain_text("Pas là")
    page.set_viewport_size({"width": 1366, "height": 768})
    check_page(page, "appointments-today")
    page.set_viewport_size({"width": 375, "height": 800})
    with database.read() as session:
        day = session.get_one(Appointment, appointments[0]).starts_at.date()
    page.goto(f"/organisme/heures/rendez-vous?jour={day}")
    expect(page.locator("tbody tr").first).to_be_visible()
    check_page(page, "appointments-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    check_page(page, "appointments")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officer's pages of residents' rights in a real browser: by keyboard, by axe's rules."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from booking_web.domain.residents.register import create_resident
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from stage.appointments import put_appointment
from stage.chromium import check_page, check_wide_and_narrow

pytestmark = pytest.mark.real

OFFICER = "rgpd@guichet.example"
SECRETARY = "mairie@wassigny.example"


def test_the_officer_corrects_restricts_and_erases_by_keyboard_and_the_pages_are_accessible(
    signed_in, database
) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        resident = create_resident(session, 1, "Mme Zoé Lefèvre", 1, now)
        number = put_appointment(
            session,
            "kiosk-wassigny",
            "msa",
            starts_at=now + timedelta(days=3),
            state=AppointmentState.BOOKED,
        )
        resident_id = resident.id
        coming = session.get_one(Appointment, number)
        coming.resident_id, coming.resident_name = resident_id, resident.name
        loose = put_appointment(
            session,
            "kiosk-guise",
            "msa",
            starts_at=now - timedelta(days=30),
            state=AppointmentState.DONE,
        )
        booked_by_name = session.get_one(Appointment, loose)
        booked_by_name.resident_name = "Mme Zoé Lefèvre"
        booked_by_name.reason = "retraite, rappeler au 06 12 34 56 78"
    page = signed_in(OFFICER, viewport={"width": 1366, "height": 768})
    page.goto("/journal")
    page.get_by_role("link", name="Droits des usagers").press("Enter")
    page.get_by_role("link", name="Durées de conservation").press("Enter")
    expect(page.get_by_role("heading", name="Dernier effacement")).to_be_visible()
    check_wide_and_narrow(page, "rights-terms")
    page.get_by_role("link", name="Droits des usagers").first.press("Enter")
    page.get_by_label("Chercher par le nom").fill("lefev")
    page.keyboard.press("Enter")
    check_page(page, "rights-found")
    page.get_by_role("link", name="Rendez-vous pris avec un nom seul").press("Enter")
    page.get_by_label("Nom noté").fill("lefev")
    page.keyboard.press("Enter")
    check_wide_and_narrow(page, "rights-loose")
    page.get_by_role("link", name="Rattacher à cette fiche").press("Enter")
    page.get_by_label("Mme Zoé Lefèvre").press("Space")
    page.get_by_role("button", name="Rattacher à ce dossier").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Rien n'est rattaché")
    expect(page.get_by_label("Mme Zoé Lefèvre")).to_be_checked()
    page.get_by_label("J'ai vérifié l'identité").press("Space")
    check_page(page, "rights-loose-of-one")
    page.get_by_role("button", name="Rattacher à ce dossier").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 rendez-vous est rattaché")
    expect(page.get_by_role("link", name="Télécharger tout le dossier")).to_be_visible()
    check_page(page, "rights-resident")
    page.get_by_role("link", name="Corriger la fiche").press("Enter")
    page.get_by_label("Nom de l'usager").fill("12")
    page.get_by_role("button", name="Corriger partout").press("Enter")
    expect(page.get_by_text("Rien n'est enregistré")).to_be_visible()
    check_page(page, "rights-correct")
    page.get_by_label("Nom de l'usager").fill("Mme Zita Lefèvre")
    page.get_by_role("button", name="Corriger partout").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Corrigé : la fiche, et 2")
    page.get_by_role("link", name="Limiter l'usage des données").press("Enter")
    page.get_by_label("L'usager dit que les données sont fausses").press("Space")
    page.get_by_role("button", name="Limiter dès maintenant").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("ce qui y mettra fin")
    check_wide_and_narrow(page, "rights-restrict")
    page.get_by_label("Ce qui y mettra fin").fill("quand l'état civil aura répondu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("plus personne ne s'en sert")
    check_page(page, "rights-restricted")
    desk = signed_in(SECRETARY, viewport={"width": 1366, "height": 768})
    comes_on = (now + timedelta(days=3)).astimezone(ZoneInfo("Europe/Paris")).date()
    desk.goto(f"/bureau?jour={comes_on.isoformat()}")
    expect(desk.get_by_text("Z. L.")).to_be_visible()
    check_page(desk, "desk-restricted")
    desk.goto(f"/bureau/usagers/{resident_id}")
    expect(desk.get_by_role("heading", name="sous limitation")).to_be_visible()
    check_page(desk, "restricted-refused")
    page.get_by_label("L'usager est prévenu").press("Space")
    page.get_by_role("button", name="Lever la limitation").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("La limitation est levée.")
    page.get_by_role("link", name="Effacer le dossier").press("Enter")
    page.get_by_label("J'ai vérifié l'identité").press("Space")
    page.get_by_role("button", name="Effacer pour toujours").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("des rendez-vous à venir")
    check_wide_and_narrow(page, "rights-erase")
    page.get_by_label("Annuler aussi son rendez-vous").press("Space")
    page.get_by_label("J'ai vérifié l'identité").press("Space")
    page.get_by_role("button", name="Effacer pour toujours").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Le dossier est effacé.")

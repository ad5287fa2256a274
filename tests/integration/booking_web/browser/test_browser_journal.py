# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officer's pages of the journal in a real browser: by keyboard, by axe's rules."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.register import create_resident
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from stage.appointments import put_appointment
from stage.chromium import check_page, check_wide_and_narrow

pytestmark = pytest.mark.real

OFFICER = "rgpd@guichet.example"


def tell_of_a_resident(database) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    with database.write() as session:
        resident = create_resident(session, 1, "Mme Zoé Lefèvre", 1, now)
        number = put_appointment(session, "kiosk-wassigny", "msa", starts_at=now)
        appointment = session.get_one(Appointment, number)
        appointment.resident_id = resident.id
        appointment.resident_name = resident.name
        for act in (Act.CONSOLE_OPENED, Act.DOCUMENT_SHOWN, Act.PRINTED):
            detail = "document 1" if act is not Act.CONSOLE_OPENED else ""
            tell(session, act, appointment, actor="user:1", at=now, detail=detail)


def test_the_officer_searches_by_keyboard_and_the_pages_are_accessible(
    signed_in, database
) -> None:
    page = signed_in(OFFICER, viewport={"width": 1366, "height": 768})
    page.goto("/journal?du=2031-01-01")
    expect(page.get_by_text("Aucune ligne ne correspond.")).to_be_visible()
    check_page(page, "journal-empty")
    tell_of_a_resident(database)
    page.get_by_role("link", name="Journal").click()
    page.get_by_role("link", name="Chercher un usager par son nom").press("Enter")
    expect(page.get_by_label("Chercher par le nom")).to_be_focused()
    page.keyboard.type("lefev")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mme Zoé Lefèvre").first).to_be_visible()
    check_page(page, "journal-resident")
    page.get_by_role("link", name="Lignes du journal").press("Enter")
    page.get_by_label("Quoi").select_option("Impressions")
    page.get_by_role("button", name="Chercher").press("Enter")
    expect(page.locator(".journal-lines tbody tr")).to_have_count(1)
    expect(page.locator(".journal-lines tbody tr")).to_contain_text("Document imprimé")
    check_wide_and_narrow(page, "journal")

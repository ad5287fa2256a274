# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call is handed over in a real browser; both sides see at once what becomes of it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking_web.dispatcher.handing_over.rows import take_handovers
from booking_web.domain.appointments.handing_over.going import taken
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.handovers import Handover
from stage.chromium import check_page
from stage.kiosk_ground import in_call
from tests.factories.handed_over import MSA, VERVINS, have_call

pytestmark = pytest.mark.real

LAPTOP = {"width": 1366, "height": 768}
NARROW = {"width": 320, "height": 640}
NOTE = "Carte grise : le certificat de cession manque."
# As a scanner's own program names a file.
LONG_TITLE = "Carte grise_du_véhicule_de_Monsieur_2026-12-02_recto_verso_numérisé.pdf"


@pytest.fixture
def call(database) -> int:
    """Give a call that can be handed over, with two scans."""
    appointment = in_call(database)
    have_call(database, appointment)
    with database.write() as session:
        for number, title in ((1, "Avis d'imposition"), (2, LONG_TITLE)):
            session.add(
                Document(
                    appointment_id=appointment,
                    number=number,
                    title=title,
                    sha256=str(number) * 64,
                    size=2048,
                    pages=1,
                    source="scan",
                    created_at=datetime.now(UTC),
                    created_by="user:1",
                )
            )
    return appointment


def test_a_call_goes_to_another_organisation_and_both_sides_see_how_it_stands(
    signed_in, database, call
) -> None:
    page = signed_in(MSA, viewport=LAPTOP)
    page.goto(f"/rendez-vous/{call}")
    check_page(page, "handover-in-call")
    page.get_by_role("link", name="Passer l'appel").click()
    check_page(page, "handover-choose")
    page.set_viewport_size(NARROW)
    check_page(page, "handover-choose-narrow")
    page.set_viewport_size(LAPTOP)
    page.get_by_label("Sous-préfecture de Vervins").check()
    page.get_by_label("Note pour qui prend l'appel").fill(NOTE)
    page.get_by_label("Carte grise").check()
    page.get_by_role("button", name="Passer l'appel").click()
    expect(page.locator("#error-summary")).to_contain_text("Demandez d'abord")
    check_page(page, "handover-not-agreed")
    # What was chosen and written is still there.
    expect(page.get_by_label("Note pour qui prend l'appel")).to_have_value(NOTE)
    page.get_by_label("L'usager est d'accord").check()
    page.get_by_role("button", name="Passer l'appel").click()
    standing = page.locator("#standing")
    expect(standing).to_contain_text("un instant")
    now = datetime.now(UTC)
    with database.write() as session:
        assert take_handovers(session, now)
    expect(standing).to_contain_text("L'appel sonne chez Sous-préfecture de Vervins")
    check_page(page, "handover-ringing")
    other = signed_in(VERVINS, viewport=LAPTOP)
    other.goto(f"/rendez-vous/{call}")
    told = other.locator("#handover")
    expect(told).to_contain_text(NOTE)
    expect(other.locator("#documents")).to_contain_text("Carte grise")
    expect(other.locator("#documents")).not_to_contain_text("Avis d'imposition")
    check_page(other, "handover-at-the-other")
    with database.write() as session:
        row = session.scalars(select(Handover)).one()
        appointment = session.get_one(Appointment, call)
        taken(session, row, appointment, None, "dispatcher", now)
    expect(standing).to_contain_text("L'appel est pris")
    page.goto("/rendez-vous")
    expect(page.locator("#handed")).to_contain_text("Sous-préfecture de Vervins")
    check_page(page, "handover-day")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's day in a real browser: what comes next, what was missed, and the end of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.conclusions import conclude
from booking_web.domain.appointments.lifecycle import release_slots
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import Conclusion, FollowUp, Outcome
from booking_web.tables.hours import Opening
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Counter, Organisation, Relay, VisitReason
from stage.chromium import check_page
from stage.kiosk_ground import bring_to, in_call
from tests.factories.orders import add_resident, an_order

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
LAPTOP = {"width": 1366, "height": 768}
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def day(database) -> tuple[int, int, int]:
    """Give a missed call of yesterday, one in call who was here before, and one in 12 minutes."""
    missed = in_call(database)
    bring_to(database, missed, S.INTERRUPTED)
    now = datetime.now(UTC)
    with database.write() as session:
        # Noon there, whenever this runs: in 12 minutes it is still today.
        noon = f"Etc/GMT{now.hour - 12:+d}"
        for table in (Relay, Organisation):
            session.execute(update(table).values(time_zone=noon))
        first = session.get_one(Appointment, missed)
        first.starts_at -= timedelta(days=1)
        first.ends_at -= timedelta(days=1)
        release_slots(session, first)
        msa = session.get_one(Organisation, first.organisation_id)
        session.add(Counter(slug="msa-9", name="9", organisation_id=msa.id))
        reason = session.scalars(
            select(VisitReason).where(VisitReason.name == "Dossier de retraite")
        ).one()
        resident = add_resident(session, now, name="Mme Œuvrard")
        resident.birth_date = date(1958, 3, 3)
        first.resident_id, first.resident_name = resident.id, resident.name
        conclude(
            session,
            first,
            Outcome.PAPERS_MISSING,
            "Le RIB manque.\nElle le demande à sa banque.",
            version=0,
            actor="user:7",
            now=now,
        )
        session.add_all(
            Opening(
                counter_id=counter_id,
                first_day=date(2026, 1, 1),
                weekdays=0b1111111,
                opens_minute=9 * 60,
                closes_minute=12 * 60,
            )
            for counter_id in session.scalars(
                select(Counter.id).where(Counter.organisation_id == msa.id)
            )
        )
    present = in_call(database, relay="guise")
    with database.write() as session:
        found = session.get_one(Appointment, present)
        found.resident_id, found.resident_name = resident.id, resident.name
        found.visit_reason, found.reason = reason, "Vient avec sa fille"
        soon = datetime.now(UTC) + timedelta(minutes=12)
        awaited = book(
            session,
            an_order(
                relay="marly-gomont",
                starts_at=soon.replace(microsecond=0),
                resident_name="M. Lefèvre",
            ),
            now,
        ).appointment.id
    return missed, present, awaited


def test_the_day_says_what_comes_next_and_keeps_what_was_missed(
    signed_in, database, day
) -> None:
    missed, _, awaited = day
    page = signed_in(MSA, viewport=LAPTOP)
    page.clock.install()
    page.goto("/rendez-vous")
    told = page.locator("[data-countdown]")
    expect(told).to_have_text("dans 12 min")
    expect(page.locator("#next")).to_contain_text("M. Lefèvre")
    # It goes on by itself, and nothing reads it aloud.
    page.clock.fast_forward("03:00")
    expect(told).to_have_text("dans 9 min")
    page.clock.fast_forward("10:00")
    expect(told).to_have_text("l'heure est passée depuis 1 min")
    assert told.evaluate("each => each.closest('[aria-live], [role]')") is None
    expect(page.locator(f"#manque-{missed}")).to_contain_text("Appel coupé")
    check_page(page, "counsellors-day")
    page.set_viewport_size(NARROW)
    check_page(page, "counsellors-day-narrow")
    page.set_viewport_size(LAPTOP)
    page.locator(f"#rien-{missed}").press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("rien à faire")
    expect(page.locator("#missed")).to_be_empty()
    page.locator(f"#appeler-{awaited}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Appeler la borne")
    check_page(page, "counsellor-calls")


def test_who_comes_the_outcome_and_the_next_appointment(
    signed_in, database, day
) -> None:
    _, present, _ = day
    page = signed_in(MSA, viewport=LAPTOP)
    page.goto(f"/rendez-vous/{present}")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    who = page.locator("#who")
    expect(who).to_contain_text("né(e) le 3 mars 1958")
    expect(who).to_contain_text("Elle le demande à sa banque.")
    check_page(page, "console-who")
    page.set_viewport_size(NARROW)
    check_page(page, "console-who-narrow")
    page.set_viewport_size(LAPTOP)
    # The next appointment: one press proposes, one books.
    page.locator("#proposer-suite").click()
    check_page(page, "follow-up")
    page.locator(".next-hours button").first.click()
    expect(page.locator(".notice-success")).to_contain_text("Le rendez-vous est pris")
    expect(page.locator("#ending")).to_contain_text("Suite")
    page.locator("#noter-fin").press("Enter")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("Choisissez l'issue")
    check_page(page, "outcome-error")
    page.get_by_label("Réglé").check()
    page.fill("#note", "Dossier complet.")
    page.set_viewport_size(NARROW)
    check_page(page, "outcome-narrow")
    page.set_viewport_size(LAPTOP)
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.locator("#ending")).to_contain_text("Dossier complet.")
    check_page(page, "console-ended")
    with database.read() as session:
        noted = session.get_one(Conclusion, present)
        assert (noted.outcome, noted.note) == ("resolved", "Dossier complet.")
        assert session.get(FollowUp, present) is not None

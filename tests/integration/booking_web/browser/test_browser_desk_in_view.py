# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a secretary must see without scrolling: who comes next, the line's state, the answer."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import HelpCall
from booking_web.tables.states import AppointmentState as State
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Kiosk
from stage.chromium import check_page
from stage.keyboard_desk import publish_hours, wait_until_ready
from tests.factories.orders import add_resident

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
NEIGHBOUR = "mairie@guise.example"
COUNSELLOR = "conseiller@msa.example"
LAPTOP = {"width": 1280, "height": 800}
# 1366 x 768 at 125 %.
SMALL_LAPTOP = {"width": 1093, "height": 614}
# The one that most town halls have, at 100 %.
WIDE_LAPTOP = {"width": 1366, "height": 768}
TELEPHONE = {"width": 390, "height": 844}
# Of a row so much must be in view: the hour, the name and what it is about.
HEAD_OF_A_ROW_PX = 48
MANY = 300
# As static/shell/live.js tells it.
LOSE_THE_LINE = """document.dispatchEvent(
  new CustomEvent("guichet:live", { detail: { isLive: false } })
)"""
TALLEST_PAGE_PX = 9000
# A row has some three kilobytes: what is sent of a day does not grow with it.
MOST_BYTES = 200_000
BYTES = "performance.getEntriesByType('navigation')[0].decodedBodySize"


def put(
    session: Session,
    relay: str,
    name: str,
    after: timedelta,
    state: State = State.BOOKED,
) -> None:
    """Put an appointment into the relay's day, seconds beside the next one."""
    now = datetime.now(UTC)
    kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == f"kiosk-{relay}")).one()
    counter = session.scalars(select(Counter).where(Counter.slug == "msa-1")).one()
    session.add(
        Appointment(
            submission=f"{relay} {name}",
            kiosk_id=kiosk.id,
            counter_id=counter.id,
            organisation_id=counter.organisation_id,
            resident_name=name,
            reason="dossier de retraite",
            starts_at=now + after,
            ends_at=now + after + timedelta(minutes=30),
            state=state,
            # Long enough ago not to be news.
            state_since=now - timedelta(hours=1),
            created_by_id=1,
            created_at=now,
        )
    )


@pytest.fixture
def ground(ground):
    """Give the database with a few appointments to come."""
    database = Database(ground.url)
    publish_hours(database, "sous-prefecture-vervins")
    with database.write() as session:
        for number in range(5):
            name = f"Mme Lefèvre-Deschamps {number}"
            put(session, "wassigny", name, timedelta(minutes=2, seconds=number))
    database.dispose()
    return ground


def in_view(place: Locator, pixels: float | None = None) -> None:
    """Assert that the place, or its uppermost pixels, is seen and nothing lies over it."""
    box = place.bounding_box()
    assert box is not None
    wanted = box["height"] if pixels is None else pixels
    size = place.page.viewport_size
    assert 0 <= box["y"] and box["y"] + wanted <= size["height"], (box, size)
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + wanted / 2}
    seen = place.evaluate(
        "(place, at) => place.contains(document.elementFromPoint(at.x, at.y))", middle
    )
    assert seen, f"something lies over it: {box}"


def see_what_comes_next(page: Page) -> None:
    assert page.evaluate("window.scrollY") == 0
    expect(page.locator("#live-link")).to_contain_text("en direct")
    in_view(page.locator("#live-link"))
    in_view(page.locator("#confirm"))
    for number in range(3):
        in_view(page.locator("#day-to-come > li").nth(number), HEAD_OF_A_ROW_PX)


@pytest.mark.parametrize("viewport", [LAPTOP, TELEPHONE], ids=["laptop", "telephone"])
def test_who_comes_next_is_in_view_before_and_after_booking(
    signed_in, viewport
) -> None:
    page = signed_in(SECRETARY, viewport=viewport)
    wait_until_ready(page)
    see_what_comes_next(page)
    check_page(page, "desk-in-view")
    page.fill("#resident_name", f"Mme Roy {viewport['width']}")
    page.locator(".subject", has_text="Carte grise").click()
    page.get_by_label("Maintenant").check()
    page.locator("#confirm").click()
    notice = page.locator(".notice-success")
    expect(notice).to_contain_text("Mme Roy")
    in_view(notice)
    see_what_comes_next(page)
    check_page(page, "desk-booked")


@pytest.mark.parametrize("viewport", [LAPTOP, WIDE_LAPTOP], ids=["1280", "1366"])
def test_four_rows_of_reasons_are_in_view_and_what_is_folded_is_told(
    signed_in, viewport
) -> None:
    page = signed_in(SECRETARY, viewport=viewport)
    wait_until_ready(page)
    # Two beside each other: of the last ones what they are about.
    for number in range(8):
        in_view(page.locator(".subject").nth(number), HEAD_OF_A_ROW_PX)
    options, told = page.locator("#who-options"), page.locator("#who-options-told")
    expect(page.locator("#telephone")).to_be_hidden()
    expect(told).to_be_empty()
    unfold = options.locator("summary")
    unfold.focus()
    page.keyboard.press("Enter")
    page.get_by_label("anglais").check()
    page.get_by_label("Rendez-vous discret").check()
    page.fill("#telephone", "06 12 34 56 78")
    page.fill("#commune", "Guise")
    check_page(page, f"desk-options-{viewport['width']}")
    unfold.focus()
    page.keyboard.press("Enter")
    expect(told).to_have_text("anglais, discret, téléphone, adresse")
    expect(told).to_be_visible()
    check_page(page, f"desk-options-told-{viewport['width']}")


def test_those_whom_a_name_may_mean_are_in_view_under_a_call_for_help(
    signed_in, database
) -> None:
    with database.write() as session:
        now = datetime.now(UTC)
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == "kiosk-wassigny"))
        session.add(HelpCall(kiosk_id=kiosk.one().id, asked_at=now))
        for number in range(3):
            add_resident(
                session,
                now,
                name="M. Jean Martin",
                search_key="martin m jean",
                telephone=f"+3319900010{number}",
            )
    page = signed_in(SECRETARY, viewport=SMALL_LAPTOP)
    wait_until_ready(page)
    page.locator("#resident_name").press_sequentially("martin")
    options = page.locator("#resident-options [role=option]")
    expect(options).to_have_count(4)
    for number in (0, 2):
        in_view(options.nth(number))
    in_view(page.locator("#resident_name"))


@pytest.mark.parametrize("viewport", [LAPTOP, TELEPHONE], ids=["laptop", "telephone"])
def test_a_line_that_is_lost_is_said_in_view(signed_in, viewport) -> None:
    page = signed_in(SECRETARY, viewport=viewport)
    expect(page.locator("#live-link")).to_contain_text("en direct")
    page.evaluate(LOSE_THE_LINE)
    expect(page.locator("#live-link")).to_contain_text("Liaison coupée")
    in_view(page.locator("#live-link"))
    in_view(page.locator("#refresh"))


def fill_a_day(database: Database) -> None:
    """Put many appointments into the neighbour's day, half of them over."""
    with database.write() as session:
        for number in range(MANY):
            state = State.CANCELLED if number < MANY / 2 else State.BOOKED
            name, after = f"M. Dupont {number:03}", timedelta(seconds=number)
            put(session, "guise", name, after, state)


def test_of_three_hundred_rows_twenty_are_sent_and_no_page_of_45000_pixels(
    signed_in, database
) -> None:
    fill_a_day(database)
    page = signed_in(NEIGHBOUR)
    page.goto("/bureau")
    expect(page.locator("#day-to-come > li").first).to_be_visible()
    assert 0 < page.evaluate(BYTES) < MOST_BYTES
    assert page.locator("#day-to-come > li").count() == 20
    expect(page.locator("#day-to-come > li").first).to_contain_text("M. Dupont 150")
    assert page.evaluate("document.documentElement.scrollHeight") < TALLEST_PAGE_PX
    page.get_by_role("link", name="Plus tard : encore 130").click()
    expect(page.locator("#day-to-come > li").first).to_contain_text("M. Dupont 170")
    page.get_by_role("link", name="Revenir aux prochains").click()
    page.locator(".day-folded summary").click()
    expect(page.locator("#day-over > li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < TALLEST_PAGE_PX
    counsellor = signed_in(COUNSELLOR)
    expect(counsellor.locator(".day-list > li").first).to_be_visible()
    assert (
        counsellor.evaluate("document.documentElement.scrollHeight") < TALLEST_PAGE_PX
    )

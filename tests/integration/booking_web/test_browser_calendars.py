# SPDX-License-Identifier: AGPL-3.0-or-later
"""The week, the lists, messages and feeds in a real browser, by axe's rules."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select, update

from booking_web.lifecycle import move
from booking_web.messages.models import Message
from booking_web.models import Appointment, Resident
from booking_web.scheduling import BookingRequest, book
from booking_web.states import AppointmentState as State
from provisioning.models import Relay

pytestmark = pytest.mark.real

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4", "best-practice"]
SECRETARY = "mairie@wassigny.example"
# Where screenshots go, for those who want to look at the pages.
PICTURES = os.environ.get("GUICHET_TEST_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """Collect what the pages' own scripts complain of; nothing may be there at the end."""
    found: list[str] = []
    yield found
    assert found == []


def open_desk(browser, complaints, url, password, **options) -> Page:
    # Without motion: a button whose colour still changes has too little contrast.
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    page.goto(url)
    page.fill("#email", SECRETARY)
    page.fill("#password", password)
    page.click("button[type=submit]")
    expect(page.locator(".site-pages")).to_be_visible()
    return page


def check(page: Page, name: str) -> None:
    """Assert that axe finds nothing to object to and that nothing hangs over the edge."""
    if PICTURES:
        width = page.viewport_size["width"]
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], name


def make_appointments(database) -> None:
    """Fill the week with every state, and the outbox with every outcome."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    monday = now - timedelta(days=now.weekday(), hours=now.hour)
    moved = {
        1: (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL, State.DONE),
        2: (State.NO_SHOW,),
        3: (State.ARRIVED, State.CALLING, State.UNREACHABLE),
        4: (State.ARRIVED,),
    }
    with database.write() as session:
        relay = session.scalar(select(Relay).where(Relay.slug == "wassigny"))
        for number in range(8):
            day = number % 5 if number < 5 else now.weekday() + 1
            starts_at = monday + timedelta(days=day, hours=8 + number)
            resident = Resident(
                relay_id=relay.id,
                name=f"Mme Lefèvre {number}",
                search_key="x",
                telephone="+33199000102" if number != 6 else "",
                email="a@b.example" if number == 7 else "",
                created_at=now,
                created_by_id=1,
                seen_at=now,
            )
            session.add(resident)
            session.flush()
            request = BookingRequest(
                token=f"{number}",
                user_id=1,
                relay="wassigny",
                organisation=("msa", "mission-locale-thierache")[number % 2],
                resident_name=resident.name,
                reason="carte grise",
                starts_at=starts_at,
                resident_id=resident.id,
            )
            made = book(session, request, min(now, starts_at)).appointment
            for state in moved.get(number, ()):
                move(session, made, state, actor="test", at=now)
                session.flush()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_and_state_passes_axe(
    browser, complaints, serve, ground, database, width
) -> None:
    url = serve("--workers", "1", "--threads", "24").url
    viewport = {"width": width, "height": 900}
    page = open_desk(
        browser, complaints, url, ground.passwords[SECRETARY], viewport=viewport
    )
    for address in ("semaine", "imprimer", "messages", "rappels"):
        page.goto(f"{url}/bureau/{address}")
        expect(page.locator(".empty")).to_be_visible()
        check(page, f"{address}-empty")
    make_appointments(database)
    page.goto(f"{url}/bureau/semaine")
    if width < 768:
        expect(page.locator("#week-table")).to_be_visible()
        check(page, "week-table")
        page.click("#week-switch")
    expect(page.locator("#week-grid .ec-event").first).to_be_visible()
    check(page, "week-grid")
    page.click("#week-switch")
    expect(page.locator("#week-table")).to_be_visible()
    check(page, "week-table")
    page.goto(f"{url}/bureau/imprimer?periode=semaine")
    check(page, "print-week")
    with database.write() as session:
        session.execute(
            update(Message).values(state="given_up", reason="address_refused")
        )
    page.goto(f"{url}/bureau/messages")
    check(page, "messages")
    page.goto(f"{url}/bureau/rappels")
    page.locator("button[value=told]").first.click()
    expect(page.locator("button[value=undo]")).to_be_visible()
    check(page, "reminders")
    page.goto(f"{url}/agendas")
    check(page, "feeds-empty")
    page.fill("#label", "Téléphone de l'accueil")
    page.click("form.card-form button")
    expect(page.locator("#address")).to_be_visible()
    check(page, "feeds-made")
    page.locator("a", has_text="Supprimer").click()
    check(page, "feed-revoke")
    page.goto(f"{url}/agendas")
    page.eval_on_selector("form.card-form", "form => form.noValidate = true")
    page.click("form.card-form button")
    expect(page.locator("[role=alert]")).to_be_visible()
    check(page, "feeds-error")
    page.context.close()


def test_the_week_works_without_javascript_and_by_keyboard_with_it(
    browser, complaints, serve, ground, database
) -> None:
    url = serve("--workers", "1", "--threads", "24").url
    make_appointments(database)
    password = ground.passwords[SECRETARY]
    plain = open_desk(browser, complaints, url, password, java_script_enabled=False)
    plain.goto(f"{url}/bureau/semaine")
    assert plain.locator("#week-table").is_visible()
    assert not plain.locator("#week-grid").is_visible()
    assert not plain.locator("#week-switch").is_visible()
    plain.locator(".week-entry a").first.click()
    assert "/bureau?jour=" in plain.url
    plain.context.close()
    page = open_desk(browser, complaints, url, password)
    page.goto(f"{url}/bureau/semaine")
    switch = page.locator("#week-switch")
    expect(switch).to_contain_text("Voir le tableau")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#week-table")).to_be_visible()
    page.reload()
    expect(page.locator("#week-table")).to_be_visible()
    page.keyboard.press("Tab")
    switch.focus()
    page.keyboard.press("Enter")
    page.locator("#week-grid .week-link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/bureau?jour=*")
    with database.read() as session:
        assert session.scalar(select(Appointment.id)) is not None
    page.context.close()

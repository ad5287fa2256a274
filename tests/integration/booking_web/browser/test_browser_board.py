# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relay's day in a real browser: readiness as it changes, the bell, moving by keyboard."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.kiosks.presence import keep_watch, write_presence
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from stage.chromium import check_page
from stage.waiting import PATIENCE
from tests.factories.orders import an_order

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
KIOSK = "kiosk-wassigny"
COUNSELLOR = ("msa", "counsellor-msa-1")


@pytest.fixture
def open_desk(signed_in) -> Callable[..., Page]:
    """Give a function that opens the desk, signed in."""

    def make(**options: object) -> Page:
        page = signed_in(SECRETARY, viewport={"width": 1400, "height": 1000}, **options)
        expect(page.locator("#readiness")).to_be_attached()
        return page

    return make


def tell(database, kiosk: Presence, counsellor: Presence, *, is_all=False) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        write_presence(
            session, {KIOSK: kiosk}, {COUNSELLOR: counsellor}, now, is_all=is_all
        )


def put(database, minutes: int, *states: State, name="M. Dupont") -> int:
    now = datetime.now(UTC)
    request = an_order(
        token=f"{minutes}",
        resident_name=name,
        starts_at=now + timedelta(minutes=minutes) if minutes else None,
    )
    with database.write() as session:
        appointment = book(session, request, now).appointment
        appointment.call_requested_at = None
        for state in states:
            move(session, appointment, state, actor="dispatcher", at=now)
            session.flush()
        return appointment.id


def wait_in_line(database, name: str) -> None:
    request = an_order(token=name, resident_name=name)
    with database.write() as session:
        join_line(session, request, asked_for(session, request), datetime.now(UTC))


def test_readiness_changes_on_the_open_page_and_is_said_aloud(
    open_desk, database
) -> None:
    put(database, 0, State.CALLING, State.IN_CALL)
    wait_in_line(database, "Mme Petit")
    tell(database, Presence.READY, Presence.READY, is_all=True)
    page = open_desk()
    strip = page.locator("#readiness")
    expect(strip).to_contain_text("1 conseiller disponible")
    expect(page.locator("#day-rows")).to_contain_text("Premier dans la file")
    check_page(page)
    tell(database, Presence.OFFLINE, Presence.PAUSED)
    expect(strip).to_contain_text("éteinte depuis")
    expect(strip).to_contain_text("conseillers en pause")
    expect(page.locator("#announcements")).to_contain_text("éteinte depuis")
    check_page(page)


def test_a_watch_that_ends_is_seen_with_no_event_at_all(open_desk, database) -> None:
    tell(database, Presence.READY, Presence.READY, is_all=True)
    page = open_desk()
    strip = page.locator("#readiness")
    expect(strip).to_contain_text("à vérifier")
    with database.write() as session:
        keep_watch(session, datetime.now(UTC) - timedelta(seconds=60))
    expect(strip).not_to_contain_text("à vérifier", timeout=60_000 * PATIENCE)
    expect(strip.locator("[data-state=unknown]")).to_be_visible()


def test_the_help_key_rings_on_the_open_desk_and_the_resident_is_answered(
    new_page, open_desk, ground
) -> None:
    desk = open_desk()
    desk.evaluate(
        "window.rung = 0; HTMLMediaElement.prototype.play = function () {"
        " window.rung += 1; return Promise.resolve(); }"
    )
    kiosk = new_page()
    kiosk.goto(ground.screen_address(KIOSK))
    kiosk.wait_for_url("**/borne")
    kiosk.keyboard.press("F1")
    told = kiosk.locator("#screen .help-told")
    expect(told).to_have_text("La mairie est prévenue.")
    banner = desk.locator("#help")
    expect(banner).to_contain_text("Un usager demande de l'aide")
    plain = open_desk(without_scripts=True)
    expect(plain.locator("#help")).to_contain_text("Un usager demande de l'aide")
    check_page(plain, "plain-help")
    desk.wait_for_function("window.rung > 0")
    assert desk.title().startswith("🔔")
    check_page(desk)
    check_page(kiosk)
    desk.get_by_role("button", name="J'y vais").press("Enter")
    expect(told).to_have_text("Quelqu'un arrive.")
    expect(desk.locator("#help [data-ringing]")).to_have_count(0)


def test_an_appointment_is_moved_and_cancelled_by_keyboard_without_javascript(
    open_desk, database
) -> None:
    number = put(database, 24 * 60)
    page = open_desk(java_script_enabled=False)
    page.goto(f"/bureau/rendez-vous/{number}/deplacer")
    page.locator("#place-autre").check()
    page.fill("#day", (datetime.now(UTC) + timedelta(days=2)).date().isoformat())
    page.fill("#hour", "10:15")
    page.locator("#raison-illness").check()
    page.get_by_role("button", name="Déplacer ce rendez-vous").press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("Rendez-vous déplacé")
    page.locator(f"#annuler-{number}").press("Enter")
    page.locator("#raison-resident_asked").check()
    page.get_by_role("button", name="Annuler ce rendez-vous").press("Enter")
    expect(page.locator("#day-rows")).to_contain_text("À la demande de l'usager.")
    with database.read() as session:
        [appointment] = session.scalars(select(Appointment))
        assert appointment.state == State.CANCELLED


def test_pages_that_ask_and_the_question_after_the_call_are_accessible(
    open_desk, database
) -> None:
    over = put(database, 0, State.CALLING, State.QUEUED, State.IN_CALL, State.DONE)
    number = put(database, 24 * 60)
    page = open_desk()
    page.locator(f"#utile-oui-{over}").press("Enter")
    button = page.locator(f"#utile-oui-{over}")
    expect(button).to_have_attribute("aria-pressed", "true")
    check_page(page)
    for act in ("annuler", "absent", "raccrocher", "deplacer"):
        page.goto(f"/bureau/rendez-vous/{number}/{act}")
        check_page(page, f"asks-{act}")
    page.fill("#day", "")
    page.get_by_role("button", name="Déplacer ce rendez-vous").click()
    expect(page.locator(".field-error").first).to_be_visible()
    check_page(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_done_is_taken_back_by_keyboard_without_scrolling(
    open_desk, database, width
) -> None:
    number = put(database, 24 * 60)
    page = open_desk()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/bureau/rendez-vous/{number}/annuler")
    page.get_by_role("button", name="Annuler ce rendez-vous").press("Enter")
    undo = page.locator("#undo")
    expect(undo).to_be_in_viewport(ratio=1)
    undo.focus()
    check_page(page, "undo")
    undo.press("Enter")
    expect(page.locator(f"#annuler-{number}")).to_be_visible()
    page.goto(f"/bureau/rendez-vous/{number}/absent")
    page.get_by_role("button", name="n'est pas là").press("Enter")
    page.locator(f"#retablir-{number}").press("Enter")
    check_page(page, "asks-retablir")
    page.get_by_role("button", name="Remettre").press("Enter")
    expect(page.locator(f"#annuler-{number}")).to_be_visible()
    with database.read() as session:
        assert session.get_one(Appointment, number).state == State.BOOKED

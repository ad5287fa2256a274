# SPDX-License-Identifier: AGPL-3.0-or-later
"""The week, the lists, messages and feeds in a real browser, by axe's rules."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.messages import Message
from booking_web.tables.states import AppointmentState as State
from stage.chromium import check_page, check_wide_and_narrow
from tests.factories.orders import add_resident, an_order

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
PARIS = ZoneInfo("Europe/Paris")


def make_appointments(database) -> None:
    """Fill the week with every state, and the outbox with every outcome."""
    # The relay's own clock: its day is another one than that of UTC for an hour or two.
    now = datetime.now(PARIS).replace(minute=0, second=0, microsecond=0)
    monday = now - timedelta(days=now.weekday(), hours=now.hour)
    moved = {
        1: (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL, State.DONE),
        2: (State.NO_SHOW,),
        3: (State.ARRIVED, State.CALLING, State.UNREACHABLE),
        4: (State.ARRIVED,),
    }
    with database.write() as session:
        for number in range(8):
            day = number % 5 if number < 5 else now.weekday() + 1
            starts_at = monday + timedelta(days=day, hours=8 + number)
            resident = add_resident(
                session,
                now,
                name=f"Mme Lefèvre {number}",
                telephone="+33199000102" if number != 6 else "",
                email="a@b.example" if number == 7 else "",
            )
            request = an_order(
                token=f"{number}",
                organisation=("msa", "mission-locale-thierache")[number % 2],
                resident_name=resident.name,
                details="carte grise",
                starts_at=starts_at.astimezone(UTC),
                resident_id=resident.id,
            )
            made = book(session, request, min(now, starts_at)).appointment
            for state in moved.get(number, ()):
                move(session, made, state, actor="test", at=now)
                session.flush()


def cut_names(page, boxes: str) -> list[str]:
    """Give the names that are not wholly within their box, or wider than the window."""
    return page.eval_on_selector_all(
        boxes,
        """boxes => boxes.flatMap(box => {
            const name = box.querySelector(".week-name");
            const inner = name.getBoundingClientRect();
            const outer = box.getBoundingClientRect();
            const isWhole = inner.height > 0 && inner.left >= outer.left
                && inner.right <= outer.right + 1 && inner.bottom <= outer.bottom + 1
                && outer.right <= document.documentElement.clientWidth;
            return isWhole ? [] : [name.textContent];
        })""",
    )


def the_week_is_whole_in_each_view(page) -> None:
    """Check the week's grid and table, and the list that a telephone shows instead."""
    expect(page.locator("#week-grid .ec-event").first).to_be_visible()
    check_page(page, "week-grid")
    assert cut_names(page, "#week-grid .ec-event") == []
    page.click("#week-switch")
    expect(page.locator("#week-table")).to_be_visible()
    check_page(page, "week-table")
    wide = page.viewport_size
    page.set_viewport_size({**wide, "width": 390})
    page.reload()
    expect(page.locator("#week-days .week-entry").first).to_be_visible()
    expect(page.locator("#week-switch")).to_be_hidden()
    check_page(page, "week-days")
    assert cut_names(page, "#week-days .week-entry") == []
    page.set_viewport_size(wide)


def test_every_page_and_state_passes_axe_wide_and_narrow(signed_in, database) -> None:
    page = signed_in(SECRETARY)
    for address in ("semaine", "imprimer", "messages", "rappels"):
        page.goto(f"/bureau/{address}")
        expect(page.locator(".empty")).to_be_visible()
        check_wide_and_narrow(page, f"{address}-empty")
    make_appointments(database)
    page.goto("/bureau/semaine")
    the_week_is_whole_in_each_view(page)
    page.goto("/bureau/imprimer?periode=semaine")
    check_wide_and_narrow(page, "print-week")
    with database.write() as session:
        session.execute(
            update(Message).values(state="given_up", reason="address_refused")
        )
    page.goto("/bureau/messages")
    check_wide_and_narrow(page, "messages")
    page.goto("/bureau/rappels")
    page.locator("button[value=told]").first.click()
    expect(page.locator("button[value=undo]")).to_be_visible()
    check_wide_and_narrow(page, "reminders")
    page.goto("/agendas")
    check_wide_and_narrow(page, "feeds-empty")
    page.fill("#label", "Téléphone de l'accueil")
    page.click("form.card-form button")
    expect(page.locator("#address")).to_be_visible()
    check_wide_and_narrow(page, "feeds-made")
    page.locator("a", has_text="Supprimer").click()
    check_wide_and_narrow(page, "feed-revoke")
    page.goto("/agendas")
    page.eval_on_selector("form.card-form", "form => form.noValidate = true")
    page.click("form.card-form button")
    expect(page.locator(".notice-error")).to_be_visible()
    check_wide_and_narrow(page, "feeds-error")


def test_the_week_works_without_javascript_and_by_keyboard_with_it(
    signed_in, database
) -> None:
    make_appointments(database)
    plain = signed_in(SECRETARY, java_script_enabled=False)
    plain.goto("/bureau/semaine")
    assert plain.locator("#week-table").is_visible()
    assert not plain.locator("#week-grid").is_visible()
    assert not plain.locator("#week-switch").is_visible()
    plain.locator(".week-entry a").first.click()
    plain.wait_for_url("**/bureau?jour=*")
    page = signed_in(SECRETARY)
    page.goto("/bureau/semaine")
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


def test_the_grid_says_premier_of_a_months_first_day(signed_in, database) -> None:
    now = datetime.now(UTC)
    first = next(
        day
        for day in (now + timedelta(days=ahead) for ahead in range(1, 100))
        # A Sunday is not shown.
        if day.day == 1 and day.weekday() < 6
    )
    with database.write() as session:
        at_ten = first.replace(hour=10, minute=0, second=0, microsecond=0)
        book(session, an_order(starts_at=at_ten), now)
    page = signed_in(SECRETARY)
    page.goto(f"/bureau/semaine?jour={first:%Y-%m-%d}")
    head = page.locator("#week-grid .ec-header")
    expect(head).to_contain_text(re.compile(r"[a-z] 1er [a-z]"))
    expect(head).not_to_contain_text(re.compile(r"[a-z] 1 [a-z]"))

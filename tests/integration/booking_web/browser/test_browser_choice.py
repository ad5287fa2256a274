# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the person chose is what is booked: on a slow line, and where the hours fail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from provisioning.database.engine import Database
from stage.keyboard_desk import publish_hours, wait_until_ready

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
LINE_MS = 1200
HOURS = "**/bureau/creneaux?*"
# The number of "Carte grise", whose organisation publishes hours.
CARD_KEY = "3"


@pytest.fixture
def ground(ground):
    """Give the database in which one organisation publishes hours."""
    database = Database(ground.url)
    publish_hours(database, "sous-prefecture-vervins")
    database.dispose()
    return ground


@pytest.fixture
def open_desk(signed_in) -> Callable[[str], Page]:
    """Give a function that opens the desk with a name typed, and then slows the line."""

    def make(name: str) -> Page:
        page = signed_in(SECRETARY)
        wait_until_ready(page)
        page.fill("#resident_name", name)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LINE_MS,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            },
        )
        return page

    return make


def booked(database: Database, name: str) -> list[Appointment]:
    with database.read() as session:
        query = select(Appointment).where(Appointment.resident_name == name)
        return list(session.scalars(query))


def checked(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "[name=when]:checked", "radios => radios.map(radio => radio.value)"
    )


def choose_reason(page: Page) -> None:
    page.locator(".subject", has_text="Carte grise").click()


def confirm_and_read(page: Page, words: str) -> None:
    page.locator("#confirm").click()
    expect(page.locator(".notice-success")).to_contain_text(words)


def test_now_stays_now_when_the_hours_come_late(open_desk, database) -> None:
    page = open_desk("Mme Now")
    page.get_by_label("Maintenant").check()
    with page.expect_response(HOURS):
        choose_reason(page)
    expect(page.locator("#slot-0")).to_be_attached()
    assert checked(page) == ["now"]
    confirm_and_read(page, "Mme Now")
    [made] = booked(database, "Mme Now")
    assert made.state == State.ARRIVED


def test_by_keyboard_nothing_is_chosen_among_hours_that_are_not_there(
    open_desk, database
) -> None:
    page = open_desk("Mme Keys")
    page.locator("#subject-filter").focus()
    with page.expect_response(HOURS):
        # Faster than the line: there is no first hour yet, and nothing to confirm.
        for key in (CARD_KEY, "Enter", "1", "Enter"):
            page.keyboard.press(key)
        expect(page.locator("#when-missing")).to_contain_text("arrivent")
        assert checked(page) == []
    expect(page.locator("#slot-1")).to_be_attached()
    assert checked(page) == []
    assert booked(database, "Mme Keys") == []
    expect(page.get_by_label("Maintenant")).to_be_focused()
    second = page.locator("#slot-1").input_value()
    page.keyboard.press("2")
    assert checked(page) == [second]
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("Mme Keys")
    [made] = booked(database, "Mme Keys")
    assert second.startswith(f"{made.starts_at:%Y-%m-%dT%H:%MZ}")


def test_confirming_without_a_choice_asks_for_one(open_desk, database) -> None:
    page = open_desk("Mme Nothing")
    choose_reason(page)
    expect(page.locator("#slot-1")).to_be_attached()
    page.locator("#confirm").click()
    expect(page.locator("#when-missing")).to_contain_text("Choisissez")
    expect(page.locator("#slot-0")).to_be_focused()
    assert checked(page) == []
    page.locator(".slot").nth(1).click()
    expect(page.locator("#when-missing")).to_be_hidden()
    confirm_and_read(page, "Mme Nothing")
    assert len(booked(database, "Mme Nothing")) == 1


def test_where_the_hours_fail_nothing_is_booked_that_was_not_chosen(
    open_desk, database
) -> None:
    page = open_desk("Mme Failing")
    page.route(HOURS, lambda route: route.abort())
    choose_reason(page)
    expect(page.locator("#slots")).to_contain_text("ne sont pas arrivées")
    page.locator("#confirm").click()
    expect(page.locator("#when-missing")).to_be_visible()
    assert checked(page) == [] and booked(database, "Mme Failing") == []
    page.unroute(HOURS)
    page.get_by_role("button", name="Chercher à nouveau").click()
    page.locator(".slot").first.click()
    confirm_and_read(page, "Mme Failing")
    assert [each.state for each in booked(database, "Mme Failing")] == [State.BOOKED]


def test_where_the_hours_fail_the_keyboard_books_what_it_chose(
    open_desk, database
) -> None:
    page = open_desk("Mme Nohours")
    page.route(HOURS, lambda route: route.fulfill(status=503, body="busy"))
    page.locator("#subject-filter").focus()
    page.keyboard.press(CARD_KEY)
    expect(page.locator("#slots")).to_contain_text("ne sont pas arrivées")
    for key in ("Enter", "Enter", "0"):
        page.keyboard.press(key)
    assert checked(page) == ["now"] and booked(database, "Mme Nohours") == []
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("Mme Nohours")
    [made] = booked(database, "Mme Nohours")
    assert made.starts_at - made.created_at < timedelta(minutes=5)


def test_an_hour_that_another_reason_does_not_offer_is_not_replaced(
    open_desk, database
) -> None:
    page = open_desk("Mme Change")
    choose_reason(page)
    page.locator(".slot").nth(2).click()
    [wished] = checked(page)
    # This organisation publishes no hours.
    page.locator(".subject", has_text="Dossier de retraite").click()
    expect(page.locator("#slots")).to_contain_text("n'a pas publié")
    expect(page.locator("#when-missing")).to_contain_text("n'est pas libre")
    assert checked(page) == []
    choose_reason(page)
    expect(page.locator("#slot-2")).to_have_value(wished)
    # Changed once more before the hours are there: the choice made meanwhile is kept.
    page.locator(".subject", has_text="Permis").click()
    page.get_by_label("Maintenant").check()
    choose_reason(page)
    expect(page.locator("#slot-2")).to_be_attached()
    assert checked(page) == ["now"]
    assert booked(database, "Mme Change") == []

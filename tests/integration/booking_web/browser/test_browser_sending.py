# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form that is sent while the server is away: kept, sent again, taken once; pages shown."""

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from provisioning.database.engine import Database
from stage.chromium import check_page
from stage.keyboard_desk import wait_until_ready
from stage.waiting import PATIENCE

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
KEPT = "Votre saisie est gardée"
# The server starts anew, and the page waits between two tries.
BACK_MS = 60_000 * PATIENCE


@pytest.fixture
def page(signed_in) -> Page:
    """Give the desk, its scripts run."""
    page = signed_in(SECRETARY)
    wait_until_ready(page)
    return page


def fill_in(page: Page, name: str) -> None:
    page.fill("#resident_name", name)
    page.locator(".subject", has_text="Carte grise").click()
    page.get_by_label("Maintenant").check()


def appointments(database: Database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment)))


def lose_one_answer(page: Page, address: str) -> None:
    """Have the next such request reach the server, and its answer nobody."""

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route(address, lose, times=1)


def test_a_booking_sent_while_the_server_is_away_is_kept_and_sent_again(
    page, server, database
) -> None:
    fill_in(page, "Mme Roy")
    server.live.kill()
    server.program.kill()
    page.locator("#confirm").click()
    expect(page.locator("#unsent")).to_contain_text(KEPT)
    expect(page.locator("#resident_name")).to_have_value("Mme Roy")
    server.start()
    notice = page.locator(".notice-success")
    expect(notice).to_contain_text("Mme Roy", timeout=BACK_MS)
    expect(page.locator("#unsent")).to_be_hidden()
    assert [each.resident_name for each in appointments(database)] == ["Mme Roy"]


def test_an_act_sent_while_the_server_is_away_is_kept_and_sent_again(
    page, server, database
) -> None:
    fill_in(page, "Mme Roy")
    page.locator("#confirm").click()
    expect(page.locator("#annuler-1")).to_be_visible()
    page.locator("#annuler-1").click()
    confirm = page.get_by_role("button", name="Annuler ce rendez-vous")
    expect(confirm).to_be_visible()
    server.live.kill()
    server.program.kill()
    confirm.click()
    expect(page.locator("#unsent")).to_contain_text(KEPT)
    server.start()
    expect(page.locator("#day-rows [data-state=cancelled]")).to_be_attached(
        timeout=BACK_MS
    )
    assert [each.state for each in appointments(database)] == [State.CANCELLED]


def test_what_was_taken_though_its_answer_was_lost_is_taken_once(
    page, database
) -> None:
    fill_in(page, "Mme Roy")
    lose_one_answer(page, "**/bureau/rendez-vous")
    page.locator("#confirm").click()
    notice = page.locator(".notice", has_text="déjà enregistré")
    expect(notice).to_be_visible(timeout=BACK_MS)
    assert len(appointments(database)) == 1
    page.locator("#annuler-1").click()
    lose_one_answer(page, "**/bureau/rendez-vous/1/annuler")
    page.get_by_role("button", name="Annuler ce rendez-vous").click()
    expect(notice).to_be_visible(timeout=BACK_MS)
    assert [each.state for each in appointments(database)] == [State.CANCELLED]


def test_a_trouble_that_lasts_is_read_and_a_server_that_is_busy_asked_again(
    page, database
) -> None:
    words = {"status": 503, "headers": {"X-Guichet-Words": "1"}, "body": "Disque plein"}
    page.route("**/bureau/rendez-vous", lambda route: route.fulfill(**words), times=1)
    fill_in(page, "Mme Roy")
    page.locator("#confirm").click()
    expect(page.locator("body")).to_contain_text("Disque plein")
    page.goto("/bureau")
    wait_until_ready(page)
    busy = {"status": 503, "headers": {"Retry-After": "5"}, "body": "busy"}
    page.route("**/bureau/rendez-vous", lambda route: route.fulfill(**busy), times=1)
    fill_in(page, "Mme Roy")
    page.locator("#confirm").click()
    expect(page.locator(".notice-success")).to_contain_text("Mme Roy", timeout=BACK_MS)
    assert [each.resident_name for each in appointments(database)] == ["Mme Roy"]


def test_who_was_signed_out_signs_in_beside_and_sends_what_was_typed(
    page, sign_in, database
) -> None:
    fill_in(page, "Mme Roy")
    beside = page.context.new_page()
    beside.goto("/bureau")
    beside.get_by_role("button", name="Se déconnecter").click()
    beside.wait_for_url("**/connexion*")
    page.locator("#confirm").click()
    said = page.locator("#signed-out")
    expect(said).to_contain_text("Votre session a pris fin.")
    expect(said.locator("a")).to_be_focused()
    check_page(page, "sending-signed-out")
    assert appointments(database) == []
    sign_in(beside, SECRETARY)
    beside.wait_for_url(lambda address: "/connexion" not in address)
    page.locator("#confirm").click()
    expect(page.locator(".notice-success")).to_contain_text("Mme Roy")
    assert [each.resident_name for each in appointments(database)] == ["Mme Roy"]


def test_a_page_that_answers_a_form_is_shown_and_never_asked_for_again(
    page, database
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type in ("document", "fetch") and "bureau" in request.url:
            asked.append(f"{request.method} {request.url.rpartition('/')[2]}")

    page.fill("#reason", "achat")
    page.get_by_label("Maintenant").check()
    page.on("request", note)
    page.locator("#confirm").click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    expect(page.locator("#reason")).to_have_value("achat")
    assert [each for each in asked if "rendez-vous" in each] == ["POST rendez-vous"]
    assert "GET bureau" not in asked
    # It is a page like any other: its form is quick, is sent, and one can go back.
    page.fill("#resident_name", "Mme Roy")
    page.locator(".subject", has_text="Carte grise").click()
    expect(page.locator("#papers")).to_contain_text("Ancienne carte grise")
    page.locator("#confirm").click()
    expect(page.locator(".notice-success")).to_contain_text("Mme Roy")
    assert len(appointments(database)) == 1

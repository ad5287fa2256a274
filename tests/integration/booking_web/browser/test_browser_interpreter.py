# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter in a real browser: chosen by the keyboard, told live, called by one key."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.domain.appointments.interpreters.calls import (
    call_ended,
    interpreter_came,
)
from booking_web.tables.interpreters import InterpreterCall
from stage.chromium import check_page
from stage.keyboard_desk import publish_hours
from stage.kiosk_ground import S, book_one, bring_to
from tests.factories.interpreters import (
    INTERPRETERS,
    NAMED,
    book_interpreter,
    interpreted_in,
    let_interpret,
)

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
SECRETARY = "mairie@wassigny.example"
INTERPRETER = "conseiller@mission-locale-thierache.example"


@pytest.fixture
def interpreted(database) -> int:
    """Give an appointment in call, into which an interpreter is being called."""
    let_interpret(database)
    appointment = book_one(database, "wassigny", "msa")
    book_interpreter(database, appointment)
    bring_to(database, appointment, S.ARRIVED, S.CALLING, S.QUEUED, S.IN_CALL)
    return appointment


@pytest.fixture
def happen(database):
    """Give a function that lets the last call of an interpreter be answered, or end."""

    def do(work, *values: str) -> None:
        now = datetime.now(UTC)
        query = select(InterpreterCall).order_by(InterpreterCall.id.desc())
        with database.write() as session:
            call = session.scalars(query.limit(1)).one()
            call.placed_at = call.placed_at or now
            work(session, call, *values, "dispatcher", now)

    return do


def live(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    return page


def test_the_counsellor_follows_the_interpreter_and_calls_again_by_the_keyboard(
    signed_in, database, interpreted, happen
) -> None:
    console = live(signed_in(MSA), f"/rendez-vous/{interpreted}")
    part = console.locator("#interpreter")
    expect(part).to_contain_text("L'interprète est appelé : son téléphone sonne.")
    check_page(console)
    # Until its button is pressed nobody touches the page.
    console.evaluate("window.isSamePage = true")
    happen(interpreter_came, "counsellor-mission-locale-thierache-1")
    expect(part).to_contain_text("L'interprète est là :")
    check_page(console)
    happen(call_ended)
    expect(part).to_contain_text("L'interprète n'est plus là. L'appel continue.")
    assert console.evaluate("window.isSamePage")
    console.locator(f"#rappeler-interprete-{interpreted}").focus()
    console.keyboard.press("Enter")
    expect(part).to_contain_text("L'interprète est appelé : son téléphone sonne.")
    happen(call_ended)
    expect(part).to_contain_text("La borne n'a pas pris l'appel de l'interprète.")
    check_page(console)
    with database.read() as session:
        states = session.scalars(
            select(InterpreterCall.state).order_by(InterpreterCall.id)
        )
        assert list(states) == ["left", "nobody"]


def test_the_secretary_chooses_an_interpreter_and_other_hours_are_offered(
    signed_in, database
) -> None:
    let_interpret(database)
    publish_hours(database, "msa")
    desk = signed_in(SECRETARY)
    desk.goto("/bureau")
    desk.fill("#resident_name", "Mme Roy")
    desk.locator("label.subject", has_text="MSA").first.click()
    expect(desk.locator("#slots [name=when]").first).to_be_visible()
    check_page(desk)
    desk.locator("#who-options summary").click()
    with desk.expect_response(
        lambda answer: f"interpreter={INTERPRETERS}" in answer.url
    ):
        desk.locator("#interpreter").select_option(label=NAMED)
    desk.locator("#slots label.choice, #slots label").first.click()
    desk.click("#confirm")
    expect(desk.locator(".day-list, .notice").first).to_be_visible()
    assert interpreted_in(database) == [INTERPRETERS]


def test_an_interpreters_day_follows_by_itself_and_names_nobody(
    signed_in, interpreted, happen
) -> None:
    day = live(signed_in(INTERPRETER), "/rendez-vous")
    row = day.locator(f"#rendez-vous-{interpreted}")
    expect(row).to_contain_text("Votre téléphone sonne : décrochez.")
    check_page(day)
    happen(interpreter_came, "counsellor-mission-locale-thierache-1")
    expect(row).to_contain_text("interprète")
    expect(row).not_to_contain_text("Votre téléphone sonne")
    assert "Dupont" not in day.content()

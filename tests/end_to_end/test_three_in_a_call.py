# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter who writes, on the whole system: dispatcher, Asterisk, kiosk, two telephones.

What they write is read on the kiosk's second screen in that call alone.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskScreen
from booking_web.tables.interpreters import InterpreterCall, InterpreterState
from provisioning.database.models import Counter, Organisation
from stage.appointments import put_appointment
from stage.chromium import CHROMIUM, start_chromium
from stage.kiosk_screen import screen_address
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import PATIENCE, wait_for
from stage.web_browser import PageRefused, WebBrowser, form_with

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium"),
]

ORGANISATION, SERVICE = "msa", "mission-locale-thierache"
INTERPRETER = "counsellor-mission-locale-thierache-1"
ACCOUNT = "conseiller@mission-locale-thierache.example"
WORDS = "Bonjour, que vous faut-il aujourd'hui ?"
PICTURES = 20
TIMEOUT_MS = int(20_000 * PATIENCE)


def put_interpreted_appointment(stage: Stage) -> int:
    """Book a resident who is there with an interpreter, whose service is made of another."""
    database = stage.database()
    try:
        with database.write() as session:
            service = session.scalars(
                select(Organisation).where(Organisation.slug == SERVICE)
            ).one()
            service.interprets = "typed"
            number = put_appointment(
                session, KIOSK, ORGANISATION, call_is_requested=True
            )
            counters = select(Counter.id).where(Counter.organisation_id == service.id)
            appointment = session.get_one(Appointment, number)
            appointment.interpreter_counter_id = session.scalars(counters).first()
            return number
    finally:
        database.dispose()


def interpreter_state(stage: Stage, number: int) -> str | None:
    database = stage.database()
    try:
        with database.read() as session:
            query = select(InterpreterCall.state).where(
                InterpreterCall.appointment_id == number
            )
            return session.scalars(query.order_by(InterpreterCall.id.desc())).first()
    finally:
        database.dispose()


def appointment_state(stage: Stage, number: int) -> str:
    database = stage.database()
    try:
        with database.read() as session:
            return str(session.get_one(Appointment, number).state)
    finally:
        database.dispose()


def pictures(stage: Stage) -> list[int]:
    """Count the pictures that came: of both at the kiosk, of the resident at both."""
    status = stage.kiosk(KIOSK).status()
    others = (stage.counsellor(COUNSELLOR).call(), stage.counsellor(INTERPRETER).call())
    videos = [
        (call or {}).get("video") or {}
        for call in (status["call"], status["interpreter"], *others)
    ]
    return [int(video.get("frames_decoded", 0)) for video in videos]


class Writer(WebBrowser):
    """The interpreter at the page where they write."""

    def write(self, appointment: int, words: str) -> None:
        """Show the resident these words; raises PageRefused."""
        address = f"/rendez-vous/{appointment}/paroles"
        page = self.get(address)
        form = form_with(page, lambda form: "words" in form.values, "words")
        assert urlsplit(form.action).path == address
        form.values |= {"words": words}
        if not self.send(page, form).is_redirect:
            raise PageRefused("the words were refused")


@pytest.fixture
def screen(whole_stage: Stage) -> Iterator[Page]:
    """Give the browser on the kiosk's second screen."""
    whole_stage.start()
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(screen_address(whole_stage, KIOSK))
        yield page
        browser.close()


@pytest.fixture
def writer(whole_stage: Stage) -> Iterator[Writer]:
    whole_stage.start()
    with Writer(whole_stage.url) as writer:
        writer.sign_in(ACCOUNT, whole_stage.passwords()[ACCOUNT])
        yield writer


def written_down(stage: Stage) -> list[bytes]:
    """Give what the server keeps of words on any screen."""
    database = stage.database()
    try:
        with database.read() as session:
            query = select(KioskScreen.sealed_words)
            return [each for each in session.scalars(query) if each is not None]
    finally:
        database.dispose()


def test_who_interprets_by_writing_is_read_in_that_call_and_it_goes_on_without(
    whole_stage: Stage, writer: Writer, screen: Page
) -> None:
    number = put_interpreted_appointment(whole_stage)
    words = screen.get_by_text(WORDS)
    wait_for(
        lambda: min(pictures(whole_stage)) >= PICTURES,
        "each of three sees who is to be seen",
        60,
        0.2,
    )
    wait_for(
        lambda: interpreter_state(whole_stage, number) == InterpreterState.HERE,
        "the interpreter is known to be there",
        20,
        0.2,
    )
    writer.write(number, WORDS)
    expect(words).to_be_visible(timeout=TIMEOUT_MS)
    # Sealed: what the server keeps for the call's time is nobody's to read.
    assert written_down(whole_stage) and WORDS.encode() not in written_down(whole_stage)
    whole_stage.counsellor(INTERPRETER).order("hangup")
    wait_for(
        lambda: interpreter_state(whole_stage, number) == InterpreterState.LEFT,
        "the interpreter is known to have left",
        20,
        0.2,
    )
    assert whole_stage.kiosk(KIOSK).status()["interpreter"] is None
    assert appointment_state(whole_stage, number) == "in_call"
    # Out of the call, nobody of the service writes any more.
    with pytest.raises(PageRefused, match="404"):
        writer.write(number, "Encore ?")
    seen = pictures(whole_stage)[0]
    wait_for(
        lambda: pictures(whole_stage)[0] >= seen + PICTURES,
        "counsellor and resident go on",
        20,
        0.2,
    )
    whole_stage.counsellor(COUNSELLOR).order("hangup")
    wait_for(
        lambda: appointment_state(whole_stage, number) == "done", "it is done", 20, 0.2
    )
    expect(words).to_have_count(0, timeout=TIMEOUT_MS)
    following = put_interpreted_appointment(whole_stage)
    wait_for(
        lambda: interpreter_state(whole_stage, following) == InterpreterState.HERE,
        "the next resident's interpreter is there",
        60,
        0.2,
    )
    expect(screen.get_by_text("L'interprète est là.")).to_be_visible(timeout=TIMEOUT_MS)
    assert words.count() == 0 and not written_down(whole_stage)
    whole_stage.counsellor(COUNSELLOR).order("hangup")
    wait_for(
        lambda: appointment_state(whole_stage, following) == "done",
        "it is done",
        20,
        0.2,
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Captions in the kiosk's real page: beside a form, late, stopped, and gone with the call."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from sip_endpoints.captions.page_stream import Board, PageStream, with_stream
from sip_endpoints.captions.transcript import Shown
from sip_endpoints.captions.transcript import State as Captions
from stage.chromium import check_page
from stage.kiosk_ground import archive_of
from tests.factories.drafts import ANNE
from tests.factories.followed import Followed, follow_a_draft

pytestmark = pytest.mark.real

SCREEN = {"width": 1920, "height": 1080}
SAID = ("Bonjour, vous m'entendez ?", "Je commence par votre nom.")
WRONG = "Une machine écrit ce qu'elle entend. Elle peut se tromper."
LATE = "La machine ne suit pas. Des phrases manquent."
STOPPED = "La machine n'écrit plus. L'appel continue."
# The page says for ten seconds that captions have ended: less than that is at once.
AT_ONCE_MS = 7_000

# Resolves once the stream has told a page twice.
HEARD_TWICE = """(address) => new Promise((resolve) => {
  let told = 0;
  const stream = new EventSource(address);
  stream.onmessage = () => { told += 1; if (told === 2) { stream.close(); resolve(); } };
})"""


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def stream(board: Board, server, tmp_path: Path) -> Iterator[PageStream]:
    stream = PageStream(board, server.url, tmp_path)
    stream.start()
    yield stream
    stream.close()


@pytest.fixture
def followed(server, ground, database) -> Followed:
    archive = archive_of(database, ground.url, server.front_folder.parent)
    return follow_a_draft(database, archive)


@pytest.fixture
def asked() -> list[str]:
    """Give what the page asks of anybody."""
    return []


@pytest.fixture
def screen(
    new_page: Callable[..., Page], ground, followed, stream, tmp_path, asked
) -> Page:
    """Give the page as the kiosk's browser opens it, in a call."""
    page = new_page(viewport=SCREEN)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(with_stream(ground.screen_address("kiosk-wassigny"), tmp_path))
    page.wait_for_url("**/borne")
    expect(page.locator("#screen [data-call]")).to_have_count(1)
    return page


def say(board: Board, state: Captions = Captions.ON, *lines: str) -> None:
    board.show(Shown(state, "fr", lines or SAID))


def box(page: Page, where: str) -> dict[str, float]:
    found = page.locator(where).bounding_box()
    assert found is not None, where
    return {**found, "bottom": found["y"] + found["height"]}


def way(asked: list[str], stream: PageStream) -> str:
    """Give the stream's address, which the page has asked for."""
    (found,) = {each for each in asked if f"127.0.0.1:{stream.port}/" in each}
    return found


def lines(page: Page) -> list[str]:
    return page.locator("#captions p:not(.captions-note)").all_inner_texts()


def test_beside_a_form_captions_hide_nothing_of_it_and_grow_upwards(
    screen, board, followed
) -> None:
    followed.show(1, "nom")
    expect(screen.locator("#mirror")).to_be_visible()
    say(board)
    expect(screen.locator("#captions")).to_be_visible()
    expect(screen.locator(".captions-note")).to_have_text(WRONG)
    assert lines(screen) == list(SAID)
    top = box(screen, "#captions")["y"]
    # As high as two lines and the note.
    assert 700 < top < 900
    for where in ("#mirror", ".mirror-view", ".mirror-frame"):
        assert box(screen, where)["bottom"] <= top + 1, where
    check_page(screen, "captions-form")
    # What was said before goes up, and out.
    newest = box(screen, ".captions-lines p:nth-child(2)")["y"]
    say(board, Captions.ON, *SAID, "Puis votre adresse.", "Elle est à Guise.")
    expect(screen.locator(".captions-lines p:nth-child(4)")).to_have_text(
        "Elle est à Guise."
    )
    assert abs(box(screen, ".captions-lines p:nth-child(4)")["y"] - newest) < 1
    assert box(screen, ".captions-lines p:nth-child(1)")["bottom"] <= top
    # The frame of the next field is above them too.
    followed.show(1, "demande")
    expect(screen.locator(".mirror-frame")).to_be_visible()
    screen.wait_for_function(
        "() => document.getAnimations().every(each => each.playState === 'finished')"
    )
    assert box(screen, ".mirror-frame")["bottom"] <= top


def test_the_words_reach_no_server_and_are_not_asked_of_one(
    screen, board, stream, asked
) -> None:
    say(board)
    expect(screen.locator("#captions")).to_be_visible()
    secret = way(asked, stream).rpartition("/")[2]
    assert len(secret) >= 32
    others = [
        each.partition("#")[0] for each in asked if f":{stream.port}/" not in each
    ]
    assert len(others) > 10
    assert not any(secret in each for each in others)


def test_the_page_says_that_sentences_are_missing_and_that_captions_stopped(
    screen, board
) -> None:
    say(board)
    expect(screen.locator(".captions-note")).to_have_text(WRONG)
    say(board, Captions.LATE)
    expect(screen.locator(".captions-note")).to_have_text(LATE)
    assert lines(screen) == list(SAID)
    check_page(screen, "captions-late")
    say(board, Captions.STOPPED)
    expect(screen.locator(".captions-note")).to_have_text(STOPPED)
    assert lines(screen) == []
    check_page(screen, "captions-stopped")
    expect(screen.locator("#captions")).to_be_hidden()
    # Another machine writes: it is as at first.
    say(board)
    expect(screen.locator(".captions-note")).to_have_text(WRONG)


def test_a_service_that_is_gone_takes_its_words_along(screen, board, stream) -> None:
    say(board)
    expect(screen.locator("#captions")).to_be_visible()
    stream.close()
    expect(screen.locator(".captions-note")).to_have_text(STOPPED)
    assert lines(screen) == []


def test_captions_go_at_once_when_their_call_is_over_whoever_says_so_first(
    screen, board, followed, database, stream, asked
) -> None:
    say(board)
    expect(screen.locator("#captions")).to_be_visible()
    board.show(Shown())
    expect(screen.locator("#captions")).to_be_hidden(timeout=AT_ONCE_MS)
    assert lines(screen) == []
    say(board)
    expect(screen.locator("#captions")).to_be_visible()
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        move(session, appointment, State.DONE, actor=ANNE, at=utc_now())
    expect(screen.locator("#captions")).to_be_hidden()
    assert lines(screen) == []
    # Should the service never hear of it: nothing comes back.
    say(board, Captions.ON, "Encore un mot.")
    screen.evaluate(HEARD_TWICE, way(asked, stream))
    expect(screen.locator("#captions")).to_be_hidden()


def test_a_page_that_was_told_of_no_stream_asks_for_none(
    new_page, ground, followed
) -> None:
    page = new_page(viewport=SCREEN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(ground.screen_address("kiosk-wassigny"))
    expect(page.locator("#screen [data-call]")).to_have_count(1)
    assert {each.split("/")[2] for each in asked} == {page.url.split("/")[2]}
    expect(page.locator("#captions")).to_be_hidden()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's page is reloaded, crashes or is closed in a call, and comes back into it.

On the whole system: real Asterisk, real kiosk, Chromium with a camera of its own. Pictures are
counted at both ends.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from stage.browser_account import open_desk
from stage.browser_desk import (
    DESK,
    BrowserDesks,
    expect_state,
    pictures_seen,
    take_calls,
)
from stage.chromium import check_page
from stage.stack import Stage
from stage.story import KIOSK
from stage.waiting import wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    appointment_of,
    begin_call,
    call_for,
    crash,
    dossier,
    end_call,
    is_kept,
    press,
    state_of,
    wait_for_pictures,
)

pytestmark = CALLS_IN_A_BROWSER

BACK_SECONDS = 30
# How long a call is kept, in the dialplan; and in the test that waits for its end.
KEPT, KEPT_SECONDS, FEW_SECONDS = "GUICHET_KEPT_SECONDS", 30, 6


@pytest.fixture
def page(browser_stage: Stage, desks: BrowserDesks) -> Page:
    """Give a desk that takes calls."""
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    return page


@pytest.fixture
def kept_for_few_seconds(browser_stage: Stage) -> Iterator[None]:
    """Have a call kept for less long than it is."""
    asterisk = browser_stage.asterisk
    assert f"{KEPT}={KEPT_SECONDS}" in asterisk.cli("dialplan show globals")
    asterisk.cli(f"dialplan set global {KEPT} {FEW_SECONDS}")
    yield
    asterisk.cli(f"dialplan set global {KEPT} {KEPT_SECONDS}")


def camera(stage: Stage) -> str:
    return str(stage.kiosk(KIOSK).status()["camera"]["stage"])


def wait_for_first_picture(page: Page) -> None:
    """Return once the page that is back shows the kiosk."""
    expect_state(page, "in_call")
    wait_for(lambda: pictures_seen(page) > 0, "the first picture", BACK_SECONDS, 0.02)


def test_a_page_that_is_reloaded_is_back_in_the_same_call(
    browser_stage: Stage, page: Page
) -> None:
    number = begin_call(browser_stage, page)
    call = appointment_of(browser_stage, number).call
    where = "/mot-de-passe"
    frame = page.frame(name="dossier")
    assert frame is not None
    frame.goto(where)
    press(page, "mute")

    page.reload()
    wait_for_first_picture(page)
    # As it was: the same call, the same page beside it, the microphone still off.
    wait_for_pictures(browser_stage, page)
    found = appointment_of(browser_stage, number)
    assert (found.state, found.call, found.attempt) == ("in_call", call, 1)
    wait_for(
        lambda: dossier(page) == where,
        "the frame is where it was",
    )
    expect(page.locator("[data-place=own-state]")).to_contain_text("micro est coupé")
    wait_for(
        lambda: not is_kept(browser_stage, number), "nobody is awaited", BACK_SECONDS
    )
    end_call(browser_stage, page, number)


def test_one_who_had_the_resident_wait_comes_back_unseen_and_unheard(
    browser_stage: Stage, page: Page
) -> None:
    number = begin_call(browser_stage, page)
    press(page, "hold")
    expect_state(page, "held")
    page.reload()
    expect_state(page, "in_call")
    told = page.locator("[data-place=own-state]")
    expect(told).to_contain_text("micro est coupé")
    expect(told).to_contain_text("caméra est coupée")
    wait_for_pictures(browser_stage, page)
    press(page, "dark")
    press(page, "mute")
    expect(told).to_be_hidden()
    end_call(browser_stage, page, number)


def test_a_tab_that_crashed_is_awaited_and_another_one_takes_its_call(
    browser_stage: Stage, page: Page
) -> None:
    number = begin_call(browser_stage, page)
    crash(page)
    wait_for(lambda: is_kept(browser_stage, number), "the call is kept", BACK_SECONDS)
    # Nobody looks at the resident meanwhile, who is told what happens.
    wait_for(
        lambda: camera(browser_stage) == "off",
        "the kiosk's camera is off",
        BACK_SECONDS,
    )
    assert state_of(browser_stage, number) == "in_call"

    other = page.context.new_page()
    other.goto(DESK)
    wait_for_first_picture(other)
    wait_for_pictures(browser_stage, other)
    wait_for(
        lambda: camera(browser_stage) == "on", "the kiosk's camera is on", BACK_SECONDS
    )
    end_call(browser_stage, other, number)


def test_a_call_that_is_kept_comes_back_without_a_dispatcher(
    browser_stage: Stage, page: Page
) -> None:
    number = begin_call(browser_stage, page)
    page.goto("about:blank")
    wait_for(lambda: is_kept(browser_stage, number), "the call is kept", BACK_SECONDS)
    browser_stage.kill("dispatcher")
    page.goto(DESK)
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    browser_stage.start("dispatcher")
    wait_for(lambda: not is_kept(browser_stage, number), "nobody is awaited", 60)
    assert state_of(browser_stage, number) == "in_call"
    end_call(browser_stage, page, number)


def test_another_computer_takes_the_call_by_a_click(
    browser_stage: Stage, desks: BrowserDesks, page: Page
) -> None:
    number = begin_call(browser_stage, page)
    page.close()
    wait_for(lambda: is_kept(browser_stage, number), "the call is kept", BACK_SECONDS)
    other = open_desk(browser_stage, desks, ACCOUNT)
    expect(other.locator("[data-place=own-call]")).to_be_visible()
    check_page(other, "call-desk-own-call")
    press(other, "resume")
    expect_state(other, "in_call")
    wait_for_pictures(browser_stage, other)
    end_call(browser_stage, other, number)


def test_nobody_returns_the_call_is_cut_and_can_be_placed_again(
    browser_stage: Stage, page: Page, kept_for_few_seconds: None
) -> None:
    number = begin_call(browser_stage, page)
    page.goto("about:blank")
    wait_for(lambda: is_kept(browser_stage, number), "the call is kept", BACK_SECONDS)
    wait_for(
        lambda: state_of(browser_stage, number) == "interrupted", "it is cut", 90, 0.2
    )
    found = appointment_of(browser_stage, number)
    assert (found.state_reason, found.kept_since) == ("call_broken", None)
    wait_for(lambda: browser_stage.kiosk(KIOSK).call() is None, "the kiosk is idle", 30)
    browser_stage.asterisk.wait_idle()

    # The page says so, and how to call again; which is done.
    page.goto(DESK)
    expect(page.locator("[data-place=last]")).to_contain_text("Rappeler")
    expect_state(page, "waiting")
    check_page(page, "call-desk-over-while-away")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Rappeler").first.click()
    expect_state(page, "ringing")
    page.keyboard.press("Alt+Shift+KeyR")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    end_call(browser_stage, page, number)


def test_a_page_that_is_reloaded_while_it_rings_rings_again(
    browser_stage: Stage, page: Page
) -> None:
    number = call_for(browser_stage)
    expect_state(page, "ringing")
    page.reload()
    # It takes calls without a click, as before; nothing is answered by itself.
    wait_for(
        lambda: page.locator("#call-desk").get_attribute("data-state") == "ringing",
        "it rings again",
        60,
    )
    press(page, "answer")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    end_call(browser_stage, page, number)

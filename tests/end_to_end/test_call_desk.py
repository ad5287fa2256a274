# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's desk in Chromium, on the whole system: real Asterisk, real kiosk."""

import re

from playwright.sync_api import WebSocketRoute, expect

from stage.browser_account import open_desk
from stage.browser_desk import LAPTOP, BrowserDesks, expect_state, take_calls
from stage.chromium import check_page
from stage.stack import Stage
from stage.story import KIOSK
from stage.waiting import PATIENCE, wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    call_for,
    dossier,
    press,
    state_of,
    wait_for_pictures,
)

pytestmark = CALLS_IN_A_BROWSER


def test_a_call_is_taken_seen_muted_held_and_ended_beside_its_file(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    press(page, "look")
    expect(page.locator("[data-doctor=camera]")).to_have_attribute("data-state", "good")
    expect(page.locator("[data-doctor=microphone]")).to_contain_text("vous entend")
    check_page(page, "call-desk-doctor")
    take_calls(page)
    appointment = call_for(browser_stage)

    expect_state(page, "ringing")
    expect(page.locator("[data-place=state]")).to_contain_text("M. Dupont")
    # Who calls is shown before the call is taken.
    wait_for(lambda: dossier(page) == f"/rendez-vous/{appointment}", "the file", 10)
    # Whose page it is, and the way out, stand once: around the frame.
    expect(page.frame_locator("iframe").locator(".site-header")).to_have_count(0)
    expect(page.locator("[data-act=answer]")).to_be_focused()
    check_page(page, "call-desk-ringing")
    page.keyboard.press("Alt+Shift+KeyR")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    assert state_of(browser_stage, appointment) == "in_call"
    expect(page.locator("[data-place=who]")).to_contain_text("Wassigny")
    check_page(page, "call-desk-in-call")
    for size in ({"width": 320, "height": 640}, {"width": 683, "height": 384}):
        page.set_viewport_size(size)
        check_page(page, "call-desk-in-call")
    page.set_viewport_size(LAPTOP)
    # The kiosk told how it sees the counsellor: they speak to each other of the line.
    wait_for(
        lambda: (browser_stage.kiosk(KIOSK).status()["line"] or {}).get(
            "pictures_at_peer"
        ),
        "the kiosk was told what comes over",
        10,
    )

    press(page, "mute")
    press(page, "dark")
    expect(page.locator("[data-place=own-state]")).to_contain_text("caméra est coupée")
    wait_for_pictures(browser_stage, page)
    check_page(page, "call-desk-dark")
    press(page, "dark")
    press(page, "mute")
    expect(page.locator("[data-place=own-state]")).to_be_hidden()
    press(page, "hold")
    expect_state(page, "held")
    check_page(page, "call-desk-held")
    press(page, "hold")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)

    press(page, "leave")
    expect_state(page, "leaving")
    check_page(page, "call-desk-leaving")
    press(page, "undo")
    expect_state(page, "in_call")
    press(page, "leave")
    press(page, "now")
    expect_state(page, "waiting")
    wait_for(
        lambda: state_of(browser_stage, appointment) == "done", "the call is over", 10
    )
    expect(page.locator("[data-place=last]")).to_contain_text("Appel terminé")
    check_page(page, "call-desk-over")


def test_without_a_camera_and_over_a_line_that_is_cut_the_call_goes_on(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    lines: list[WebSocketRoute] = []

    def pass_on(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    page = open_desk(browser_stage, desks, ACCOUNT, devices=["microphone"])
    page.route_web_socket(re.compile("/ws$"), pass_on)
    press(page, "look")
    expect(page.locator("[data-doctor=camera]")).to_contain_text("refusée")
    take_calls(page)
    # What is being typed is not thrown away by a call that rings.
    frame = page.frame(name="dossier")
    assert frame is not None
    frame.goto("/mot-de-passe")
    frame.locator("input[type=password]").first.fill("en train d'écrire")
    appointment = call_for(browser_stage)
    expect_state(page, "ringing")
    expect(page.locator("[data-place=open-file]")).to_be_visible()
    assert dossier(page) == "/mot-de-passe"
    page.locator("[data-place=open-file] a").click()
    wait_for(lambda: dossier(page) == f"/rendez-vous/{appointment}", "the file", 10)
    press(page, "answer")
    expect_state(page, "in_call")
    expect(page.locator("[data-place=trouble]")).to_contain_text("refusée")
    wait_for_pictures(browser_stage, page)
    check_page(page, "call-desk-camera-refused")

    lines[-1].close()
    expect(page.locator("[data-place=line]")).to_contain_text("L'appel continue")
    expect(page.locator("[data-place=line]")).to_be_hidden(timeout=20_000 * PATIENCE)
    assert len(lines) > 1
    wait_for_pictures(browser_stage, page)
    assert state_of(browser_stage, appointment) == "in_call"
    # The end of the call finds its way over the new line.
    browser_stage.asterisk.cli("channel request hangup all")
    expect_state(page, "waiting")


def test_of_two_tabs_one_has_the_desk_and_the_other_may_take_it(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    first = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(first)
    second = open_desk(browser_stage, desks, ACCOUNT, beside=first)
    press(second, "open")
    expect_state(second, "elsewhere")
    check_page(second, "call-desk-elsewhere")
    press(second, "take")
    expect_state(second, "waiting")
    expect_state(first, "elsewhere")

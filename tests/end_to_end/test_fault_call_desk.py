# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may go wrong about a call in the browser, on the whole system, and what is so afterwards."""

import signal

import psutil
from playwright.sync_api import Frame, Page, expect

from stage.browser_account import open_desk
from stage.browser_desk import BrowserDesks, expect_state, take_calls
from stage.chromium import check_page
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import PATIENCE, wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    begin_call,
    call_for,
    end_call,
    is_kept,
    press,
    state_of,
    wait_for_pictures,
    wait_for_state,
)

pytestmark = CALLS_IN_A_BROWSER


def test_the_call_goes_on_whatever_of_the_site_begins_anew(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = begin_call(browser_stage, page)
    # As a certificate that was renewed is read.
    psutil.Process(browser_stage.program("front").pid).send_signal(signal.SIGHUP)
    wait_for_pictures(browser_stage, page)
    programs = ("web", "live", "dispatcher")
    for part in programs:
        browser_stage.kill(part)
    wait_for_pictures(browser_stage, page)
    browser_stage.start(*programs)
    wait_for_pictures(browser_stage, page)
    # The whole line to the site is cut, for five seconds or more: nobody takes the page for gone.
    browser_stage.kill("front")
    line = page.locator("[data-place=line]")
    expect(line).to_contain_text("L'appel continue")
    wait_for_pictures(browser_stage, page, 100)
    assert not is_kept(browser_stage, appointment)
    browser_stage.start("front")
    expect(line).to_be_hidden(timeout=60_000 * PATIENCE)
    wait_for_pictures(browser_stage, page)
    assert state_of(browser_stage, appointment) == "in_call"
    end_call(browser_stage, page, appointment)


def test_asterisk_takes_the_call_with_it_and_the_desk_is_there_again(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = begin_call(browser_stage, page)
    browser_stage.kill("asterisk")
    expect(page.locator("[data-place=line]")).to_be_visible()
    wait_for_state(browser_stage, appointment, "interrupted")
    wait_for(lambda: browser_stage.kiosk(KIOSK).call() is None, "the kiosk is free")
    browser_stage.start("asterisk")
    expect(page.locator("#call-desk")).to_have_attribute(
        "data-state", "waiting", timeout=60_000 * PATIENCE
    )
    check_page(page, "call-desk-asterisk-anew")
    wait_for(
        lambda: all(
            browser_stage.asterisk.is_registered(each) for each in (KIOSK, COUNSELLOR)
        ),
        "both are registered again",
        60,
    )
    end_call(browser_stage, page, begin_call(browser_stage, page))


def test_without_a_microphone_and_with_a_camera_that_is_taken_away(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT, devices=["camera"])
    take_calls(page)
    appointment = begin_call(browser_stage, page)
    expect(page.locator("[data-place=trouble]")).to_contain_text("micro")
    check_page(page, "call-desk-microphone-refused")
    page.context.clear_permissions()
    expect(page.locator("[data-place=own-state]")).to_contain_text("caméra est coupée")
    wait_for_pictures(browser_stage, page)
    check_page(page, "call-desk-camera-gone")
    page.context.grant_permissions(["camera"])
    press(page, "dark")
    expect(page.locator("[data-place=own-state]")).not_to_contain_text("caméra")
    wait_for_pictures(browser_stage, page)
    end_call(browser_stage, page, appointment)


def test_who_refuses_is_rung_again_and_the_resident_goes_on_waiting(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = call_for(browser_stage)
    expect_state(page, "ringing")
    press(page, "refuse")
    expect_state(page, "waiting")
    wait_for_state(browser_stage, appointment, "queued")
    expect_state(page, "ringing")
    press(page, "answer")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    end_call(browser_stage, page, appointment)


def sign_out_beside(page: Page) -> None:
    beside = page.context.new_page()
    beside.goto("/rendez-vous")
    beside.get_by_role("button", name="Se déconnecter").click()
    expect(beside.locator("#email")).to_be_visible()
    beside.close()


def sign_in_with(stage: Stage, page: Page | Frame) -> None:
    page.fill("#email", ACCOUNT)
    page.fill("#password", stage.passwords()[ACCOUNT])
    page.locator("button[type=submit]").first.click()


def test_a_sign_out_in_a_call_ends_no_call_and_rings_no_more(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = begin_call(browser_stage, page)
    frame = page.frame(name="dossier")
    assert frame is not None
    frame.goto(f"/rendez-vous/{appointment}/fin")
    frame.fill("#note", "Revient avec son avis")
    # Somebody signs out in another tab, and in again.
    out = page.locator("[data-place=signed-out]")
    sign_out_beside(page)
    expect(out).to_be_visible(timeout=30_000 * PATIENCE)
    wait_for(
        lambda: not browser_stage.asterisk.is_registered(COUNSELLOR),
        "the telephone is gone",
    )
    wait_for_pictures(browser_stage, page)
    expect(out.locator("[data-act=sign_in]")).to_be_visible()
    check_page(page, "call-desk-signed-out-in-call")
    beside = page.context.new_page()
    beside.goto("/rendez-vous")
    sign_in_with(browser_stage, beside)
    expect(beside.locator("#duty")).to_be_visible()
    beside.close()
    expect(out).to_be_hidden(timeout=60_000 * PATIENCE)
    wait_for(
        lambda: browser_stage.asterisk.is_registered(COUNSELLOR),
        "the telephone is there again",
        60,
    )
    wait_for_pictures(browser_stage, page)
    # What was typed is there and can be sent, and the desk's own keys act.
    assert frame.input_value("#note") == "Revient avec son avis"
    frame.check("#outcome-0")
    frame.get_by_role("button", name="Enregistrer").click()
    expect(frame.locator("body")).to_contain_text("Revient avec son avis")
    press(page, "still")
    expect(page.locator("[data-act=undo_still]")).to_be_visible(
        timeout=30_000 * PATIENCE
    )
    page.locator("#duty-pause").click()
    expect(page.locator("#duty-state")).to_contain_text("En pause après cet appel")
    page.locator("#duty-available").click()
    expect(page.locator("#duty-state")).not_to_contain_text("pause")
    # And out for good.
    sign_out_beside(page)
    expect(out).to_be_visible(timeout=30_000 * PATIENCE)
    assert state_of(browser_stage, appointment) == "in_call"
    press(page, "leave")
    press(page, "now")
    expect_state(page, "signed_out")
    check_page(page, "call-desk-signed-out")
    browser_stage.asterisk.wait_idle()
    # One key leads back, and calls ring again without another.
    press(page, "sign_in")
    sign_in_with(browser_stage, frame)
    expect_state(page, "waiting")
    end_call(browser_stage, page, begin_call(browser_stage, page))


def test_a_sign_out_while_it_rings_leaves_the_call_to_who_is_there(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = call_for(browser_stage)
    expect_state(page, "ringing")
    sign_out_beside(page)
    # Nobody who has signed out can take it any more.
    expect_state(page, "signed_out")
    expect(page.locator("[data-act=answer]")).to_be_hidden()
    wait_for_state(browser_stage, appointment, "queued")
    there = open_desk(browser_stage, desks, ACCOUNT)
    take_calls_again(there)
    press(there, "answer")
    expect_state(there, "in_call")
    wait_for_pictures(browser_stage, there)
    end_call(browser_stage, there, appointment)


def take_calls_again(page: Page) -> None:
    """Press the button: it rings at once for who waits."""
    press(page, "open")
    expect_state(page, "ringing")


def test_a_pause_while_it_rings_is_for_the_next_call(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = call_for(browser_stage)
    expect_state(page, "ringing")
    bar = page.locator("#duty")
    bar.locator("select").select_option("meeting")
    bar.locator("#duty-pause").click()
    expect(bar.locator("[data-state]")).to_have_attribute("data-state", "paused")
    # This one may still be taken.
    expect_state(page, "ringing")
    press(page, "refuse")
    expect_state(page, "waiting")
    wait_for_state(browser_stage, appointment, "queued")
    # The queue forgets the pause behind our back: the page says so, and it rings.
    browser_stage.asterisk.cli(f"queue unpause member PJSIP/{COUNSELLOR} queue msa")
    expect(bar.locator("[data-state]")).to_have_attribute("data-state", "available")
    expect_state(page, "ringing")
    press(page, "answer")
    expect_state(page, "in_call")
    wait_for_pictures(browser_stage, page)
    end_call(browser_stage, page, appointment)


def test_whom_the_administrator_removes_is_out_of_the_call_and_told(
    browser_stage: Stage, desks: BrowserDesks
) -> None:
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    appointment = begin_call(browser_stage, page)
    browser_stage.provision("revoke", COUNSELLOR)
    wait_for(lambda: browser_stage.kiosk(KIOSK).call() is None, "the call is over")
    wait_for(
        lambda: state_of(browser_stage, appointment) in ("done", "interrupted"),
        "the appointment knows",
    )
    expect(page.locator("[data-place=state]")).to_contain_text(
        "a retiré ce téléphone", timeout=30_000 * PATIENCE
    )
    check_page(page, "call-desk-revoked")
    # Let in again, the page may have another secret.
    browser_stage.provision("rotate-secret", COUNSELLOR, "--discard")
    page.reload()
    take_calls(page)
    end_call(browser_stage, page, begin_call(browser_stage, page))

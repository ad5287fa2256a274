# SPDX-License-Identifier: AGPL-3.0-or-later
"""A guest joins a call by a one-time link, on the whole system: real Asterisk, front and kiosk,
counsellor and guest each in a Chromium of their own.

Pictures are counted at both ends.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from stage.browser_account import open_desk
from stage.browser_desk import (
    BOTH,
    BrowserDesks,
    pictures_seen,
    take_calls,
)
from stage.chromium import check_page
from stage.stack import Stage
from stage.story import KIOSK
from stage.waiting import PATIENCE, wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    PICTURES,
    begin_call,
    end_call,
    press,
    state_of,
    wait_for_pictures,
)

pytestmark = CALLS_IN_A_BROWSER

WHO = "Mme Petit, tutrice"
PHONE: Any = {"width": 390, "height": 844}
TIMEOUT_MS = int(40_000 * PATIENCE)


class InCall:
    """A counsellor at their desk, in call, with the appointment's page in the frame."""

    def __init__(self, stage: Stage, desks: BrowserDesks) -> None:
        self.stage, self.desks = stage, desks
        self.page = open_desk(stage, desks, ACCOUNT)
        take_calls(self.page)
        self.appointment = begin_call(stage, self.page)

    @property
    def frame(self) -> Frame:
        frame = self.page.frame(name="dossier")
        assert frame is not None
        return frame

    def invite(self) -> str:
        """Make a link as the counsellor does; give its path."""
        self.frame.fill("#guest-name", WHO)
        self.frame.get_by_role("button", name="Créer le lien").click()
        link = self.frame.locator("#guest-link")
        expect(link).to_be_visible(timeout=TIMEOUT_MS)
        return urlsplit(link.input_value()).path

    def press(self, name: str) -> None:
        self.frame.get_by_role("button", name=name, exact=True).click(
            timeout=TIMEOUT_MS
        )

    def reads(self, words: str) -> None:
        expect(self.frame.locator("#guest")).to_contain_text(words, timeout=TIMEOUT_MS)

    def end(self) -> None:
        end_call(self.stage, self.page, self.appointment)


@pytest.fixture
def in_call(browser_stage: Stage, desks: BrowserDesks) -> InCall:
    return InCall(browser_stage, desks)


def join(desks: BrowserDesks, link: str, *devices: str) -> Page:
    """Open the link in a browser of the guest's own, and press the one button."""
    page = desks.visit(devices or BOTH)
    page.goto(link)
    page.get_by_role("button", name="Rejoindre").click()
    page.wait_for_url("**/invite")
    return page


def is_so(page: Page, state: str) -> None:
    expect(page.locator("#guest-visit")).to_have_attribute(
        "data-state", state, timeout=TIMEOUT_MS
    )


def second_call(stage: Stage) -> dict[str, Any]:
    return stage.kiosk(KIOSK).status()["interpreter"] or {}


def guests_pictures_at_kiosk(stage: Stage) -> int:
    return int((second_call(stage).get("video") or {}).get("frames_decoded", 0))


def wait_for_guests_pictures(stage: Stage, page: Page) -> None:
    """Return once so many more came each way: the resident's here, the guest's there."""
    here, there = pictures_seen(page), guests_pictures_at_kiosk(stage)
    wait_for(
        lambda: (
            pictures_seen(page) >= here + PICTURES
            and guests_pictures_at_kiosk(stage) >= there + PICTURES
        ),
        "pictures move both ways",
        60,
        0.2,
    )


def test_a_guest_joins_is_seen_sees_is_sent_away_and_the_call_goes_on(
    browser_stage: Stage, desks: BrowserDesks, in_call: InCall
) -> None:
    stage = browser_stage
    link = in_call.invite()
    check_page(in_call.page, "guest-invited")
    looking = desks.visit()
    looking.goto(link)
    press(looking, "look")
    expect(looking.locator("[data-doctor=camera]")).to_have_attribute(
        "data-state", "good"
    )
    check_page(looking, "guest-link")
    looking.set_viewport_size(PHONE)
    check_page(looking, "guest-link-phone")
    looking.context.close()

    # The counsellor is at another page meanwhile, and is told beside the call.
    in_call.frame.goto(f"/rendez-vous/{in_call.appointment}/fin")
    guest = join(desks, link)
    is_so(guest, "waiting")
    check_page(guest, "guest-waiting")
    third = in_call.page.locator("[data-place=third]")
    expect(third).to_contain_text("attend que vous la fassiez", timeout=TIMEOUT_MS)
    check_page(in_call.page, "guest-waits-beside")
    third.locator("button").click()
    expect(third).to_be_hidden(timeout=TIMEOUT_MS)
    # Nobody is let in by themselves: the kiosk has one call.
    assert second_call(stage) == {}
    other = desks.visit()
    other.goto(link)
    expect(other.locator("main")).to_contain_text("Ce lien a déjà servi.")
    check_page(other, "guest-used")
    other.context.close()

    in_call.reads("attend que vous la fassiez entrer")
    check_page(in_call.page, "guest-at-the-door")
    in_call.press("Faire entrer")
    is_so(guest, "in_call")
    wait_for_guests_pictures(stage, guest)
    in_call.reads("est dans l'appel")
    check_page(guest, "guest-in-call")
    check_page(in_call.page, "guest-in-call-desk")
    guest.set_viewport_size(PHONE)
    check_page(guest, "guest-in-call-phone")
    # The page names nobody.
    text = guest.locator("body").inner_text()
    assert "Dupont" not in text and "Wassigny" not in text and WHO not in text

    # By its key, whichever of the two sides of the desk has the keyboard.
    in_call.page.locator("[data-act=leave]").press("Alt+Shift+KeyP")
    is_so(guest, "sent_away")
    check_page(guest, "guest-sent-away")
    wait_for(lambda: second_call(stage) == {}, "the kiosk has one call", 30)
    # Their telephone is gone with the invitation.
    assert "guest_" not in stage.asterisk.cli("pjsip show endpoints")
    wait_for_pictures(stage, in_call.page)
    assert state_of(stage, in_call.appointment) == "in_call"
    in_call.end()
    # The token stands in no log of the front's, of the pages' and of Asterisk's.
    token = link.rpartition("/")[2]
    for name in ("front", "web", "dispatcher"):
        assert token not in stage.program(name).log_text(), name
    assert re.search(r'"GET /invite/\.\.\." 200', stage.program("front").log_text())


def test_without_a_camera_and_with_a_tab_that_is_closed_and_to_the_calls_end(
    browser_stage: Stage, desks: BrowserDesks, in_call: InCall
) -> None:
    stage = browser_stage
    guest = join(desks, in_call.invite(), "microphone")
    is_so(guest, "waiting")
    expect(guest.locator("[data-place=trouble]")).to_contain_text("refusée")
    check_page(guest, "guest-camera-refused")
    in_call.press("Faire entrer")
    is_so(guest, "in_call")
    wait_for_guests_pictures(stage, guest)
    # Reloaded, they wait at the door again.
    guest.reload()
    is_so(guest, "waiting")
    in_call.press("Faire entrer")
    is_so(guest, "in_call")
    context = guest.context
    guest.close()
    in_call.reads("n'attend pas en ce moment")
    wait_for(lambda: second_call(stage) == {}, "the kiosk has one call", 30)
    wait_for_pictures(stage, in_call.page)

    again = context.new_page()
    again.goto("/invite")
    is_so(again, "waiting")
    in_call.press("Faire entrer")
    is_so(again, "in_call")
    wait_for_guests_pictures(stage, again)
    in_call.end()
    is_so(again, "call_over")
    check_page(again, "guest-over")

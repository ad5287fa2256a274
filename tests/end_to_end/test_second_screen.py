# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen in a real call: what is keyed, or pressed, stands before the eyes.

Real Asterisk, endpoints, bridge, devices, server, and a browser as on the kiosk.
Fault: the call is dropped while a document is shown.
"""

import re
import tomllib
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from measure.device_call import DeviceCall
from stage.chromium import CHROMIUM, check_page, start_chromium
from stage.kiosk_screen import screen_address
from stage.stack import ASTERISK_FILE
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import PATIENCE, wait_for

TIMEOUT_MS = int(20_000 * PATIENCE)
PAGES = ("Demande de prestation", "Pièces à joindre", "Signature")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium"),
]


@pytest.fixture(scope="module")
def call() -> Iterator[DeviceCall]:
    """Give a kiosk in call with a counsellor, its devices ready, a form of three pages."""
    with DeviceCall() as call:
        call.upload(*PAGES)
        yield call


# From the top of a page of this shape to its end, enlarged three times.
STEPS_DOWN = 4


@pytest.fixture(scope="module")
def screen(call: DeviceCall) -> Iterator[Page]:
    """Give the browser on the kiosk's second screen."""
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_page(
            viewport={"width": 1920, "height": 1080}, locale="fr-FR"
        )
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(screen_address(call.stage, KIOSK))
        expect(page.get_by_text("Le conseiller est là.")).to_be_visible()
        yield page
        browser.close()


def token_of(call: DeviceCall) -> str:
    bundle = call.stage.bundles / f"{KIOSK}.toml"
    token: str = tomllib.loads(bundle.read_text())["kiosk"]["token"]
    return token


def read(call: DeviceCall) -> list[str]:
    """Give the sentences that the counsellor's telephone shows."""
    return list(call.stage.counsellor(COUNSELLOR).status()["messages"])


def wait_read(call: DeviceCall, text: str) -> None:
    wait_for(lambda: text in read(call), f"the counsellor reads {text!r}", 15)


def spoken(call: DeviceCall) -> tuple[str | None, str | None]:
    bridge = call.stage.kiosk(KIOSK).status()["bridge"]
    return bridge["spoken"], bridge["spoken_in"]


def expect_page(screen: Page, number: int) -> None:
    picture = screen.locator(".paper img")
    expect(picture).to_have_attribute("src", re.compile(rf"/1/{number}\.png\?v="))
    wait_for(
        lambda: picture.evaluate("image => image.complete && image.naturalWidth > 999"),
        "the page is drawn",
    )
    # From its top on, its lines as wide as the screen.
    wait_for(lambda: abs(top_of(screen)) <= 1, "its top is seen")
    box = picture.bounding_box()
    assert box and box["width"] >= 1920 and box["height"] > 1080


def top_of(screen: Page) -> float:
    """Give where the page that is shown begins, in pixels below the screen's edge."""
    box = screen.locator(".paper img").bounding_box()
    assert box is not None
    return box["y"]


def test_codes_and_buttons_show_turn_and_clear(call: DeviceCall, screen: Page) -> None:
    call.key("*41#")
    expect_page(screen, 1)
    wait_read(call, "Document 1 montré à l'écran, page 1 sur 3.")
    check_page(screen)

    said, before = "Document 1 montré à l'écran, page 1 sur 3.", top_of(screen)
    for step in range(STEPS_DOWN):
        call.desk.show(call.appointment, 1)
        wait_for(lambda times=step + 2: read(call).count(said) == times, "it is told")
        wait_for(lambda above=before: top_of(screen) < above - 100, "it goes down")
        before = top_of(screen)
    call.desk.show(call.appointment, 1)
    expect_page(screen, 2)
    wait_read(call, "Document 1 montré à l'écran, page 2 sur 3.")

    call.desk.hide(call.appointment)
    expect(screen.get_by_text("Le conseiller est là.")).to_be_visible()
    wait_read(call, "Le second écran ne montre plus de document.")


def test_the_resident_sees_and_hears_what_the_devices_do(
    call: DeviceCall, screen: Page
) -> None:
    call.key("*11#")
    expect(screen.get_by_text("Prenez vos feuilles")).to_be_visible(
        timeout=20_000 * PATIENCE
    )
    check_page(screen)
    wait_for(lambda: spoken(call) == ("take_print", "fr"), "the kiosk says it")

    call.key("*41#")
    expect_page(screen, 1)
    call.key("*21#")
    expect(screen.get_by_text("Reprenez votre papier.")).to_be_visible(
        timeout=20_000 * PATIENCE
    )
    check_page(screen)
    wait_for(lambda: spoken(call) == ("scan_good", "fr"), "the kiosk says it")


def test_a_language_that_is_chosen_in_the_call_is_seen_and_heard_from_then_on(
    call: DeviceCall, screen: Page
) -> None:
    call.desk.speak(call.appointment, "en")
    # The bridge hears of it with its first word to the server, while the printer works; a
    # scanner that is as fast as this one may be done by then.
    call.key("*11#")
    wait_for(lambda: spoken(call) == ("take_print", "en"), "said in English", 30)
    expect(screen.get_by_text("Take your sheets")).to_be_visible()
    call.desk.speak(call.appointment, "fr")
    # Another document: a code that is keyed twice in a row may be one press that bounced.
    call.key("*12#")
    wait_for(lambda: spoken(call) == ("take_print", "fr"), "said in French again", 30)
    expect(screen.get_by_text("Prenez vos feuilles")).to_be_visible()


def shown_at(call: DeviceCall) -> dict[str, object] | None:
    answer = requests.get(
        f"{call.stage.url}/api/kiosk/v1/call",
        headers={"Authorization": f"Bearer {token_of(call)}"},
        timeout=10 * PATIENCE,
    )
    shown: dict[str, object] | None = answer.json()["shown"]
    return shown


def test_a_call_that_is_dropped_takes_the_page_along(
    call: DeviceCall, screen: Page
) -> None:
    call.key("*41#")
    wait_for(lambda: shown_at(call) is not None, "it is shown")
    expect(screen.locator(".paper img")).to_be_visible()
    picture = screen.locator(".paper img").get_attribute("src")

    call.stage.kill(COUNSELLOR)

    expect(screen.locator(".paper img")).to_have_count(0, timeout=30_000 * PATIENCE)
    fetched = screen.request.get(f"{call.stage.url}{picture}")
    assert fetched.status == 404
    assert shown_at(call) is None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's desk without a telephone: its frame, and the keys of the page within."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from stage.chromium import check_page
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
LAPTOP = {"width": 1366, "height": 768}


def test_over_a_slow_line_the_desk_stands_and_its_keys_act_in_the_frame(
    signed_in, database
) -> None:
    appointment = in_call(database)
    page = signed_in(MSA)
    page.set_viewport_size(LAPTOP)
    held: list[Route] = []
    page.route("**/desk/desk.js*", lambda route: held.append(route))
    page.goto("/bureau/appels", wait_until="commit")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#live-link")).to_contain_text("Mise à jour en direct")
    # The page in the frame was quicker than the desk's own script.
    for route in held:
        route.continue_()
    state = page.locator("[data-place=state]")
    expect(state).to_have_text("Les appels ne sonnent pas dans cette page.")
    page.unroute_all()

    frame.locator(f"#ouvrir-{appointment}").click()
    frame.locator("#guest-name").fill("Mme Petit, tutrice")
    frame.locator("#guest-name").press("Alt+Shift+KeyP")
    frame.locator("#guest-name").press("Enter")
    part = frame.locator("#guest")
    expect(part).to_contain_text("Le lien n'a pas encore servi.")
    check_page(page, "call-desk-guest-in-frame")
    page.locator("[data-act=open]").press("Alt+Shift+KeyP")
    expect(part).to_contain_text("L'invitation est retirée.")


def answering(status: int) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status)


def test_why_no_call_comes_is_said_whatever_the_server_answers(signed_in) -> None:
    page = signed_in(MSA)
    page.goto("/bureau/appels")
    state = page.locator("[data-place=state]")
    said = set()
    for status in (404, 409, 429, 500, 501):
        page.route("**/bureau/telephone", answering(status))
        before = state.inner_text()
        page.locator("[data-act=open]").click()
        expect(state).not_to_have_text(before)
        expect(page.locator("#call-desk")).not_to_have_attribute(
            "data-state", "opening"
        )
        said.add(state.inner_text())
        page.unroute_all()
    assert len(said) == 5
    assert any("trop souvent" in sentence for sentence in said)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen in a real browser says each scene once, and nothing over the counsellor."""

import pytest
from playwright.sync_api import Page, expect

from booking_web.tables.states import AppointmentState as State
from stage.kiosk_ground import bring_to, in_call
from stage.waiting import wait_for

pytestmark = pytest.mark.real

# Notes in the browser what was played to its end.
PLAYED = """(() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    this.addEventListener("ended", () => sessionStorage.setItem("ended", this.src), { once: true });
    return play.call(this);
  };
})()"""


def heading(screen: Page, words: str) -> None:
    expect(screen.get_by_role("heading")).to_contain_text(words, timeout=5000)


def test_each_scene_is_said_once(new_page, ground, database, server) -> None:
    said: list[str] = []
    screen = new_page()
    screen.add_init_script(PLAYED)
    screen.on(
        "request",
        lambda sent: "/voix/" in sent.url and said.append(sent.url.rpartition("/")[2]),
    )
    screen.goto(ground.screen_address("kiosk-wassigny"))
    heading(screen, "Bienvenue")
    appointment = in_call(database)
    heading(screen, "Le conseiller est là.")
    assert said == []
    bring_to(database, appointment, State.INTERRUPTED)
    heading(screen, "L'appel est coupé.")
    wait_for(lambda: said == ["call_cut"], "it is said")
    wait_for(
        lambda: str(screen.evaluate("sessionStorage.getItem('ended')")).endswith(
            "/borne/voix/fr/call_cut"
        ),
        "it is said to its end",
        20,
    )
    screen.reload()
    heading(screen, "L'appel est coupé.")
    bring_to(database, appointment, State.ARRIVED, State.CALLING)
    heading(screen, "Nous appelons un conseiller.")
    wait_for(lambda: said == ["call_cut", "calling"], "the next is said")
    bring_to(database, appointment, State.QUEUED, State.IN_CALL)
    heading(screen, "Le conseiller est là.")
    assert said == ["call_cut", "calling"]

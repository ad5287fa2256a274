# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen in a real browser says each scene once, and nothing over the counsellor."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.tables.appointment import Appointment
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

BEFOREHAND = "document.querySelector('#line-cut [data-voice]').dataset.voice"


def heading(screen: Page, words: str) -> None:
    expect(screen.get_by_role("heading")).to_contain_text(words)


def heard(screen: Page, scene: str) -> None:
    """Wait until a scene's words were played to their end."""

    def last() -> str:
        return str(screen.evaluate("sessionStorage.getItem('ended')"))

    wait_for(lambda: last().endswith(f"/borne/voix/fr/{scene}"), "it is heard")


def asked_by(screen: Page) -> list[str]:
    """Give the scenes whose words the page asks for, as it does."""
    asked: list[str] = []
    screen.on(
        "request",
        lambda sent: "/voix/" in sent.url and asked.append(sent.url.rpartition("/")[2]),
    )
    return asked


def wait_asked(screen: Page, asked: list[str], scene: str) -> None:
    """Wait until a scene's words were asked for; the page's news come while it is looked at."""
    wait_for(lambda: screen.title() and scene in asked, f"{scene} is asked for")


def test_each_scene_is_said_once(new_page, ground, database, server) -> None:
    screen = new_page()
    screen.add_init_script(PLAYED)
    asked = asked_by(screen)
    screen.goto(ground.screen_address("kiosk-wassigny"))
    heading(screen, "Bienvenue")
    appointment = in_call(database)
    heading(screen, "Le conseiller est là.")
    # Of the line that is cut nobody can be asked later.
    wait_asked(screen, asked, "line_cut")
    bring_to(database, appointment, State.INTERRUPTED)
    heading(screen, "L'appel est coupé.")
    heard(screen, "call_cut")
    screen.reload()
    heading(screen, "L'appel est coupé.")
    assert asked.count("call_cut") == 1
    asked.clear()
    bring_to(database, appointment, State.ARRIVED, State.CALLING)
    heading(screen, "Nous appelons un conseiller.")
    wait_asked(screen, asked, "calling")
    assert "call_cut" not in asked
    screen.context.set_offline(True)
    screen.evaluate("document.getElementById('line-cut').hidden = false")
    heard(screen, "line_cut")
    screen.context.set_offline(False)
    screen.evaluate("document.getElementById('line-cut').hidden = true")
    bring_to(database, appointment, State.QUEUED, State.IN_CALL)
    heading(screen, "Le conseiller est là.")
    assert "in_call" not in asked
    # Chosen in the call: what stands there, what is fetched beforehand and what is said next.
    with database.write() as session:
        choose_language(
            session,
            session.get_one(Appointment, appointment),
            "en",
            "user:1",
            datetime.now(UTC),
        )
    heading(screen, "The counsellor is here.")
    expect(screen.locator("html")).to_have_attribute("lang", "en")
    expect(screen.locator(".help-key")).to_contain_text("Need help?")
    assert screen.evaluate(BEFOREHAND).endswith("/borne/voix/en/line_cut")
    bring_to(database, appointment, State.DONE)
    heading(screen, "It is finished.")
    wait_asked(screen, asked, "goodbye")
    # The wiped browser that comes after it does not say it again.
    wiped = new_page()
    asked = asked_by(wiped)
    wiped.goto(ground.screen_address("kiosk-wassigny"))
    heading(wiped, "It is finished.")
    wait_asked(wiped, asked, "line_cut")
    assert "goodbye" not in asked

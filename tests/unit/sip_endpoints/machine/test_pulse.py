# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a browser lives, by what it answers over its pipes; one that plays the browser."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sip_endpoints.machine.session.pulse import (
    BEAT,
    FIRST_SECONDS,
    REST,
    SILENT_SECONDS,
    Pulse,
)
from tests.unit.sip_endpoints.conftest import Clock

BEAT_JS = Path(__file__).parents[4] / "booking_web/static/kiosk/beat.js"


class Browser:
    """Answers at its ends of the pipes, until it is silent."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.pulse = Pulse(clock)
        self.reads, self.writes = self.pulse.theirs
        os.set_blocking(self.reads, False)
        self.title, self.is_silent = "Guichet", False

    def lives_after(self, seconds: float) -> bool:
        """Let time pass by seconds, and answer what was asked."""
        for _ in range(int(seconds)):
            self.clock.now += 1
            self.pulse.look()
            if not self.is_silent:
                self.answer()
        return self.pulse.look()

    def answer(self) -> None:
        try:
            asked = os.read(self.reads, 65536)
        except BlockingIOError:
            return
        for each in asked.split(b"\0")[:-1]:
            message = json.loads(each)
            page = {"type": "page", "url": "https://g/borne", "title": self.title}
            result = {"targetInfos": [{"type": "browser_ui"}, page]}
            self.tell({"id": message["id"], "result": result})

    def tell(self, message: dict[str, Any]) -> None:
        os.write(self.writes, json.dumps(message).encode() + b"\0")


@pytest.fixture
def browser(clock: Clock) -> Iterator[Browser]:
    browser = Browser(clock)
    yield browser
    browser.pulse.leave_theirs()
    browser.pulse.close()


def test_one_that_answers_lives_however_long_its_page_says_nothing(
    browser: Browser,
) -> None:
    assert browser.lives_after(200)


def test_one_that_answers_no_more_is_given_up(browser: Browser) -> None:
    assert browser.lives_after(5)
    browser.is_silent = True
    assert browser.lives_after(SILENT_SECONDS - 5)
    assert not browser.lives_after(10)


def test_one_that_starts_has_its_time(browser: Browser) -> None:
    browser.is_silent = True
    assert browser.lives_after(FIRST_SECONDS - 2)
    assert not browser.lives_after(5)


def test_a_page_that_crashed_is_given_up_at_once(browser: Browser) -> None:
    assert browser.lives_after(5)
    browser.tell({"method": "Target.targetCrashed", "params": {"targetId": "1"}})
    assert not browser.lives_after(1)


def test_a_page_whose_marks_stop_is_given_up_but_not_one_that_nobody_sees(
    browser: Browser,
) -> None:
    for _ in range(10):
        browser.title = "Guichet" if browser.title.endswith(BEAT) else "Guichet" + BEAT
        assert browser.lives_after(4)
    browser.title = "Guichet" + REST
    assert browser.lives_after(5 * SILENT_SECONDS)
    browser.title = "Guichet" + BEAT
    assert browser.lives_after(4)
    assert not browser.lives_after(SILENT_SECONDS + 3)


def test_the_page_writes_the_marks_that_are_looked_for() -> None:
    text = BEAT_JS.read_text(encoding="utf-8")
    for name, mark in (("BEAT", BEAT), ("REST", REST)):
        assert f'const {name} = "\\u{ord(mark):04x}";' in text

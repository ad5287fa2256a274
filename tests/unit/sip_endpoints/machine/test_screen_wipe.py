# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser's profile and both screens after a call: emptied, looked after, or told."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from device_bridge.call.link_server import LinkServer
from device_bridge.call.screen_link import ScreenLink
from device_bridge.wiping.traces import Cause, NotWiped
from sip_endpoints.machine.session.outputs import SessionAway, Window
from sip_endpoints.machine.session.profile import (
    COOKIES,
    FORMER_COOKIE,
    KEPT_COOKIE,
    Profile,
)
from sip_endpoints.machine.session.screen_wipe import (
    AskedWipe,
    Orders,
    ScreenWipe,
    processes_of,
)
from stage.waiting import wait_for

BROKEN = (b"SQLite format 3\0" + b"\xff" * 4000, b"", b"not a database at all")


class Browser:
    """The browser's profile as Chromium leaves it, and its process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.temporary = folder / "screen", folder / "tmp"
        self.temporary.mkdir()
        self.windows: list[Window] = []
        self.stopped = 0
        self.fill()
        self.profile = Profile(self.folder, self.temporary)
        self.wipe = ScreenWipe(
            self.profile, self.folder, lambda: self.windows, processes_of
        )

    def fill(self) -> None:
        for name in ("Default/History", "Default/Cache/Cache_Data/f_1", "Local State"):
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"M. Dupont")
        (self.temporary / ".org.chromium.x").write_bytes(b"M. Dupont")
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        (self.folder / "SingletonLock").symlink_to("host-42")
        with sqlite3.connect(self.folder / COOKIES) as cookies:
            cookies.execute(
                "CREATE TABLE IF NOT EXISTS cookies (name TEXT, value TEXT)"
            )
            for name in (KEPT_COOKIE, "session"):
                cookies.execute("INSERT INTO cookies VALUES (?, 'M. Dupont')", (name,))
        cookies.close()

    def stop(self) -> None:
        self.stopped += 1

    def left(self) -> list[str]:
        return [
            str(each.relative_to(self.folder))
            for each in self.folder.rglob("*")
            if each.is_file()
        ] + [each.name for each in self.temporary.iterdir()]

    def cookies(self) -> list[str]:
        with sqlite3.connect(self.folder / COOKIES) as cookies:
            found = [row[0] for row in cookies.execute("SELECT name FROM cookies")]
        cookies.close()
        return found


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


def test_nothing_but_what_lets_the_screen_in_is_left(browser):
    assert browser.wipe.wipe() == 5
    assert browser.left() == [str(COOKIES)]
    assert browser.cookies() == [KEPT_COOKIE]
    # Not in the free pages of the file either.
    assert b"session" not in (browser.folder / COOKIES).read_bytes()
    assert browser.wipe.wipe() == 0


@pytest.mark.parametrize("content", BROKEN)
def test_a_browser_that_was_killed_as_it_wrote_is_still_let_in(browser, content):
    browser.wipe.wipe()
    browser.fill()
    (browser.folder / COOKIES).write_bytes(content)
    browser.wipe.wipe()
    assert browser.left() == [str(COOKIES)]
    assert browser.cookies() == [KEPT_COOKIE]


def test_a_profile_that_was_never_there_is_clean(tmp_path):
    profile = Profile(tmp_path / "screen", tmp_path / "tmp")
    assert profile.wipe() == 0
    profile.look_after()


def test_a_kiosk_that_was_let_in_by_an_older_server_keeps_what_it_has(browser):
    with sqlite3.connect(browser.folder / COOKIES) as cookies:
        cookies.execute(
            "UPDATE cookies SET name = ? WHERE name = ?", (FORMER_COOKIE, KEPT_COOKIE)
        )
    cookies.close()
    browser.wipe.wipe()
    assert browser.cookies() == [FORMER_COOKIE]
    browser.profile.look_after()


def test_a_file_that_comes_back_is_seen(browser):
    browser.profile.wipe()
    (browser.folder / "late").write_bytes(b"M. Dupont")
    with pytest.raises(NotWiped) as failure:
        browser.profile.look_after()
    assert failure.value.cause is Cause.STILL_THERE


def test_a_disk_that_lets_nothing_be_written_is_named(browser, monkeypatch):
    connect = sqlite3.connect

    def read_only(file, **_settings):
        return connect(f"file:{file}?mode=ro", uri=True)

    monkeypatch.setattr(
        "sip_endpoints.machine.session.profile.sqlite3.connect", read_only
    )
    with pytest.raises(NotWiped) as failure:
        browser.wipe.wipe()
    assert failure.value.cause is Cause.READ_ONLY
    monkeypatch.undo()
    browser.wipe.wipe()
    assert browser.cookies() == [KEPT_COOKIE]


def test_the_counsellors_picture_on_the_first_screen_is_no_clean_screen(browser):
    browser.windows = [Window("pjmedia-SDL video", "", "1", True)]
    with pytest.raises(NotWiped) as failure:
        browser.wipe.wipe()
    assert failure.value.cause is Cause.STILL_THERE
    browser.windows = [Window("Guichet virtuel", "chromium", "2", True)]
    browser.wipe.wipe()


def test_without_a_session_there_is_no_window(browser):
    def away():
        raise SessionAway("stopped")

    ScreenWipe(browser.profile, browser.folder, away, lambda _: []).wipe()


def test_what_is_left_of_the_browser_is_ended_by_force(browser, monkeypatch):
    monkeypatch.setattr("sip_endpoints.machine.session.screen_wipe.END_SECONDS", 0.3)
    waits = f"import time; time.sleep(600)  # {browser.folder}"
    process = subprocess.Popen([sys.executable, "-c", waits])
    # The kernel tells its words a moment after it has begun.
    wait_for(lambda: process.pid in processes_of(browser.folder), "it is there")
    browser.wipe.wipe()
    assert process.wait(10) == -9
    assert browser.left() == [str(COOKIES)]


class Line:
    """The bridge's end of the socket, and what the screen answers."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.now = 100.0
        self.server = LinkServer(folder / "bridge.sock")
        self.link = ScreenLink(folder / "bridge.sock")
        self.link.poll()
        self.server.poll(5)
        orders = Orders(8.0, lambda: self.now)
        self.asked = AskedWipe(self.link, orders, browser.wipe)
        self.browser = browser

    def ask(self, order: str | None) -> None:
        self.server.broadcast({"wipe_screen": order})

    def turn(self, seconds: float = 0) -> bool:
        self.now += seconds
        return self.asked.turn(self.browser)

    def heard(self) -> list[dict[str, object]]:
        return [message for _, message in self.server.poll(1)]


@pytest.fixture
def line(tmp_path, browser):
    line = Line(tmp_path, browser)
    yield line
    line.link.close()
    line.server.close()


def test_it_is_wiped_after_the_good_bye_and_said(line, browser):
    line.ask("a")
    assert not line.turn()
    # Asked again meanwhile.
    line.ask("a")
    assert not line.turn(7)
    assert line.turn(1)
    assert browser.stopped == 1
    assert line.heard() == [
        {"event": "screen_wiped", "order": "a", "found": 5, "cause": ""}
    ]
    assert not line.turn(60)


def test_a_call_in_between_calls_it_off(line, browser):
    line.ask("a")
    line.turn()
    line.ask(None)
    assert not line.turn(60)
    assert browser.stopped == 0


def test_why_it_could_not_is_said_and_the_browser_is_opened_all_the_same(line, browser):
    browser.windows = [Window("pjmedia-SDL video", "", "1", True)]
    line.ask("a")
    line.turn()
    assert line.turn(8)
    assert line.heard()[0]["cause"] == "still_there"
    browser.windows = []
    line.ask("a")
    assert line.turn(8)
    assert line.heard()[0]["cause"] == ""


def test_nonsense_from_the_bridge_is_passed_over(line, browser):
    for nonsense in (7, ["a"], {"a": 1}, True):
        line.server.broadcast({"wipe_screen": nonsense})
        line.turn()
    line.server.broadcast({"held_for": 4})
    assert not line.turn(60)
    assert browser.stopped == 0


def test_without_a_bridge_the_screen_goes_on_and_finds_it_later(tmp_path, browser):
    link = ScreenLink(tmp_path / "bridge.sock")
    asked = AskedWipe(link, Orders(0), browser.wipe)
    assert not asked.turn(browser)
    server = LinkServer(tmp_path / "bridge.sock")
    link._again._next_try = 0
    asked.turn(browser)
    server.poll(5)
    server.broadcast({"wipe_screen": "a"})
    assert asked.turn(browser)
    link.close()
    server.close()


def test_before_the_first_page_it_is_wiped_too_and_a_failure_stops_nobody(browser):
    asked = AskedWipe(ScreenLink(Path("/nowhere")), Orders(0), browser.wipe)
    browser.windows = [Window("pjmedia-SDL video", "", "1", True)]
    asked.begin()
    assert browser.left() == [str(COOKIES)]


def test_what_heard_the_counsellor_is_ended_after_the_call_and_not_in_it(
    browser, monkeypatch
):
    monkeypatch.setattr("sip_endpoints.machine.session.screen_wipe.END_SECONDS", 0.3)
    named = Path(f"engine-of-{browser.folder.parent.name}")
    wipe = ScreenWipe(
        browser.profile, browser.folder, lambda: [], processes_of, engine=named
    )
    waits = f"import time; time.sleep(600)  # {named}"
    process = subprocess.Popen([sys.executable, "-c", waits])
    try:
        wait_for(lambda: process.pid in processes_of(named), "it is there")
        # The screen's program begins anew, perhaps in the middle of a call.
        wipe.wipe()
        assert process.poll() is None
        wipe.wipe(is_after_call=True)
        assert wait_for(lambda: process.poll(), "it was ended") == -9
    finally:
        process.kill()
        process.wait()

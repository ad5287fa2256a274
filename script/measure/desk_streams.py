# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.streams: event streams of one browser with two desks open; what 200 desks cost a server.

A desk holds two lines: the event stream of the page in its frame, and the WebSocket of its
telephone, both by the front. Two hundred of both are held open; bookings are made alone, then
beside them.
"""

import base64
import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import expect

from measure.booking_ground import inventory as town_hall_inventory
from measure.rows import Figures
from measure.town_halls import bookings_p95, town_halls
from stage.browser_account import open_desk, with_browser_telephone
from stage.browser_desk import BrowserDesks, take_calls
from stage.live_crowd import LiveCrowd
from stage.stack import Stage, StageOptions
from stage.story import COUNSELLOR, COUNSELLORS_ACCOUNT
from stage.waiting import wait_for
from stage.web_browser import WebBrowser

DESKS = 200
# Each of them has so many of the desks.
COUNSELLORS = 20
HEARD_SECONDS = 60.0
SETTLE_SECONDS = 5.0
PARTS = ("asterisk", "web", "live", "front", "dispatcher")
WEIGHED = ("asterisk", "web", "live", "front")


def measure() -> Figures:
    """Count the streams of two desks in a browser; hold many desks open, and book beside them."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gb-"))
        stage = stack.enter_context(_stage(Path(folder)))
        database = stage.database()
        stack.callback(database.dispose)
        streams = _streams_of_one_browser(stage)
        halls = town_halls(stage.url, stage.passwords())
        alone = bookings_p95(halls, database, 1, has_pages=False)
        empty_mb = _megabytes(stage)
        cookies = [_cookies(stage, number) for number in range(COUNSELLORS)]
        held = [cookies[number % COUNSELLORS] for number in range(DESKS)]
        with LiveCrowd(stage.url, held) as crowd, _telephones(stage, held):
            crowd.wait(b"event: hello", HEARD_SECONDS)
            crowd.listen(SETTLE_SECONDS)
            beside = bookings_p95(halls, database, 2, has_pages=False)
            crowd.listen(SETTLE_SECONDS)
            full_mb = _megabytes(stage)
    return Figures(
        (float(streams),),
        (),
        (
            f"{DESKS} desks: {full_mb - empty_mb:.0f} MB more ({empty_mb:.0f} MB without)"
            " in Asterisk, pages, live server and front",
            f"95 of 100 bookings took at most {alone:.0f} ms alone, {beside:.0f} ms beside"
            f" the desks: ratio {beside / alone:.2f}",
        ),
    )


def _stage(folder: Path) -> Stage:
    """Start a site with a desk that takes calls, town halls, and many counsellors."""
    inventory = with_browser_telephone(folder, COUNSELLOR, COUNSELLORS_ACCOUNT)
    more = [inventory.read_text(), town_hall_inventory()]
    more += [
        f'[[counsellors]]\nslug = "counsellor-bench-{number:02}"\nname = "Bench {number}"\n'
        'organisation = "msa"\nbrowser = true\n'
        f'[[users]]\nemail = "{_email(number)}"\nname = "Bench {number}"\n'
        'role = "counsellor"\norganisation = "msa"\n'
        f'counsellor = "counsellor-bench-{number:02}"'
        for number in range(COUNSELLORS)
    ]
    inventory.write_text("\n".join(more))
    stage = Stage(folder / "site", StageOptions(browsers=True, inventory=inventory))
    try:
        stage.prepare()
        stage.start(*PARTS)
    except BaseException:
        stage.close()
        raise
    return stage


def _email(number: int) -> str:
    return f"counsellor-{number:02}@bench.example"


def _cookies(stage: Stage, number: int) -> str:
    with WebBrowser(stage.url) as browser:
        browser.sign_in(_email(number), stage.passwords()[_email(number)])
        kept = browser.session.cookies.items()
        return "; ".join(f"{name}={value}" for name, value in kept)


def _streams_of_one_browser(stage: Stage) -> int:
    """Open two desks in one browser, in one of which calls are taken; count its streams."""
    before = _streams(stage)
    with BrowserDesks(stage.url) as desks:
        first = open_desk(stage, desks, COUNSELLORS_ACCOUNT)
        take_calls(first)
        second = open_desk(stage, desks, COUNSELLORS_ACCOUNT, beside=first)
        for page in (first, second):
            told = page.frame_locator("iframe").locator("#live-link")
            expect(told).to_contain_text("en direct", timeout=1000 * HEARD_SECONDS)
        wait_for(lambda: _streams(stage) > before, "a stream is open", HEARD_SECONDS)
        second.wait_for_timeout(1000 * SETTLE_SECONDS)
        return _streams(stage) - before


def _streams(stage: Stage) -> int:
    """Count the lines that the live server holds."""
    name = str(stage.directory / "live.sock")
    lines = psutil.Process(stage.program("live").pid).net_connections("unix")
    # The first one with that name is the door itself.
    return [line.laddr for line in lines].count(name) - 1


@contextmanager
def _telephones(stage: Stage, cookies: Sequence[str]) -> Iterator[None]:
    """Hold a WebSocket to Asterisk open for each, as a desk's telephone does."""
    with ExitStack() as stack:
        for cookie in cookies:
            line = socket.create_connection(("127.0.0.1", stage.web_port), 20)
            stack.callback(line.close)
            key = base64.b64encode(secrets.token_bytes(16)).decode()
            asked = [
                "GET /ws HTTP/1.1",
                f"Host: {stage.url.removeprefix('http://')}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                f"Sec-WebSocket-Key: {key}",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Protocol: sip",
                f"Origin: {stage.url}",
                f"Cookie: {cookie}",
            ]
            line.sendall("\r\n".join([*asked, "", ""]).encode())
            answer = line.recv(1024)
            if b" 101 " not in answer.split(b"\r\n")[0]:
                raise RuntimeError(f"no WebSocket was opened: {answer[:80]!r}")
        yield


def _megabytes(stage: Stage) -> float:
    """Sum what each process has for itself and its part of what they share."""
    used = 0
    for name in WEIGHED:
        process = psutil.Process(stage.program(name).pid)
        for each in (process, *process.children(recursive=True)):
            used += each.memory_full_info().pss
    return used / 2**20

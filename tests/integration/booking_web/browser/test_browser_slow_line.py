# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk where connections are few or slow."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import CDPSession, Page, expect

from booking_web.domain.appointments.booking import book
from stage.waiting import PATIENCE
from tests.factories.orders import an_order

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
# A browser opens six connections to one server by HTTP/1.1.
TABS = 9


@pytest.fixture
def ground(new_ground, tmp_path):
    """Give a database of the test's own: its server's log is read."""
    return new_ground(tmp_path)


@pytest.fixture
def server(serve_site):
    """Give a server of the test's own."""
    return serve_site("--workers", "1", "--threads", "8")


def booked(database, name: str) -> int:
    """Book somebody at once, as a colleague would."""
    with database.write() as session:
        request = an_order(token=name, resident_name=name)
        return book(session, request, datetime.now(UTC)).appointment.id


def test_more_tabs_than_a_browser_has_connections_are_live_by_one_stream(
    signed_in, server, database
) -> None:
    first = signed_in(SECRETARY)
    tabs = [first] + [first.context.new_page() for _ in range(TABS - 1)]
    for tab in tabs[1:]:
        tab.goto("/bureau")
    for tab in tabs:
        expect(tab.locator("#live-link")).to_have_text("Mise à jour en direct")
    appointment_id = booked(database, "Mme Partout")
    for tab in tabs:
        row = tab.locator(f"#rendez-vous-{appointment_id}")
        expect(row).to_contain_text("Mme Partout")
    first.context.close()
    log = server.front.log_text()
    assert log.count('"GET /direct" 200') <= 1


LATENCY_MS = 400
BITS_A_SECOND = 150_000
MOST_BYTES = 120_000
# What secretaries are promised, on a machine that has nothing else to do.
MOST_SECONDS = 8.0 * PATIENCE
# On the line alone, before the first byte of the page: a connection, a request.
ROUND_TRIPS = 2
# When the name's field may be typed into, by the page's own clock.
NOTE_THE_FOCUS = """
document.addEventListener("focusin", (event) => {
  if (event.target.id === "resident_name" && window.mayTypeAt === undefined) {
    window.mayTypeAt = performance.now();
  }
});
"""


def slow_down(page: Page) -> CDPSession:
    """Have the page's line be slow, and its cache empty; give what tells of its bytes."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    bytes_a_second = BITS_A_SECOND / 8
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": bytes_a_second,
            "uploadThroughput": bytes_a_second,
        },
    )
    return session


def test_one_may_type_within_eight_seconds_and_120_kilobytes(signed_in) -> None:
    page = signed_in(SECRETARY)
    page.wait_for_load_state()
    page.add_init_script(NOTE_THE_FOCUS)
    session = slow_down(page)
    received: list[int] = []
    session.on(
        "Network.dataReceived",
        lambda event: received.append(event["encodedDataLength"]),
    )
    page.goto("/bureau", wait_until="commit")
    # As the line is, not as the machine that runs this may be just now.
    page.locator("#resident_name:focus").wait_for(timeout=30_000 * PATIENCE)
    had_bytes = sum(received)
    page.wait_for_function("window.mayTypeAt !== undefined")
    seconds = page.evaluate(
        "(window.mayTypeAt - performance.getEntriesByType('navigation')[0].responseStart)"
        " / 1000"
    )
    assert had_bytes <= MOST_BYTES
    assert seconds + ROUND_TRIPS * LATENCY_MS / 1000 < MOST_SECONDS
    page.keyboard.type("Mme Roy")
    assert page.input_value("#resident_name") == "Mme Roy"

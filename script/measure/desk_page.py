# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.page: first paint of the counsellor's day, 500 appointments in it, in the desk's frame.

Its bytes are what comes over the line, compressed, at the first opening with an empty cache.
"""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, Request

from measure.desk_ground import ORGANISATION, DeskGround
from measure.rows import Figures
from stage.appointments import put_appointment
from stage.story import KIOSK
from stage.waiting import wait_for

RUNS = 10
APPOINTMENTS = 500
DESK = "/bureau/appels"
CALL_SCRIPT = "/vendor/jssip/"
# Of the page and of its frame: when each was first painted, after the desk was asked for.
PAINTED = """
() => {
  const paints = [window, frames.dossier].map((each) => {
    const paint = each.performance.getEntriesByName("first-contentful-paint")[0];
    const since = each.performance.timeOrigin - performance.timeOrigin;
    return paint === undefined ? 0 : since + paint.startTime;
  });
  return paints.includes(0) ? null : paints;
}
"""


def measure() -> Figures:
    """Open the desk again and again; the first time its cache is empty."""
    with DeskGround() as ground:
        _fill_the_day(ground)
        page = ground.page.context.new_page()
        traffic = Traffic(page)
        page.goto(DESK, wait_until="load")
        wait_for(lambda: page.evaluate(PAINTED), "the desk is painted")
        every, heads = traffic.bytes_of("")
        call, _ = traffic.bytes_of(CALL_SCRIPT)
        rows = page.frame_locator("iframe").locator("#day-list > li").count()
        times = []
        for _ in range(RUNS):
            page.goto(DESK, wait_until="load")
            times.append(wait_for(lambda: page.evaluate(PAINTED), "it is painted"))
    desk = sorted(first for first, _ in times)[RUNS // 2]
    return Figures(
        tuple(framed for _, framed in times),
        (),
        (
            f"{APPOINTMENTS} appointments, {rows} of them on the first page; the desk around it"
            f" is painted after {desk:.0f} ms",
            f"{(every - call) / 1000:.0f} kB before the call's script, which has"
            f" {call / 1000:.0f} kB more; heads, which HTTP/2 shortens, {heads / 1000:.0f} kB here",
        ),
    )


class Traffic:
    """What comes over the line for a page from now on, with an empty cache."""

    def __init__(self, page: Page) -> None:
        self._finished: list[Request] = []
        page.on("requestfinished", self._note)
        page.context.new_cdp_session(page).send("Network.clearBrowserCache")

    def _note(self, request: Request) -> None:
        self._finished.append(request)

    def bytes_of(self, part: str) -> tuple[int, int]:
        """Give the bytes of all whose address has this in it: contents, compressed, and heads."""
        sizes = [each.sizes() for each in self._finished if part in each.url]
        # What the cache gave has neither.
        came = [each for each in sizes if each["responseBodySize"] > 0]
        return (
            sum(each["responseBodySize"] for each in came),
            sum(each["responseHeadersSize"] for each in came),
        )


def _fill_the_day(ground: DeskGround) -> None:
    """Put them in the hours that are left of today, so that all are to come."""
    now = datetime.now(UTC)
    left = now.replace(hour=23, minute=0, second=0, microsecond=0) - now
    database = ground.stage.database()
    with database.write() as session:
        for number in range(APPOINTMENTS):
            start = now + max(left, timedelta(hours=1)) * number / APPOINTMENTS
            put_appointment(session, KIOSK, ORGANISATION, starts_at=start)
    database.dispose()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.resume: the counsellor's page is reloaded in a call and is back -> picture both ways."""

import time
from statistics import median

from measure.desk_ground import DeskGround
from measure.rows import Figures
from stage.browser_desk import expect_state, pictures_seen
from stage.waiting import wait_for

RUNS = 5
# In the call before its page goes.
CALL_SECONDS = 4.0
# A picture of the kiosk's may be on its way still; so many more are the new page's.
NEW_PICTURES = 5
WAIT_SECONDS, LOOK_SECONDS = 30, 0.01


def measure() -> Figures:
    """Reload the page of one call after the other."""
    here, there = [], []
    with DeskGround() as ground:
        # The browser asks before a page with a call is left.
        ground.page.on("dialog", lambda dialog: dialog.accept())
        for _ in range(RUNS):
            with ground.desk_call() as far:
                ground.first_pictures_ms(far)
                time.sleep(CALL_SECONDS)
                shown, seen = _reload(ground)
                here.append(shown)
                there.append(seen)
                expect_state(ground.page, "in_call")
    return Figures(
        tuple(map(max, zip(here, there, strict=True))),
        (),
        (f"{median(there):.0f} ms to the kiosk's picture, {median(here):.0f} ms here",),
    )


def _reload(ground: DeskGround) -> tuple[float, float]:
    """Give the times from the page's load to its first picture, and to the kiosk's (ms)."""
    ground.page.reload(wait_until="load")
    back = time.monotonic()
    before = ground.kiosk_pictures()
    wait_for(
        lambda: pictures_seen(ground.page),
        "the page's picture",
        WAIT_SECONDS,
        LOOK_SECONDS,
    )
    shown = time.monotonic()
    wait_for(
        lambda: ground.kiosk_pictures() >= before + NEW_PICTURES,
        "the kiosk's picture",
        WAIT_SECONDS,
        LOOK_SECONDS,
    )
    return 1000 * (shown - back), 1000 * (time.monotonic() - back)

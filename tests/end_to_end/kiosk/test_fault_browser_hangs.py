# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen's browser hangs, its page crashes, its memory is gone: it is brought back by
itself, in a call and outside of one, and the call does not notice.
"""

import signal
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest

from sip_endpoints.machine.session.pulse import SILENT_SECONDS
from stage.memory_limit import MemoryLimit, NoMemoryLimit
from stage.secretary import Secretary
from stage.story import COUNSELLOR, ORGANISATION
from stage.waiting import wait_for
from stage.whole_kiosk import Call, WholeKiosk

pytestmark = pytest.mark.real

BACK_SECONDS = SILENT_SECONDS + 25
# Beyond what it has already.
PAGE_BYTES = 100_000_000
GROW = """() => {
  const kept = [];
  setInterval(() => kept.push(new Uint8Array(5000000).fill(1)), 20);
  return true;
}"""
SPIN = "() => { setTimeout(() => { for (;;) {} }, 200); return true; }"


def hang(whole: WholeKiosk) -> None:
    whole.kill_browser(signal.SIGSTOP)


def end_at_once(whole: WholeKiosk) -> None:
    """As the kernel does where memory is short."""
    whole.kill_browser(signal.SIGKILL)


def crash_page(whole: WholeKiosk) -> None:
    """Leave "Aw, Snap!": the browser runs on, and no process of it ends by itself."""
    renderers = whole.renderers()
    assert renderers
    for each in renderers:
        # It may have ended with its page.
        with suppress(psutil.Error):
            each.kill()


def outgrow(whole: WholeKiosk) -> None:
    """Have the page take more memory than it may: the kernel ends it.

    Where the machine lets nobody limit memory, it is ended as the kernel does it.
    """
    try:
        with MemoryLimit(PAGE_BYTES) as limit:
            limit.put(each.pid for each in whole.renderers())
            assert whole.look(GROW)
            wait_for(lambda: limit.ended(), "the kernel ends it", 20, 0.1)
    except NoMemoryLimit:
        crash_page(whole)


def spin(whole: WholeKiosk) -> None:
    """Have the page's own script never end."""
    assert whole.look(SPIN)


FAULTS = (hang, crash_page, outgrow, spin, end_at_once)


def has_its_place(whole: WholeKiosk) -> None:
    """Wait for the window on its own output: its page is there a moment before it."""
    whole.wait(
        lambda: whole.place_of("chromium") == whole.session.output_of("2"),
        "the browser's window on its own screen",
        10,
    )


@pytest.mark.parametrize("fault", [hang, end_at_once])
def test_between_calls_the_page_is_back(
    whole: WholeKiosk, fault: Callable[[WholeKiosk], None]
) -> None:
    idle = ("free", "goodbye")
    # After a call the browser begins anew by itself, once.
    whole.wait(lambda: whole.scene() == "free", "the free scene", 60)
    page = whole.page()["id"]
    fault(whole)

    def is_back() -> bool:
        return whole.page().get("id", page) != page and whole.scene() in idle

    whole.wait(is_back, "the free scene, on a new page", BACK_SECONDS)
    has_its_place(whole)


# Five faults, each with its own deadline.
def test_in_a_call_the_page_is_back_at_the_calls_scene_each_time(
    whole: WholeKiosk, call: Call
) -> None:
    """All of it in one call, which lasts; the next one is the next test's."""
    for fault in FAULTS:
        page, lasted = whole.page()["id"], call.sound_lasts()
        fault(whole)

        def is_back(former: str = page) -> bool:
            is_new = whole.page().get("id", former) != former
            return is_new and whole.scene() == "in_call"

        whole.wait(is_back, f"the call's scene after {fault.__name__}", BACK_SECONDS)
        call.wait_both_ways()
        assert call.sound_lasts() > lasted
        has_its_place(whole)


def test_the_next_resident_is_called_where_the_browser_was_killed_in_the_wipe(
    whole: WholeKiosk, call: Call, secretary: Secretary
) -> None:
    """They wait in the line meanwhile; the proof is that of a browser that began anew."""
    counsellor = whole.stage.counsellor(COUNSELLOR)
    waiting = secretary.book("M. Karim Benali", ORGANISATION)
    page = whole.page()["id"]
    counsellor.order("hangup")
    whole.wait(lambda: whole.scene() == "calling", "the next one's scene")
    end_at_once(whole)
    whole.wait(lambda: whole.is_proven(call.appointment), "proven to be wiped", 60)
    after = Call(whole, counsellor, waiting)
    after.wait_both_ways()
    whole.wait(lambda: whole.scene() == "in_call", "the scene of the call")
    assert whole.page()["id"] != page
    counsellor.order("hangup")
    whole.wait(lambda: whole.is_proven(waiting), "proven to be wiped", 60)

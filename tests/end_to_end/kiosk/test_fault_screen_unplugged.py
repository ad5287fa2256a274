# SPDX-License-Identifier: AGPL-3.0-or-later
"""A screen's cable comes out in a call and is put back: the call goes on, each window is where
it was, and the counsellor reads meanwhile which screen is missing.
"""

import pytest

from stage.counsellor_desk import CounsellorDesk
from stage.waiting import wait_for
from stage.whole_kiosk import Call, WholeKiosk

pytestmark = pytest.mark.real

PICTURE, PAGES = "pjmedia-SDL", "chromium"
CALL_SCREEN, PAGES_SCREEN = "1", "2"
READ_SECONDS = 20


@pytest.mark.parametrize(
    ("workspace", "sentence"),
    [
        (PAGES_SCREEN, "Le second écran de la borne est éteint ou débranché"),
        (CALL_SCREEN, "Le premier écran de la borne est éteint ou débranché"),
    ],
)
def test_a_screen_that_is_unplugged_in_a_call_is_told_and_gets_its_window_back(
    whole: WholeKiosk,
    call: Call,
    desk: CounsellorDesk,
    workspace: str,
    sentence: str,
) -> None:
    def reads() -> bool:
        return sentence in desk.get(f"/rendez-vous/{call.appointment}").text

    def places() -> tuple[str, str]:
        return whole.place_of(PICTURE), whole.place_of(PAGES)

    output = whole.session.output_of(workspace)
    before, page = places(), whole.page()["id"]
    assert set(before) == {each["name"] for each in whole.session.ask("get_outputs")}
    assert not reads()

    whole.session.order(f"output {output} disable")
    call.wait_both_ways()
    wait_for(reads, "the counsellor reads it", READ_SECONDS, 0.2)
    assert whole.places.missing.read_text() == (
        "second_screen" if workspace == PAGES_SCREEN else "first_screen"
    )

    whole.session.order(f"output {output} enable")
    wait_for(lambda: places() == before, "each window on its own screen", 20, 0.1)
    call.wait_both_ways()
    wait_for(lambda: not reads(), "nothing is missing any more", READ_SECONDS, 0.2)
    # The same page, not one that was opened anew.
    assert (whole.page()["id"], whole.scene()) == (page, "in_call")

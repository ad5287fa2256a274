# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web application killed during a call: the call goes on, and the page finds it again."""

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import KIOSK, ORGANISATION, SECRETARY
from stage.waiting import wait_for

pytestmark = pytest.mark.real


def test_the_call_goes_on_and_the_secretary_ends_it_afterwards(
    whole_stage: Stage, secretary: Secretary
) -> None:
    appointment = secretary.book("M. Tenace", ORGANISATION)
    kiosk = whole_stage.kiosk(KIOSK)

    def pictures() -> int:
        video = (kiosk.call() or {}).get("video") or {}
        return int(video.get("frames_decoded", 0))

    wait_for(pictures, "the kiosk sees the counsellor")
    whole_stage.kill("web")
    seen = pictures()
    wait_for(lambda: pictures() > seen + 5, "the picture still moves without the web")
    whole_stage.start("web")
    with Secretary(whole_stage.url) as again:
        again.sign_in(SECRETARY, whole_stage.passwords()[SECRETARY])
        watch = again.watch()
        assert "En communication" in again.day_text()
        again.press(appointment, "raccrocher")
        watch.wait_state(appointment, "done")

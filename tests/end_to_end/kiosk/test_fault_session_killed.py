# SPDX-License-Identifier: AGPL-3.0-or-later
"""The session that draws both screens is killed, or hangs and is ended, and begins anew: the call
lasts, and the pictures come back by themselves.
"""

import hashlib
import os
import signal

import pytest

from stage.story import COUNSELLOR
from stage.waiting import wait_for
from stage.whole_kiosk import Call, WholeKiosk

pytestmark = pytest.mark.real

PICTURE, PAGES = "pjmedia-SDL", "chromium"
# The session looks every other second, and swaymsg gives up after three.
ENDED_SECONDS, BACK_SECONDS = 20, 20


def first_screen(whole: WholeKiosk) -> str:
    return hashlib.sha256(whole.session.picture()).hexdigest()


def test_one_that_hangs_in_a_call_is_ended_and_both_pictures_are_back(
    whole: WholeKiosk, call: Call
) -> None:
    telephone = whole.stage.program(whole.slug).pid
    session = whole.session.program
    lasted = call.sound_lasts()
    os.kill(session.pid, signal.SIGSTOP)
    wait_for(lambda: not session.is_running, "it is ended", ENDED_SECONDS, 0.1)

    def both_back() -> bool:
        return bool(whole.place_of(PICTURE)) and whole.scene() == "in_call"

    whole.wait(both_back, "counsellor and pages are seen again", BACK_SECONDS)
    assert whole.place_of(PICTURE) != whole.place_of(PAGES)
    call.wait_both_ways()
    # The same call of the same telephone.
    assert whole.stage.program(whole.slug).pid == telephone
    assert call.sound_lasts() > lasted + 1


def test_in_a_call_the_sound_goes_on_and_afterwards_the_camera_is_off(
    whole: WholeKiosk, call: Call
) -> None:
    lasted = call.sound_lasts()
    whole.session.program.kill()
    # While nothing draws anything, each goes on hearing the other, and being seen.
    call.wait_both_ways()
    assert call.sound_lasts() > lasted
    whole.wait(lambda: whole.place_of(PICTURE), "the counsellor", BACK_SECONDS)
    whole.stage.counsellor(COUNSELLOR).order("hangup")
    wait_for(lambda: not whole.place_of(PICTURE), "nobody's picture", 10, 0.1)
    assert whole.telephone.status()["camera"] == {"stage": "off", "open": False}
    whole.wait(lambda: whole.is_proven(call.appointment), "proven", 60)


def test_between_calls_the_telephone_begins_anew_with_it_and_takes_the_next_call(
    whole: WholeKiosk,
) -> None:
    whole.wait(whole.is_settled, "the telephone is there")
    before = first_screen(whole)
    telephone = whole.stage.program(whole.slug).pid
    whole.session.program.kill()

    def is_anew() -> bool:
        return whole.stage.program(whole.slug).pid != telephone

    whole.wait(is_anew, "the telephone began anew", 30)
    whole.wait(whole.telephone.is_registered, "it is registered", 30)
    # The last call's good-bye is said to its end.
    whole.wait(lambda: whole.scene() in ("free", "goodbye"), "the pages", 30)
    wait_for(lambda: first_screen(whole) == before, "the camera is off", 10, 0.2)

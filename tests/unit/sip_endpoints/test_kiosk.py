# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which calls a kiosk answers by itself, and what it remembers of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from sip_endpoints.call.camera_keeper import CameraKeeper, NoFirstScreen
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.line_report import WHOLE_PICTURE
from sip_endpoints.call.phone import (
    AudioStatistics,
    CallConfirmed,
    CallEnded,
    DigitReceived,
    MediaStatistics,
    MessageReceived,
    VideoStatistics,
)
from sip_endpoints.interpreter import Interpreter
from sip_endpoints.kiosk import Kiosk, refusal
from tests.unit.sip_endpoints.fake_phone import SERVER, FakePhone, received


@pytest.fixture
def kiosk(phone, clock):
    keeper = CallKeeper(phone, 8.0, 4.0, clock)
    camera = CameraKeeper(phone, NoFirstScreen(), Path("notice.wav"), clock)
    interpreter = Interpreter(phone, CallKeeper(phone, 8.0, 4.0, clock), camera)
    return Kiosk(phone, "kiosk-wassigny", keeper, camera, interpreter)


def media(packets: int, frames: int) -> MediaStatistics:
    return MediaStatistics(
        AudioStatistics("opus", packets, 0),
        VideoStatistics("VP8", 640, 480, packets, 0, frames),
    )


def test_a_marked_call_of_our_asterisk_is_answered_at_once(kiosk, phone):
    kiosk.handle(received(1))
    assert phone.orders == [("answer", 1)]
    assert kiosk.status()["call"]["appointment_id"] == "42"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"call_info": ()}, 403),
        ({"call_info": ("<sip:guichet>",)}, 403),
        ({"call_info": ("<sip:guichet>;answer-after=10",)}, 403),
        ({"call_info": ("<sip:answer-after=0@example>;x=1",)}, 403),
        ({"remote_address": "10.0.0.2:5061"}, 403),
        ({"remote_address": "10.0.0.1:49152"}, 403),
        ({"remote_address": ""}, 403),
        ({"account": "kiosk-guise"}, 403),
        ({"account": ""}, 403),
    ],
    ids=str,
)
def test_any_other_call_is_refused(kiosk, phone, changes, code):
    kiosk.handle(received(1, **changes))
    assert phone.orders == [("hang_up", 1, code)]
    assert kiosk.status()["call"] is None
    assert kiosk.status()["calls_refused"] == 1


def test_no_call_is_answered_while_not_registered(kiosk, phone):
    phone.registration = replace(phone.registration, server_address=None)
    kiosk.handle(received(1))
    assert phone.orders == [("hang_up", 1, 403)]


def test_a_second_call_is_busy_and_leaves_the_first_alone(kiosk, phone):
    kiosk.handle(received(1))
    kiosk.handle(received(2, appointment_id="43"))
    kiosk.handle(CallEnded(2, 486, "Busy Here"))
    assert phone.orders == [("answer", 1), ("hang_up", 2, 486)]
    assert kiosk.status()["call"]["appointment_id"] == "42"


def test_a_stranger_learns_nothing_of_a_call_that_is_up(kiosk, phone):
    kiosk.handle(received(1))
    kiosk.handle(received(2, remote_address="10.9.9.9:5061"))
    assert phone.orders[-1] == ("hang_up", 2, 403)


def test_the_kiosk_is_free_again_after_a_call(kiosk, phone):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    kiosk.handle(CallEnded(1, 200, "OK"))
    kiosk.handle(received(1, appointment_id="43"))
    status = kiosk.status()
    assert status["call"]["appointment_id"] == "43"
    assert status["last_call"]["appointment_id"] == "42"
    assert status["last_call"]["end_code"] == 200
    assert status["calls_answered"] == 2


def test_a_caller_who_left_before_the_answer_is_forgotten(kiosk, phone):
    phone.gone.add(1)
    kiosk.handle(received(1))
    assert kiosk.status()["call"] is None


def test_a_whole_picture_is_sent_when_the_call_is_confirmed(kiosk, phone):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    assert phone.orders == [("answer", 1), ("send_key_frame", 1)]


def test_the_keys_of_the_call_are_remembered_but_not_without_end(kiosk):
    kiosk.handle(received(1))
    for key in "*12#":
        kiosk.handle(DigitReceived(1, key))
    kiosk.handle(DigitReceived(7, "9"))
    assert kiosk.status()["call"]["digits_received"] == "*12#"
    for _ in range(1000):
        kiosk.handle(DigitReceived(1, "0"))
    assert kiosk.status()["call"]["digits_received"] == "0" * 64


def test_without_rtp_for_the_limit_the_call_is_over(kiosk, phone, clock):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    phone.seen = media(10, 5)
    kiosk.tick()
    clock.now += 7.9
    kiosk.tick()
    assert kiosk.status()["call"] is not None
    clock.now += 0.2
    kiosk.tick()
    status = kiosk.status()
    assert phone.orders[-2:] == [("hang_up", 1, 0, 41), ("go_dark", 1)]
    assert status["call"] is None
    assert status["last_call"]["end_reason"] == "no media"
    assert status["last_call"]["video"]["frames_decoded"] == 5


def test_the_late_end_of_a_lost_call_does_not_touch_the_next_one(kiosk, phone, clock):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    clock.now += 9
    kiosk.tick()
    kiosk.handle(received(2, appointment_id="43"))
    kiosk.handle(CallEnded(1, 503, "Service Unavailable"))
    assert kiosk.status()["call"]["appointment_id"] == "43"


def test_the_status_gives_frames_a_second_and_loss(kiosk, phone, clock):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    for step in range(5):
        phone.seen = MediaStatistics(
            AudioStatistics("opus", 50 * step, 0),
            VideoStatistics("VP8", 640, 480, 99 * step, step, 20 * step),
        )
        kiosk.tick()
        clock.now += 1.0
    assert kiosk.status()["call"]["video"] == {
        "codec": "VP8",
        "width": 640,
        "height": 480,
        "fps": 20.0,
        "frames_decoded": 80,
        "gap_milliseconds": 0,
        "packets_received": 396,
        "packets_lost": 4,
        "loss_fraction": 0.01,
    }


def test_frames_are_those_of_the_whole_call_over_a_restarted_stream(
    kiosk, phone, clock
):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    for frames in (0, 60, 0, 15):
        phone.seen = media(frames + 1, frames)
        kiosk.tick()
        clock.now += 1.0
    assert kiosk.status()["call"]["video"]["frames_decoded"] == 75


def test_the_rule_has_its_reason_in_words():
    assert refusal(received(), "kiosk-wassigny", SERVER, True) == (
        486,
        "already in a call",
    )
    assert refusal(received(), "kiosk-wassigny", SERVER, False) is None


def test_the_fake_telephone_is_a_telephone():
    # mypy does not look into tests: the protocol's names are compared here.
    from sip_endpoints.call.phone import Phone

    wanted = {name for name in vars(Phone) if not name.startswith("_")}
    assert wanted <= set(dir(FakePhone())) | {"registration", "is_healthy"}


def test_a_browser_whose_picture_stands_still_is_sent_a_whole_one_once_a_second(
    kiosk, phone, clock
):
    wish = MessageReceived(1, "", WHOLE_PICTURE)
    kiosk.handle(received(1))
    # Before media flows there is nothing to send.
    kiosk.handle(wish)
    assert ("send_key_frame", 1) not in phone.orders
    kiosk.handle(CallConfirmed(1))
    for wait_seconds, sent in ((0.0, 1), (0.9, 1), (0.2, 2), (0.0, 2), (1.1, 3)):
        clock.now += wait_seconds
        kiosk.handle(wish)
        assert phone.orders.count(("send_key_frame", 1)) == sent

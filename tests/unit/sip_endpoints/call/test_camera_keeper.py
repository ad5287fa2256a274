# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's camera opens for a counsellor, after a notice, and is closed in every other moment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sip_endpoints.call.camera_keeper import CameraKeeper
from sip_endpoints.call.camera_rules import NOTICE_SECONDS, RINGING_SECONDS, CameraStage
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import (
    AudioStatistics,
    CallConfirmed,
    CallEnded,
    MediaAgreed,
    MediaStatistics,
    TextReceived,
    VideoStatistics,
)
from sip_endpoints.interpreter import Interpreter
from sip_endpoints.kiosk import Kiosk
from tests.unit.sip_endpoints.conftest import Clock
from tests.unit.sip_endpoints.fake_phone import SERVER, FakePhone, received

CALLED = "guichet-counsellor/1 called appointment=42"
ANSWERED = "guichet-counsellor/1 answered appointment=42"
LEFT = "guichet-counsellor/1 left appointment=42"
CAMERA_ORDERS = ("open_camera", "go_dark", "show_peer", "send_stand_in", "play")


class Screen:
    """The first screen, as what it was told to show."""

    def __init__(self) -> None:
        self.shown: list[CameraStage] = []
        self.framed: list[Mapping[int, bool]] = []
        self.languages: list[str] = []

    def show(self, stage: CameraStage, language: str = "") -> None:
        self.shown.append(stage)
        self.languages.append(language)

    def frame(self, speaking: Mapping[int, bool], *, is_anew: bool) -> None:
        self.framed.append(speaking)

    def tend(self) -> None:
        """Leave nothing to do."""


class Desk:
    """A kiosk in a call of appointment 42, and time that passes there."""

    def __init__(self, phone: FakePhone, clock: Clock, sound: Path) -> None:
        self.phone, self.clock, self.screen = phone, clock, Screen()
        self.camera = CameraKeeper(phone, self.screen, sound, clock)
        keeper = CallKeeper(phone, 8.0, 4.0, clock)
        second = CallKeeper(phone, 8.0, 4.0, clock)
        interpreter = Interpreter(phone, second, self.camera)
        self.kiosk = Kiosk(phone, "kiosk-wassigny", keeper, self.camera, interpreter)
        self.kiosk.handle(received(1))
        self.kiosk.handle(CallConfirmed(1))

    def hear(self, text: str, address: str = SERVER) -> None:
        self.kiosk.handle(TextReceived(address, text))

    def wait(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + 0.1)
            self.camera.poll()

    def see_pictures(self, frames: int) -> None:
        """Have the counsellor's pictures come."""
        self.phone.seen = MediaStatistics(
            AudioStatistics("opus", frames, 0),
            VideoStatistics("VP8", 640, 360, frames, 0, frames),
        )
        self.kiosk.tick()
        self.camera.poll()

    @property
    def orders(self) -> list[object]:
        return [each[0] for each in self.phone.orders if each[0] in CAMERA_ORDERS]


@pytest.fixture
def desk(phone: FakePhone, clock: Clock, tmp_path: Path) -> Desk:
    sound = tmp_path / "notice.wav"
    sound.touch()
    return Desk(phone, clock, sound)


def test_the_camera_is_off_for_as_long_as_the_resident_waits(desk: Desk) -> None:
    desk.wait(600)
    assert desk.kiosk.status()["camera"] == {"stage": "off", "open": False}
    assert desk.screen.shown == []
    # Of a picture that shows nothing of the room a little is sent: each stream is heard of
    # well within the half minute after which Asterisk ends the call.
    assert set(desk.orders) == {"send_stand_in"}
    sent = [each[2] for each in desk.phone.orders if each[0] == "send_stand_in"]
    assert sent[:4] == [True, False, True, False]
    assert sent.count(True) >= 600 / 15


def test_it_opens_after_a_notice_that_began_as_the_telephone_rang(desk: Desk) -> None:
    desk.hear(CALLED)
    assert desk.screen.shown == [CameraStage.NOTICE]
    assert desk.orders == ["play"]
    desk.wait(5)
    assert not desk.phone.is_camera_open
    desk.hear(ANSWERED)
    # It was seen and heard for five seconds: nobody waits for it again.
    assert desk.phone.is_camera_open
    assert desk.screen.shown == [CameraStage.NOTICE, CameraStage.ON]


def test_a_counsellor_who_answers_at_once_waits_for_the_notice(desk: Desk) -> None:
    desk.hear(CALLED)
    desk.hear(ANSWERED)
    desk.wait(NOTICE_SECONDS - 0.05)
    assert not desk.phone.is_camera_open
    desk.wait(0.1)
    assert desk.phone.is_camera_open
    assert desk.orders == ["play", "open_camera"]


def test_the_counsellor_is_shown_with_the_first_picture(desk: Desk) -> None:
    desk.hear(ANSWERED)
    desk.see_pictures(3)
    assert "show_peer" not in desk.orders
    desk.wait(NOTICE_SECONDS + 0.1)
    assert desk.orders == ["play", "open_camera", "show_peer"]


def test_a_counsellor_without_a_picture_sees_and_is_not_shown(desk: Desk) -> None:
    desk.hear(ANSWERED)
    desk.wait(30)
    assert desk.orders == ["play", "open_camera"]
    assert desk.screen.shown[-1] is CameraStage.ON


def test_a_telephone_that_rings_in_vain_ends_the_notice(desk: Desk) -> None:
    desk.hear(CALLED)
    desk.wait(RINGING_SECONDS + 0.1)
    assert desk.screen.shown == [CameraStage.NOTICE, CameraStage.OFF]
    desk.hear(CALLED)
    assert desk.screen.shown[-1] is CameraStage.NOTICE
    assert desk.orders.count("play") == 2
    assert not desk.phone.is_camera_open


def test_a_picture_alone_tells_that_somebody_is_there(desk: Desk) -> None:
    """A server of an older version tells nothing."""
    desk.see_pictures(1)
    assert desk.screen.shown == [CameraStage.NOTICE]
    assert not desk.phone.is_camera_open
    desk.wait(NOTICE_SECONDS + 0.1)
    assert desk.phone.is_camera_open


def test_what_is_sent_in_place_of_the_room_stops_as_the_counsellor_answers(
    desk: Desk,
) -> None:
    while "send_stand_in" not in desk.orders:
        desk.wait(0.1)
    desk.hear(ANSWERED)
    assert desk.phone.orders[-1] == ("send_stand_in", 1, False)
    desk.wait(0.9)
    assert desk.orders.count("send_stand_in") == 2


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (ANSWERED, "10.0.0.2:5061"),
        (ANSWERED, ""),
        ("guichet-counsellor/1 answered appointment=43", SERVER),
        ("guichet-counsellor/1 answered appointment=", SERVER),
        ("hello", SERVER),
    ],
)
def test_nobody_else_opens_it(desk: Desk, text: str, address: str) -> None:
    desk.hear(text, address)
    desk.wait(5)
    assert desk.screen.shown == []
    assert not desk.phone.is_camera_open


def test_nothing_opens_it_while_nobody_calls(desk: Desk) -> None:
    desk.kiosk.handle(CallEnded(1, 200, "OK"))
    before = list(desk.phone.orders)
    desk.hear(CALLED)
    desk.hear(ANSWERED)
    desk.wait(60)
    assert desk.phone.orders == before
    assert desk.screen.shown == [CameraStage.OFF]


@pytest.mark.parametrize("code", [200, 408, 486, 503])
def test_every_end_closes_it_at_once(desk: Desk, code: int) -> None:
    desk.hear(ANSWERED)
    desk.wait(2)
    desk.kiosk.handle(CallEnded(1, code, "whatever"))
    assert not desk.phone.is_camera_open
    assert desk.screen.shown[-1] is CameraStage.OFF
    assert desk.kiosk.status()["camera"] == {"stage": "off", "open": False}


def test_a_peer_that_is_gone_leaves_no_camera_open(desk: Desk) -> None:
    """Nobody answers the BYE: for the network the call lasts half a minute more."""
    desk.hear(ANSWERED)
    desk.see_pictures(40)
    desk.wait(2)
    desk.clock.now += 9
    desk.kiosk.tick()
    assert desk.kiosk.status()["call"] is None
    assert desk.orders[-1] == "go_dark"
    assert desk.screen.shown[-1] is CameraStage.OFF


def test_streams_that_are_agreed_on_anew_are_opened_anew(desk: Desk) -> None:
    desk.hear(ANSWERED)
    desk.see_pictures(40)
    desk.wait(2)
    desk.phone.orders.clear()
    desk.kiosk.handle(MediaAgreed(1))
    desk.wait(4)
    assert desk.orders == ["open_camera", "show_peer"]


def test_a_camera_that_is_unplugged_is_tried_again(desk: Desk) -> None:
    desk.phone.has_no_camera = True
    desk.hear(ANSWERED)
    desk.see_pictures(40)
    desk.wait(2)
    # The resident sees the counsellor all the same.
    assert desk.orders == ["play", "show_peer"]
    desk.phone.has_no_camera = False
    desk.wait(4)
    assert desk.phone.is_camera_open


def test_a_notice_that_cannot_be_heard_is_seen(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notice.wav").unlink()
    desk.hear(ANSWERED)
    desk.wait(2)
    assert desk.screen.shown == [CameraStage.NOTICE, CameraStage.ON]
    assert desk.phone.is_camera_open


def test_it_speaks_the_appointments_language_and_then_the_kiosks_own(
    desk: Desk,
) -> None:
    desk.kiosk.handle(CallEnded(1, 200, "OK"))
    desk.kiosk.handle(replace(received(2), language="en"))
    desk.hear(ANSWERED)
    desk.wait(2)
    desk.kiosk.handle(CallEnded(2, 200, "OK"))
    assert desk.screen.languages == ["", "en", "en", ""]


def test_a_call_of_no_appointment_has_a_counsellor_too(desk: Desk) -> None:
    desk.kiosk.handle(CallEnded(1, 200, "OK"))
    desk.kiosk.handle(replace(received(2), appointment_id=None))
    desk.hear("guichet-counsellor/1 answered appointment=")
    desk.wait(2)
    assert desk.phone.is_camera_open


def test_between_two_counsellors_of_one_call_it_is_closed(desk: Desk) -> None:
    desk.hear(ANSWERED)
    desk.wait(NOTICE_SECONDS + 0.1)
    desk.see_pictures(40)
    assert desk.phone.is_camera_open
    desk.hear(LEFT)
    assert not desk.phone.is_camera_open
    # The last pictures of who left are nobody who is there.
    desk.see_pictures(45)
    desk.wait(60)
    assert not desk.phone.is_camera_open
    assert desk.screen.shown[-1] is CameraStage.OFF
    desk.hear(CALLED)
    desk.hear(ANSWERED)
    desk.wait(NOTICE_SECONDS + 0.1)
    assert desk.phone.is_camera_open
    shown = desk.orders.count("show_peer")
    # With the next one's first picture, not with the last of who left.
    desk.wait(1)
    desk.see_pictures(46)
    assert desk.orders.count("show_peer") == shown + 1

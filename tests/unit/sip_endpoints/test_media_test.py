# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk looks whether sound and picture pass, and lets an appointment's call come first."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sip_endpoints.call.camera_keeper import CameraKeeper, NoFirstScreen
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import (
    AudioStatistics,
    CallConfirmed,
    CallEnded,
    MediaAgreed,
    MediaStatistics,
    OrderRefusedError,
    RegistrationState,
    TextReceived,
    VideoStatistics,
)
from sip_endpoints.control import Outcome
from sip_endpoints.interpreter import Interpreter
from sip_endpoints.kiosk import Kiosk
from sip_endpoints.media_test import (
    CALL_CAME,
    CALL_UP,
    HELD,
    LIMIT_SECONDS,
    NOT_REGISTERED,
    UNDER_WAY,
    WORD_LATE_SECONDS,
    AtServer,
    MediaTest,
    read_at_server,
)
from tests.unit.sip_endpoints.conftest import Clock
from tests.unit.sip_endpoints.fake_phone import SERVER, FakePhone, received

TEST = 101
WORD = "guichet-media/1 sound=245 picture=98"


class Room:
    """A kiosk that is registered, and what it is told."""

    def __init__(self, phone: FakePhone, clock: Clock, devices: Any = None) -> None:
        self.phone, self.clock = phone, clock
        keepers = [CallKeeper(phone, 8.0, 4.0, clock) for _ in range(2)]
        camera = CameraKeeper(phone, NoFirstScreen(), Path("notice.wav"), clock)
        interpreter = Interpreter(phone, keepers[1], camera)
        self.kiosk = Kiosk(
            phone,
            "kiosk-wassigny",
            keepers[0],
            camera,
            interpreter,
            devices,
            media_test=MediaTest(phone, clock),
        )

    def begin(self) -> Outcome:
        return self.kiosk.obey("media-test", "")

    def answer(self) -> None:
        """Have Asterisk take the call, as it does."""
        self.kiosk.handle(MediaAgreed(TEST))
        self.kiosk.handle(CallConfirmed(TEST))

    def see(self, *, sent: int, received: int, pictures: int | None = None) -> None:
        """Count so many packets until now; of the picture others where they are given."""
        self.phone.seen = MediaStatistics(
            AudioStatistics("opus", received, 0, packets_sent=sent),
            VideoStatistics(
                codec="VP8",
                width=640,
                height=360,
                packets_received=received if pictures is None else pictures,
                packets_lost=0,
                frames_decoded=0,
                packets_sent=sent,
            ),
        )

    def hear(self, text: str = WORD, address: str = SERVER) -> None:
        self.kiosk.handle(TextReceived(address, text))

    def hang_up(self) -> None:
        """Have Asterisk hang up; nothing can be asked of that call any more."""
        self.phone.gone.add(TEST)
        self.kiosk.handle(CallEnded(TEST, 200, "OK"))

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.kiosk.tick()


@pytest.fixture
def room(phone: FakePhone, clock: Clock) -> Room:
    return Room(phone, clock)


def test_what_left_what_came_back_and_what_arrived_is_the_result(room: Room) -> None:
    outcome = room.begin()
    room.answer()
    room.see(sent=100, received=90)
    room.wait(2)
    room.see(sent=250, received=240, pictures=7)
    room.hear()
    assert not outcome.is_known
    room.hang_up()
    assert outcome.error is None
    assert outcome.result == {
        "sound": {"sent": 250, "received": 240, "at_server": 245},
        "picture": {"sent": 250, "received": 7, "at_server": 98},
    }


def test_nothing_of_the_room_is_sent_and_no_camera_opens(room: Room) -> None:
    room.begin()
    room.answer()
    room.wait(1)
    assert room.phone.orders == [
        ("dial_apart", TEST, "media-test", True),
        ("send_stand_in", TEST, True),
    ]
    status = room.kiosk.status()
    assert status["call"] is None
    assert status["camera"] == {"stage": "off", "open": False}


def test_the_word_of_asterisk_may_be_overtaken_by_the_end_of_the_call(
    room: Room,
) -> None:
    outcome = room.begin()
    room.answer()
    room.see(sent=250, received=240)
    room.wait(1)
    room.hang_up()
    assert not outcome.is_known
    room.hear()
    assert outcome.result is not None
    assert outcome.result["picture"] == {"sent": 250, "received": 240, "at_server": 98}


def test_without_a_word_the_result_says_that_nobody_knows(room: Room) -> None:
    outcome = room.begin()
    room.answer()
    room.see(sent=250, received=0)
    room.wait(1)
    room.hang_up()
    room.wait(WORD_LATE_SECONDS - 0.1)
    assert not outcome.is_known
    room.wait(0.2)
    counts = {"sent": 250, "received": 0, "at_server": None}
    assert outcome.result == {"sound": counts, "picture": counts}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (WORD, "10.0.0.2:5061"),
        (WORD, "10.0.0.1:49152"),
        (WORD, ""),
        (WORD.replace("/1", "/2"), SERVER),
        (f"{WORD} more", SERVER),
        (f"x {WORD}", SERVER),
        (WORD.replace("245", ""), SERVER),
        (WORD.replace("245", "-1"), SERVER),
        (WORD.replace("245", "1" * 10), SERVER),
        (WORD.replace("245", "٣"), SERVER),
        (WORD.replace("245", "245\n"), SERVER),
        ("", SERVER),
    ],
    ids=ascii,
)
def test_a_word_of_anybody_else_or_of_anything_else_is_not_believed(
    room: Room, text: str, address: str
) -> None:
    outcome = room.begin()
    room.answer()
    room.see(sent=250, received=240)
    room.hear(text, address)
    room.wait(1)
    room.hang_up()
    room.wait(WORD_LATE_SECONDS + 0.1)
    assert outcome.result is not None
    assert outcome.result["sound"] == {"sent": 250, "received": 240, "at_server": None}


def test_a_word_of_a_test_before_is_not_that_of_the_next(room: Room) -> None:
    room.hear()
    outcome = room.begin()
    room.hear()
    room.answer()
    room.hang_up()
    room.wait(WORD_LATE_SECONDS + 0.1)
    assert outcome.result is not None
    assert outcome.result["sound"]["at_server"] is None
    assert read_at_server(WORD) == AtServer(245, 98)


@pytest.mark.parametrize("code", [404, 486, 503])
def test_a_call_that_is_not_taken_is_told_by_its_code(room: Room, code: int) -> None:
    outcome = room.begin()
    room.kiosk.handle(CallEnded(TEST, code, "No"))
    assert outcome.result == {"refused": code}
    # The next one may begin.
    assert not room.begin().is_known


def test_a_call_that_comes_ends_the_test_at_once_and_is_answered(room: Room) -> None:
    outcome = room.begin()
    room.answer()
    room.phone.orders.clear()
    room.kiosk.handle(received(1))
    assert room.phone.orders == [("hang_up", TEST, 0), ("answer", 1)]
    assert outcome.error == CALL_CAME
    # What is left of the test comes late, and touches nothing.
    room.hear()
    room.hang_up()
    room.kiosk.handle(CallConfirmed(1))
    for packets in range(1, int(LIMIT_SECONDS) + 2):
        room.see(sent=packets, received=packets)
        room.wait(1)
    assert room.kiosk.status()["call"]["appointment_id"] == "42"
    assert outcome.result is None


@pytest.mark.parametrize(
    "changes",
    [
        {"remote_address": "10.0.0.2:5061"},
        {"call_info": ()},
        {"account": "kiosk-guise"},
        {"role": "interpreter"},
    ],
    ids=str,
)
def test_a_call_that_is_refused_ends_no_test(
    room: Room, changes: dict[str, object]
) -> None:
    outcome = room.begin()
    room.answer()
    room.kiosk.handle(received(1, **changes))
    assert room.phone.orders[-1] == ("hang_up", 1, 403)
    assert not outcome.is_known


def test_a_test_whose_call_is_gone_already_lets_the_next_one_in(room: Room) -> None:
    outcome = room.begin()
    room.answer()
    room.phone.gone.add(TEST)
    room.kiosk.handle(received(1))
    assert room.phone.orders[-1] == ("answer", 1)
    assert outcome.error == CALL_CAME


def test_it_ends_by_itself_where_asterisk_does_not(room: Room) -> None:
    outcome = room.begin()
    room.answer()
    room.see(sent=600, received=0)
    room.wait(LIMIT_SECONDS - 0.1)
    assert not outcome.is_known
    room.wait(0.2)
    assert room.phone.orders[-1] == ("hang_up", TEST, 0)
    assert outcome.result is not None
    assert outcome.result["sound"]["sent"] == 600


def test_a_call_that_nobody_takes_is_given_up(room: Room) -> None:
    outcome = room.begin()
    room.wait(LIMIT_SECONDS)
    assert room.phone.orders[-1] == ("hang_up", TEST, 0)
    assert outcome.result == {"refused": 408}


def test_a_picture_that_the_stack_does_not_take_yet_is_sent_soon(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends = room.phone.send_stand_in

    def refuse(call: int, *, is_sent: bool) -> None:
        raise OrderRefusedError("too many")

    room.begin()
    monkeypatch.setattr(room.phone, "send_stand_in", refuse)
    room.answer()
    monkeypatch.setattr(room.phone, "send_stand_in", sends)
    room.wait(0.5)
    room.wait(0.5)
    assert room.phone.orders.count(("send_stand_in", TEST, True)) == 1


def test_no_test_begins_during_a_call(room: Room) -> None:
    room.kiosk.handle(received(1))
    assert room.begin().error == CALL_UP
    assert room.phone.orders == [("answer", 1)]


def test_no_test_begins_beside_another(room: Room) -> None:
    first = room.begin()
    assert room.begin().error == UNDER_WAY
    assert not first.is_known
    assert len(room.phone.orders) == 1


def test_no_test_begins_without_a_registration(room: Room) -> None:
    room.phone.registration = replace(
        room.phone.registration, state=RegistrationState.UNREGISTERED
    )
    assert room.begin().error == NOT_REGISTERED
    assert room.phone.orders == []


def test_no_test_begins_before_the_last_appointment_is_wiped(
    phone: FakePhone, clock: Clock
) -> None:
    held = SimpleNamespace(is_held_against=lambda appointment: True)
    room = Room(phone, clock, held)
    assert room.begin().error == HELD
    assert phone.orders == []


def test_a_kiosk_takes_no_other_order(room: Room) -> None:
    error = room.kiosk.obey("call", "counsellor-msa-1").error
    assert error == "unknown order 'call'"
    assert room.phone.orders == []

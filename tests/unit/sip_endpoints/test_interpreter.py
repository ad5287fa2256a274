# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter joins a call, is heard and seen once they answered, and leaves it alone."""

from pathlib import Path

import pytest

from sip_endpoints.call.camera_keeper import CameraKeeper, NoFirstScreen
from sip_endpoints.call.camera_rules import NOTICE_SECONDS
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_report import READS_MOST, LineReport, read_report
from sip_endpoints.call.phone import (
    AudioStatistics,
    CallConfirmed,
    CallEnded,
    DigitReceived,
    MediaAgreed,
    MediaStatistics,
    MessageReceived,
    TextReceived,
    VideoStatistics,
)
from sip_endpoints.call.sent_pictures import SentPictures
from sip_endpoints.interpreter import Interpreter, read_interpreter_answered
from sip_endpoints.kiosk import Kiosk
from sip_endpoints.settings import Picture
from tests.unit.sip_endpoints.conftest import Clock
from tests.unit.sip_endpoints.fake_phone import SERVER, FakePhone, received

FIRST, SECOND = 1, 2
FULL = Picture(560, 640, 360, 20)
COUNSELLOR = "guichet-counsellor/1 answered appointment=42"
ANSWERED = "guichet-interpreter/1 answered appointment=42"
ROLE = {"role": "interpreter", "sip_call_id": "def"}


class Room:
    """A kiosk in a confirmed call of appointment 42, whose counsellor is there."""

    def __init__(
        self,
        phone: FakePhone,
        clock: Clock,
        sound: Path,
        known: KnownLine = KnownLine(),
    ) -> None:
        self.phone, self.clock = phone, clock
        pictures = SentPictures(phone, FULL, known, calls_at_most=2, begins_small=False)
        first, second = (
            CallKeeper(
                phone,
                8.0,
                4.0,
                clock,
                line=LineKeeper(phone, pictures, reports_first=False),
            )
            for _ in range(2)
        )
        self.camera = CameraKeeper(phone, NoFirstScreen(), sound, clock)
        interpreter = Interpreter(phone, second, self.camera)
        self.kiosk = Kiosk(phone, "kiosk-wassigny", first, self.camera, interpreter)
        self.packets = 0
        self.kiosk.handle(received(FIRST))
        self.kiosk.handle(CallConfirmed(FIRST))
        self.hear(COUNSELLOR)
        self.live(NOTICE_SECONDS + 1)
        self.forget()

    def hear(self, text: str, address: str = SERVER) -> None:
        self.kiosk.handle(TextReceived(address, text))

    def live(self, seconds: float, *, lost: float = 0, has_media: bool = True) -> None:
        """Let time pass, in which media comes and goes."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + 0.5)
            if has_media:
                self.packets += 50
                self.phone.seen = MediaStatistics(
                    AudioStatistics("opus", self.packets, 0),
                    VideoStatistics(
                        codec="VP8",
                        width=640,
                        height=360,
                        packets_received=self.packets,
                        packets_lost=0,
                        frames_decoded=self.packets,
                        packets_sent=self.packets,
                        packets_sent_lost=round(lost * self.packets),
                    ),
                )
            self.kiosk.tick()
            self.camera.poll()

    def call_interpreter(self) -> None:
        """Have the dispatcher call for an interpreter; the queue answers, nobody else yet."""
        self.kiosk.handle(received(SECOND, **ROLE))
        self.kiosk.handle(CallConfirmed(SECOND))

    def let_join(self) -> None:
        self.call_interpreter()
        self.hear(ANSWERED)
        self.live(1)

    def forget(self) -> None:
        self.phone.orders.clear()

    def orders(self, name: str, call: int) -> list[tuple[object, ...]]:
        return [each for each in self.phone.orders if each[:2] == (name, call)]

    @property
    def interpreter(self) -> dict[str, object] | None:
        found: dict[str, object] | None = self.kiosk.status()["interpreter"]
        return found


@pytest.fixture
def room(phone: FakePhone, clock: Clock, tmp_path: Path) -> Room:
    sound = tmp_path / "notice.wav"
    sound.touch()
    return Room(phone, clock, sound)


def test_until_an_interpreter_answers_the_second_call_is_apart_and_dark(
    room: Room,
) -> None:
    room.call_interpreter()
    room.live(60)
    assert room.phone.orders[0] == ("answer_apart", SECOND)
    # Only a picture that shows nothing of the room, which keeps Asterisk from hanging up.
    of_second = {each[0] for each in room.phone.orders if each[1] == SECOND}
    assert of_second == {"answer_apart", "send_stand_in"}
    assert room.interpreter is not None
    assert room.interpreter["stage"] == "ringing"
    assert not room.kiosk._interpreter.is_here


def test_who_answered_is_heard_by_both_sees_the_room_and_is_seen(room: Room) -> None:
    room.let_join()
    assert room.orders("join", SECOND) == [("join", SECOND, FIRST)]
    for order in ("open_camera", "show_peer", "send_key_frame"):
        assert len(room.orders(order, SECOND)) == 1
    assert not room.orders("go_dark", FIRST)
    assert room.interpreter is not None
    assert room.interpreter["stage"] == "confirmed"
    # Told twice: once is enough.
    room.hear(ANSWERED)
    assert len(room.orders("join", SECOND)) == 1
    assert room.kiosk._interpreter.is_here


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (ANSWERED, "10.0.0.2:5061"),
        (ANSWERED.replace("42", "43"), SERVER),
        (ANSWERED + "; joined", SERVER),
        (ANSWERED.replace("answered", "called"), SERVER),
        ("guichet-interpreter/1 answered appointment=", SERVER),
        (COUNSELLOR, SERVER),
    ],
)
def test_nobody_else_and_nothing_else_lets_them_join(
    room: Room, text: str, address: str
) -> None:
    room.call_interpreter()
    room.hear(text, address)
    room.live(2)
    assert not room.orders("join", SECOND)
    assert not room.orders("show_peer", SECOND)
    assert not room.orders("open_camera", SECOND)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appointment_id": "43"}, 403),
        ({"appointment_id": None}, 403),
        ({"appointment_id": ""}, 403),
        ({"role": "listener"}, 403),
        ({"role": ""}, 486),
        ({"remote_address": "10.0.0.2:5061"}, 403),
        ({"call_info": ()}, 403),
        ({"account": "kiosk-guise"}, 403),
    ],
    ids=str,
)
def test_any_other_second_call_is_refused(
    room: Room, changes: dict[str, object], code: int
) -> None:
    room.kiosk.handle(received(SECOND, **{**ROLE, **changes}))
    assert room.phone.orders == [("hang_up", SECOND, code)]
    assert room.interpreter is None
    assert room.kiosk.status()["calls_refused"] == 1


def test_without_a_confirmed_call_there_is_nothing_to_join(
    room: Room, phone: FakePhone
) -> None:
    room.kiosk.handle(CallEnded(FIRST, 200, "OK"))
    room.forget()
    room.call_interpreter()
    assert phone.orders == [("hang_up", SECOND, 403)]
    # One that is answered, but not confirmed yet.
    room.kiosk.handle(received(FIRST))
    room.forget()
    room.call_interpreter()
    assert phone.orders == [("hang_up", SECOND, 403)]


def test_one_interpreter_is_enough(room: Room) -> None:
    room.let_join()
    room.kiosk.handle(received(3, **ROLE))
    assert room.orders("hang_up", 3) == [("hang_up", 3, 486)]
    room.kiosk.handle(CallEnded(3, 486, "Busy Here"))
    assert room.interpreter is not None


def test_the_first_call_goes_on_when_the_interpreter_leaves(room: Room) -> None:
    room.let_join()
    room.forget()
    room.kiosk.handle(CallEnded(SECOND, 200, "OK"))
    room.live(60)
    assert room.interpreter is None
    assert room.kiosk.status()["call"]["stage"] == "confirmed"
    assert room.kiosk.status()["camera"] == {"stage": "on", "open": False}
    assert {each[1] for each in room.phone.orders} <= {FIRST, SECOND}
    assert not room.orders("go_dark", FIRST)
    # Another one may come.
    room.let_join()
    assert room.orders("join", SECOND)


def test_the_interpreter_goes_with_the_first_call(room: Room) -> None:
    room.let_join()
    room.forget()
    room.kiosk.handle(CallEnded(FIRST, 200, "OK"))
    assert room.orders("hang_up", SECOND) == [("hang_up", SECOND, 0)]
    assert room.orders("go_dark", SECOND)
    assert (room.interpreter, room.kiosk.status()["call"]) == (None, None)
    # Its own end comes later, in the middle of the next call.
    room.kiosk.handle(received(3, appointment_id="43"))
    room.kiosk.handle(CallEnded(SECOND, 200, "OK"))
    assert room.kiosk.status()["call"]["appointment_id"] == "43"


def test_an_interpreter_whose_line_is_dead_is_let_go_alone(
    room: Room, phone: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.let_join()
    silent, of_first = phone.seen, phone.statistics
    monkeypatch.setattr(
        phone,
        "statistics",
        lambda call: silent if call == SECOND else of_first(call),
    )
    room.live(9)
    assert room.interpreter is None
    assert room.orders("hang_up", SECOND) == [("hang_up", SECOND, 0, 41)]
    assert room.kiosk.status()["call"]["stage"] == "confirmed"


def test_keys_and_words_of_the_interpreter_are_nobodys_orders(room: Room) -> None:
    room.let_join()
    for key in "*12#":
        room.kiosk.handle(DigitReceived(SECOND, key))
    room.kiosk.handle(MessageReceived(SECOND, "text/plain", "Bonjour"))
    assert room.kiosk.status()["call"]["digits_received"] == ""
    assert room.interpreter is not None
    assert room.interpreter["digits_received"] == ""


def test_streams_that_are_agreed_on_anew_are_shown_anew(room: Room) -> None:
    room.let_join()
    room.forget()
    room.kiosk.handle(MediaAgreed(SECOND))
    room.live(1)
    assert len(room.orders("show_peer", SECOND)) == 1
    assert len(room.orders("open_camera", SECOND)) == 1
    assert not room.orders("show_peer", FIRST)


def test_nothing_of_the_interpreter_is_remembered(room: Room) -> None:
    room.kiosk.handle(received(SECOND, **ROLE, remote_name="Mme Martin"))
    room.hear(ANSWERED)
    kept = room.kiosk._interpreter
    assert kept.kept == 1
    room.kiosk.handle(CallEnded(FIRST, 200, "OK"))
    assert kept.kept == 0


def kbps(room: Room, call: int) -> int:
    """Tell what a call's picture takes, as it was ordered last."""
    [*_, last] = room.orders("set_picture", call)
    picture = last[2]
    assert isinstance(picture, Picture) or picture is None
    return picture.bitrate_kbps if picture else 0


def test_both_get_half_of_what_was_sent_and_climb_together(room: Room) -> None:
    room.let_join()
    assert kbps(room, FIRST) == kbps(room, SECOND) == 222
    room.live(20)
    assert kbps(room, FIRST) == kbps(room, SECOND) == 560


def test_on_a_thin_line_both_pictures_come_down_and_the_sound_stays(room: Room) -> None:
    room.let_join()
    room.live(30, lost=0.4)
    assert kbps(room, FIRST) == kbps(room, SECOND) < 222
    # Who stays has the line alone: the picture climbs again.
    before = kbps(room, FIRST)
    room.kiosk.handle(CallEnded(SECOND, 200, "OK"))
    room.packets = 0
    room.live(120)
    assert kbps(room, FIRST) > before


def test_what_the_interpreter_misses_makes_both_smaller(room: Room) -> None:
    room.let_join()
    room.live(20)
    for _ in range(6):
        text = LineReport(0.4, 3, 300).to_text()
        room.kiosk.handle(MessageReceived(SECOND, "text/plain", text))
        room.live(2)
    assert kbps(room, FIRST) == kbps(room, SECOND) < 560
    # Who tells the kiosk of the line is told as well.
    assert room.orders("send_message", SECOND)
    assert not room.orders("send_message", FIRST)


def test_a_known_line_is_shared_both_ways(
    phone: FakePhone, clock: Clock, tmp_path: Path
) -> None:
    sound = tmp_path / "notice.wav"
    sound.touch()
    room = Room(phone, clock, sound, KnownLine(up_kbps=1000, down_kbps=1000))

    def told(call: int) -> int | None:
        for text in (READS_MOST, LineReport(0, 20, 600).to_text()):
            room.kiosk.handle(MessageReceived(call, "text/plain", text))
        room.live(3)
        [*_, last] = room.orders("send_message", call)
        report = read_report(str(last[2]))
        return report.most_kbps if report else None

    assert told(FIRST) == 700
    room.let_join()
    assert (told(FIRST), told(SECOND)) == (350, 350)
    room.live(60)
    # Both pictures with their sound, all included.
    assert 2 * (60 + 1.08 * kbps(room, SECOND)) <= 700
    room.kiosk.handle(CallEnded(SECOND, 200, "OK"))
    assert told(FIRST) == 700


def test_what_dialplans_write_is_read() -> None:
    assert read_interpreter_answered(ANSWERED + "\n") == "42"
    assert read_interpreter_answered(COUNSELLOR) is None

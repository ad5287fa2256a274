# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of a call: losses in, a smaller picture and reports out."""

from dataclasses import dataclass
from typing import Any

import pytest

from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_report import (
    READS_MOST,
    REPORTS_APART,
    LineReport,
    read_report,
)
from sip_endpoints.call.phone import (
    AudioStatistics,
    MediaStatistics,
    OrderRefusedError,
    VideoStatistics,
)
from sip_endpoints.call.sent_pictures import SentPictures
from sip_endpoints.settings import Picture
from tests.unit.sip_endpoints.fake_phone import FakePhone

FULL = Picture(800, 640, 360, 20)
CALL = 7


@dataclass
class Course:
    """A call in which each second so many packets of each kind pass."""

    line: LineKeeper
    now: float = 0.0
    sent: int = 0
    sent_lost: int = 0
    received: int = 0
    received_lost: int = 0

    def run(
        self, seconds: int, *, sent_loss: float = 0, received_loss: float = 0
    ) -> None:
        for _ in range(2 * seconds):
            self.now += 0.5
            self.sent += 50
            self.sent_lost += round(50 * sent_loss)
            self.received += round(50 * (1 - received_loss))
            self.received_lost += round(50 * received_loss)
            self.look()

    def look(self) -> None:
        sound = AudioStatistics("opus", 0, 0)
        picture = VideoStatistics(
            codec="VP8",
            width=640,
            height=360,
            packets_received=self.received,
            packets_lost=self.received_lost,
            frames_decoded=int(20 * self.now),
            bytes_received=500 * self.received,
            packets_sent=self.sent,
            packets_sent_lost=self.sent_lost,
        )
        self.line.look(self.now, MediaStatistics(sound, picture))


def begun(phone: FakePhone, *, reports_first: bool = False) -> Course:
    line = LineKeeper(
        phone,
        SentPictures(phone, FULL, begins_small=False),
        reports_first=reports_first,
    )
    line.begin(CALL, 0.0)
    return Course(line)


def pictures(phone: FakePhone) -> list[Any]:
    return [order[2] for order in phone.orders if order[0] == "set_picture"]


def reports(phone: FakePhone) -> list[Any]:
    told = [order[2] for order in phone.orders if order[0] == "send_message"]
    return [text for text in told if text != READS_MOST]


def test_a_good_line_changes_nothing_and_tells_nobody(phone: FakePhone) -> None:
    begun(phone).run(60)
    assert phone.orders == []


def test_what_asterisk_misses_makes_the_picture_smaller(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(8, sent_loss=0.3)
    assert pictures(phone)[0].bitrate_kbps < FULL.bitrate_kbps
    course.run(2, sent_loss=0.3)
    assert course.line.to_json()["sent_loss"] == pytest.approx(0.3, abs=0.05)


def test_what_the_counsellor_misses_makes_it_smaller_too(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(6)
    for _ in range(4):
        assert course.line.take_text(course.now, LineReport(0.4, 3, 300).to_text())
        course.run(2)
    assert len(pictures(phone)) == 1
    assert course.line.to_json()["pictures_at_peer"] == 3


def test_a_peer_that_reports_no_more_is_forgotten(phone: FakePhone) -> None:
    course = begun(phone)
    course.line.take_text(0.0, LineReport(0.02, 20, 600).to_text())
    course.run(10)
    told = len(reports(phone))
    course.run(24)
    assert len(reports(phone)) == told + 3
    assert course.line.to_json()["pictures_at_peer"] is None


def test_a_kiosk_answers_reports_and_begins_none(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(10)
    assert reports(phone) == []
    course.line.take_text(course.now, LineReport(0, 20, 600).to_text())
    course.run(4, received_loss=0.1)
    assert reports(phone)


def test_a_counsellor_begins_and_tells_what_came(phone: FakePhone) -> None:
    course = begun(phone, reports_first=True)
    course.run(10, received_loss=0.1)
    assert read_report(reports(phone)[-1]) == LineReport(0.1, 20, 396)


def test_text_for_people_is_left_to_them(phone: FakePhone) -> None:
    course = begun(phone)
    assert not course.line.take_text(0.0, "Impression terminée, 2 pages")


def test_a_stream_that_counts_anew_is_no_loss(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(10)
    course.sent = course.sent_lost = course.received = course.received_lost = 0
    course.run(10)
    assert phone.orders == []


def test_an_order_that_is_refused_does_not_end_the_call(
    phone: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(call: int, text: str) -> None:
        raise OrderRefusedError("too many")

    monkeypatch.setattr(phone, "send_message", refuse)
    course = begun(phone, reports_first=True)
    course.run(10)
    assert course.line.to_json()["rung"] == 0


def test_a_report_that_is_due_as_the_picture_changes_is_told(phone: FakePhone) -> None:
    course = begun(phone, reports_first=True)
    course.run(20, sent_loss=0.5, received_loss=0.5)
    assert pictures(phone)
    # Each second of the first six, in which nobody answers, then every other one: also where
    # what was counted before is forgotten.
    assert 11 <= len(reports(phone)) <= 13


def test_with_sound_alone_a_still_keeps_the_stream_alive(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(8, sent_loss=0.95)
    assert course.line.to_json()["sent_size"] is None
    phone.orders.clear()
    course.run(30)
    shown = pictures(phone)
    assert shown[:4:2] == [Picture(40, 640, 360, 20)] * 2
    assert shown[1:4:2] == [None, None]


def test_a_peer_that_told_of_the_line_and_falls_silent_gets_sound_alone(
    phone: FakePhone,
) -> None:
    """Its reports wait behind what fills the line."""
    course = begun(phone, reports_first=True)
    course.line.take_text(0.0, LineReport(0, 20, 600).to_text())
    course.run(6)
    assert pictures(phone) == []
    course.run(3)
    assert pictures(phone) == [None]
    course.run(60)
    shown = course.line.to_json()
    assert shown["rung"] == shown["lowest_rung"]
    for _ in range(60):
        course.line.take_text(course.now, LineReport(0, 20, 600).to_text())
        course.run(2)
    assert course.line.to_json()["rung"] == 0


def test_who_never_tells_of_the_line_gets_the_full_picture_in_the_end(
    phone: FakePhone,
) -> None:
    line = LineKeeper(phone, SentPictures(phone, FULL), reports_first=True)
    line.begin(CALL, 0.0)
    course = Course(line)
    course.run(10)
    assert [each.bitrate_kbps for each in pictures(phone)] == [80]
    course.run(110)
    assert pictures(phone)[-1] == FULL


def test_reports_are_fewer_where_none_comes_back(phone: FakePhone) -> None:
    """What waits to be sent over a full line keeps it full."""
    course = begun(phone, reports_first=True)
    course.line.take_text(0.0, LineReport(0, 20, 600).to_text())
    course.run(6)
    assert len(reports(phone)) == 2
    course.line.take_text(course.now, LineReport(0, 20, 600).to_text())
    course.run(2)
    assert len(reports(phone)) == 3


def test_a_known_line_is_told_only_to_who_said_that_they_read_it(
    phone: FakePhone,
) -> None:
    """An older telephone of ours would show it to the counsellor."""
    known = KnownLine(down_kbps=500)
    line = LineKeeper(phone, SentPictures(phone, FULL, known), reports_first=False)
    line.begin(CALL, 0.0)
    course = Course(line)
    assert line.take_text(0.0, LineReport(0, 20, 600).to_text())
    course.run(3)
    assert reports(phone) and "most" not in "".join(reports(phone))
    assert line.take_text(course.now, READS_MOST)
    course.run(5)
    assert reports(phone)[-1].endswith("most=350")


@pytest.mark.parametrize(
    "text", ["guichet-line/2 x=1", READS_MOST, "guichet-line/1 loss=1 more=2"]
)
def test_what_newer_telephones_tell_each_other_is_shown_to_nobody(
    phone: FakePhone, text: str
) -> None:
    assert begun(phone, reports_first=True).line.take_text(0.0, text)


def test_a_call_begins_small_and_climbs_where_the_peer_says_that_all_comes(
    phone: FakePhone,
) -> None:
    line = LineKeeper(phone, SentPictures(phone, FULL), reports_first=True)
    line.begin(CALL, 0.0)
    course = Course(line)
    assert pictures(phone)[0].bitrate_kbps < FULL.bitrate_kbps / 4
    for _ in range(8):
        course.line.take_text(course.now, LineReport(0, 20, 600).to_text())
        course.run(2)
    assert pictures(phone)[-1] == FULL


def test_a_call_that_is_over_is_not_looked_after(phone: FakePhone) -> None:
    course = begun(phone)
    course.line.end(course.now)
    course.run(20, sent_loss=0.5)
    assert phone.orders == []


def test_streams_that_are_agreed_on_anew_are_counted_anew(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(30)
    course.sent = course.received = course.received_lost = course.sent_lost = 0
    course.run(3)
    told = course.line.to_json()
    assert (told["sent_loss"], told["received_loss"]) == (0, 0)
    course.run(8, sent_loss=0.5)
    assert pictures(phone)[0].bitrate_kbps < FULL.bitrate_kbps


def test_a_browser_whose_reports_cease_keeps_its_picture(phone: FakePhone) -> None:
    """Its WebSocket is cut, and the way of picture and sound is another one."""
    course = begun(phone)
    assert course.line.take_text(0.0, REPORTS_APART)
    course.line.take_text(0.0, LineReport(0, 20, 600).to_text())
    course.run(30)
    assert pictures(phone) == []
    assert course.line.to_json()["pictures_at_peer"] is None

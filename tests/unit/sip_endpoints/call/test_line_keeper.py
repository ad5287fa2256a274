# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of a call: losses in, a smaller picture and reports out."""

from dataclasses import dataclass
from typing import Any

import pytest

from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_report import LineReport, read_report
from sip_endpoints.call.phone import (
    AudioStatistics,
    MediaStatistics,
    OrderRefusedError,
    VideoStatistics,
)
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
    line = LineKeeper(phone, FULL, reports_first=reports_first)
    line.begin(CALL, 0.0)
    return Course(line)


def pictures(phone: FakePhone) -> list[Any]:
    return [order[2] for order in phone.orders if order[0] == "set_picture"]


def reports(phone: FakePhone) -> list[Any]:
    return [order[2] for order in phone.orders if order[0] == "send_message"]


def test_a_good_line_changes_nothing_and_tells_nobody(phone: FakePhone) -> None:
    begun(phone).run(60)
    assert phone.orders == []


def test_what_asterisk_misses_makes_the_picture_smaller(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(8, sent_loss=0.5)
    assert pictures(phone)[0].bitrate_kbps < FULL.bitrate_kbps
    assert course.line.to_json()["sent_loss"] == pytest.approx(0.5, abs=0.05)


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
    course.run(20)
    assert len(reports(phone)) == told > 0
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
    assert len(reports(phone)) == 10


def test_with_sound_alone_a_still_keeps_the_stream_alive(phone: FakePhone) -> None:
    course = begun(phone)
    course.run(8, sent_loss=0.95)
    assert course.line.to_json()["sent_size"] == "640x360"
    course.run(8, sent_loss=0.4)
    assert course.line.to_json()["sent_size"] is None
    phone.orders.clear()
    course.run(30)
    shown = pictures(phone)
    assert shown[:4:2] == [Picture(40, 640, 360, 20)] * 2
    assert shown[1:4:2] == [None, None]


def test_a_call_that_is_over_is_not_looked_after(phone: FakePhone) -> None:
    course = begun(phone)
    course.line.end()
    course.run(20, sent_loss=0.5)
    assert phone.orders == []

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody else's picture over a line that is full is asked off, and asked for again."""

import random

import pytest

from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_report import LineReport
from sip_endpoints.call.losses import Loss
from sip_endpoints.call.peer_picture import (
    LEAST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PeerPicture,
    Wish,
)
from sip_endpoints.call.sent_pictures import SentPictures
from tests.unit.sip_endpoints.call.test_line_keeper import CALL, FULL, Course
from tests.unit.sip_endpoints.fake_phone import FakePhone

# Packets a second, and the kilobits of one.
SOUND, PICTURE = 50, 60
KBITS = 8.0


class Line:
    """A telephone that always sends all it has, at the other end of a line."""

    def __init__(
        self,
        carries_kbps: float,
        own_loss: float = 0.0,
        most_kbps: float | None = None,
    ) -> None:
        self.carries_kbps, self.own_loss = carries_kbps, own_loss
        self.peer = PeerPicture(0.0, most_kbps)
        self.now = 0.0
        self.wishes: list[tuple[float, Wish]] = []
        self._chance = random.Random(13)

    def run(self, seconds: int, *, is_ours: bool = False) -> None:
        for _ in range(seconds):
            self.now += 1
            sent = SOUND + (PICTURE if self.peer.is_taken else 0)
            share = min(1.0, self.carries_kbps / (sent * KBITS)) * (1 - self.own_loss)
            came = sum(self._chance.random() < share for _ in range(sent))
            wish = self.peer.look(
                self.now, Loss(sent - came, sent), came * KBITS, is_ours=is_ours
            )
            if wish is not Wish.NOTHING:
                self.wishes.append((self.now, wish))


def test_over_a_line_that_carries_it_it_is_taken() -> None:
    line = Line(2000)
    line.run(3600)
    assert line.wishes == []


def test_over_a_line_that_is_full_the_sound_is_alone_in_time() -> None:
    line = Line(600)
    line.run(30)
    [(at, wish)] = line.wishes
    assert wish is Wish.PICTURE_OFF
    assert at <= 10


def test_it_is_asked_for_again_less_and_less_often() -> None:
    line = Line(600)
    line.run(7200)
    tried = [at for at, wish in line.wishes if wish is Wish.PICTURE_ON]
    pauses = [after - before for before, after in zip(tried, tried[1:], strict=False)]
    assert LEAST_PAUSE_SECONDS <= tried[0] <= LEAST_PAUSE_SECONDS + 15
    assert pauses == sorted(pauses)
    assert pauses[-1] >= LONGEST_PAUSE_SECONDS
    # While it is tried the sound suffers: that is some seconds in each pause.
    taken = sum(
        after - before
        for (before, wish), (after, _) in zip(
            line.wishes, line.wishes[1:], strict=False
        )
        if wish is Wish.PICTURE_ON
    )
    assert taken < 7200 / 50


def test_a_line_that_is_free_again_gets_it_back() -> None:
    line = Line(600)
    line.run(30)
    line.carries_kbps = 2000
    line.run(120)
    assert [wish for _, wish in line.wishes] == [Wish.PICTURE_OFF, Wish.PICTURE_ON]
    line.run(3600)
    assert len(line.wishes) == 2


@pytest.mark.parametrize("own_loss", [0.01, 0.05])
def test_a_line_that_loses_little_keeps_it(own_loss: float) -> None:
    line = Line(2000, own_loss)
    line.run(3600)
    assert line.wishes == []


def test_a_bad_line_is_told_from_a_full_one() -> None:
    """Sound alone lost as much: no picture was no cure, and it is not tried again."""
    line = Line(2000, 0.2)
    line.run(3600)
    assert [wish for _, wish in line.wishes] == [Wish.PICTURE_OFF, Wish.PICTURE_ON]
    assert line.wishes[1][0] - line.wishes[0][0] <= 12


def test_more_than_a_known_line_may_carry_is_refused_before_anything_is_lost() -> None:
    line = Line(2000, most_kbps=700)
    line.run(20)
    assert [wish for _, wish in line.wishes] == [Wish.PICTURE_OFF]


def test_our_own_telephones_slow_down_by_themselves() -> None:
    line = Line(600)
    line.run(600, is_ours=True)
    assert line.wishes == []


def test_one_that_shows_itself_as_ours_is_asked_for_its_picture_again() -> None:
    line = Line(600)
    line.run(30)
    line.run(1, is_ours=True)
    assert line.wishes[-1] == (31, Wish.PICTURE_ON)


def test_the_keeper_asks_whoever_tells_it_nothing_and_counts_anew(
    phone: FakePhone,
) -> None:
    line = LineKeeper(
        phone, SentPictures(phone, FULL, begins_small=False), reports_first=False
    )
    line.begin(CALL, 0.0)
    course = Course(line)
    course.run(6, received_loss=0.3)
    assert phone.orders == [("take_picture", CALL, False)]
    assert line.to_json()["picture_refused"]
    course.line.take_text(course.now, LineReport(0, 20, 600).to_text())
    course.run(2)
    assert ("take_picture", CALL, True) in phone.orders


def test_the_keeper_asks_nothing_of_ours(phone: FakePhone) -> None:
    line = LineKeeper(
        phone, SentPictures(phone, FULL, begins_small=False), reports_first=False
    )
    line.begin(CALL, 0.0)
    course = Course(line)
    course.line.take_text(0.0, LineReport(0, 20, 600).to_text())
    course.run(30, received_loss=0.3)
    assert [order for order in phone.orders if order[0] == "take_picture"] == []

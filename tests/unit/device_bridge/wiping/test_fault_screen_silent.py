# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen's program is asked until it answers, and told of when it does not."""

import pytest

from device_bridge.wiping.companion import ASK_AGAIN_SECONDS, ScreenCompanion
from device_bridge.wiping.traces import Cause, Part
from device_bridge.wiping.wiper import WipeState


class Line:
    """The socket and a clock moved by hand."""

    def __init__(self, ground) -> None:
        self.sent: list[str | None] = []
        self.now = 100.0
        self.companion = ScreenCompanion(
            ground.wiper,
            lambda message: self.sent.append(message["wipe_screen"]),
            limit_seconds=60.0,
            clock=lambda: self.now,
        )

    def turn_after(self, seconds: float) -> bool:
        self.now += seconds
        return self.companion.turn()

    def answer(self, **words) -> bool:
        return self.companion.take({"order": self.sent[-1], **words})


@pytest.fixture
def ground(make_ground):
    ground = make_ground(has_screen=True)
    ground.begin(4)
    ground.end()
    return ground


@pytest.fixture
def line(ground):
    return Line(ground)


def test_one_that_starts_late_is_asked_again_for_the_same(line, ground):
    line.turn_after(0)
    line.turn_after(1)
    assert len(line.sent) == 1
    line.turn_after(ASK_AGAIN_SECONDS)
    assert len(line.sent) == 2 and len(set(line.sent)) == 1

    assert line.answer(found=412)
    line.turn_after(60)
    assert len(line.sent) == 2
    ground.wiper.wipe()
    assert ground.looked_at()[0]["screen"] == 412


def test_one_that_never_answers_puts_the_kiosk_out_of_order_until_it_does(line, ground):
    line.turn_after(0)
    assert line.turn_after(61)
    assert ground.wiper.standing().failures == ((Part.SCREEN, Cause.SILENT),)
    assert not line.turn_after(1)

    assert line.answer(found=3)
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("read_only", Cause.READ_ONLY),
        ("a newer word", Cause.INTERNAL),
        (["list"], Cause.INTERNAL),
    ],
)
def test_why_it_could_not_is_kept_and_it_is_asked_again(line, ground, told, cause):
    line.turn_after(0)
    assert line.answer(found=3, cause=told)
    assert ground.wiper.standing().failures == ((Part.SCREEN, cause),)
    line.turn_after(ASK_AGAIN_SECONDS)
    assert len(line.sent) == 2


def test_the_answer_to_another_question_proves_nothing(line, ground):
    line.turn_after(0)
    assert not line.companion.take({"order": "older", "found": 3})
    assert not line.companion.take({"found": 3})
    assert not line.answer(found="3") or ground.wiper.standing().failures
    assert Part.SCREEN not in ground.store.wiped_parts(4)


def test_a_call_of_the_same_resident_calls_the_wipe_off(line, ground):
    line.turn_after(0)
    ground.current = 4
    ground.wiper.owe(4)
    line.turn_after(1)
    assert line.sent[-1] is None
    assert not line.companion.take({"order": line.sent[0], "found": 3})

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ladder on lines of every rate and loss: sound first, down fast, up again by itself."""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sip_endpoints.call.known_line import SOUND_KBPS, USED_SHARE
from sip_endpoints.call.ladder import ACT_LOSS, GIVE_UP_LOSS, Ladder, rungs_of
from sip_endpoints.call.losses import Loss
from sip_endpoints.settings import Picture

FULL = Picture(800, 640, 360, 20)
RUNGS = rungs_of(FULL)
PACKETS = 100
# What a line must lose for twelve seconds to be surely beyond what the ladder bears.
SURELY_SEEN = ACT_LOSS + 0.02
A_LITTLE_LESS = (0.92, 0.94, 0.95, 0.96)
rates = st.integers(SOUND_KBPS + 30, 3000)


@dataclass
class Line:
    """A line that loses what is too much for it, and a share of all."""

    carries_kbps: float
    own_loss: float = 0.0

    def loss(self, sent_kbps: float) -> float:
        passed = min(1.0, self.carries_kbps / sent_kbps) * (1 - self.own_loss)
        return 1 - passed


def is_too_much(at: int, carries_kbps: float) -> bool:
    """Tell whether a line loses so much on this rung that the ladder must act."""
    bearable = GIVE_UP_LOSS if at == len(RUNGS) - 2 else SURELY_SEEN
    return Line(carries_kbps).loss(RUNGS[at].total_kbps) >= bearable


def run(ladder: Ladder, line: Line, began: float, seconds: int) -> list[int]:
    """Give the rung at the end of each second."""
    rungs = []
    for second in range(seconds):
        loss = line.loss(ladder.rung.total_kbps)
        ladder.look(began + second, [Loss(PACKETS * loss, PACKETS)])
        rungs.append(ladder.number)
    return rungs


def test_the_ladder_goes_from_bit_rate_to_sound_alone() -> None:
    assert [rung.picture and rung.picture.bitrate_kbps for rung in RUNGS] == [
        800,
        504,
        318,
        200,
        80,
        None,
    ]
    assert RUNGS[-2].picture == Picture(80, 640, 360, 20)
    totals = [rung.total_kbps for rung in RUNGS]
    assert totals == sorted(totals, reverse=True)


@given(
    st.integers(64, 8000),
    st.integers(160, 1920),
    st.integers(120, 1080),
    st.integers(1, 60),
)
def test_every_setting_has_a_ladder_that_ends_in_sound(
    kbps: int, width: int, height: int, rate: int
) -> None:
    full = Picture(kbps, width, height, rate)
    rungs = rungs_of(full)
    assert rungs[0].picture == full
    assert rungs[-1].picture is None
    assert all(
        above.total_kbps >= below.total_kbps
        for above, below in zip(rungs, rungs[1:], strict=False)
    )


@given(rates)
def test_a_full_line_keeps_its_reserve_within_a_few_seconds(carries: int) -> None:
    ladder = Ladder(RUNGS, 0)
    run(ladder, Line(carries), 0, 20)
    total = ladder.rung.total_kbps
    if not is_too_much(0, carries):
        assert ladder.number == 0
    elif ladder.number == len(RUNGS) - 2:
        # The smallest picture stays while it costs little.
        assert not is_too_much(ladder.number, carries)
    else:
        assert total <= USED_SHARE * carries or ladder.rung.picture is None


# Any, and those that carry a little less than a rung: what is lost there looks like the line's own.
RATES = (
    *range(SOUND_KBPS + 30, 3000, 50),
    *(round(share * rung.total_kbps) for rung in RUNGS[:-1] for share in A_LITTLE_LESS),
)


@pytest.mark.parametrize("carries", RATES)
def test_a_line_that_stays_as_it_is_is_seldom_overloaded(carries: int) -> None:
    ladder, line = Ladder(RUNGS, 0), Line(carries)
    run(ladder, line, 0, 20)
    rungs = run(ladder, line, 20, 600)
    overloaded = [at for at in rungs if is_too_much(at, carries)]
    assert len(overloaded) <= 60
    assert ladder.own_loss < ACT_LOSS or ladder.number == len(RUNGS) - 2


@settings(max_examples=30)
@given(rates)
@example(RUNGS[0].total_kbps - 40)
def test_a_line_that_is_good_again_gets_its_full_picture_by_itself(
    carries: int,
) -> None:
    ladder = Ladder(RUNGS, 0)
    run(ladder, Line(carries), 0, 60)
    assert run(ladder, Line(10_000), 60, 200)[-1] == 0


@pytest.mark.parametrize("loss", [0.01, 0.02, 0.05])
def test_a_line_that_loses_a_little_whatever_is_sent_keeps_its_picture(
    loss: float,
) -> None:
    ladder = Ladder(RUNGS, 0)
    rungs = run(ladder, Line(10_000, loss), 0, 90)
    assert rungs[-30:] == [0] * 30
    assert ladder.own_loss == pytest.approx(loss if loss > 0.03 else 0, abs=0.03)


def test_a_line_that_loses_much_gets_pictures_of_few_packets() -> None:
    ladder = Ladder(RUNGS, 0)
    rungs = run(ladder, Line(10_000, 0.2), 0, 90)
    assert set(rungs[-30:]) == {2}


def test_one_bad_look_changes_nothing() -> None:
    ladder = Ladder(RUNGS, 0)
    for second in range(30):
        ladder.look(second, [Loss(100 if second == 15 else 0, PACKETS)])
        assert ladder.number == 0


@pytest.mark.parametrize("loss", [0.01, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("seed", range(10))
def test_chance_never_gives_up_a_picture(loss: float, seed: int) -> None:
    """Each packet is lost by chance, and so is each report that tells of it."""
    dice = Random(seed)
    ladder = Ladder(RUNGS, 0)
    lost = 0
    for second in range(600):
        packets = round(50 + 20 * max(1, ladder.rung.total_kbps / 200))
        lost += sum(dice.random() < loss for _ in range(packets))
        told, lost = (0, lost) if dice.random() < loss else (lost, 0)
        ladder.look(second, [Loss(told, packets)])
        assert ladder.number <= 3


@pytest.mark.parametrize("told_after", range(1, 4))
def test_a_line_that_is_cut_for_some_seconds_is_not_full(told_after: int) -> None:
    """Asterisk tells of what was lost in the cut when it is over, at once."""
    ladder = Ladder(RUNGS, 0)
    for second in range(60):
        lost = told_after * PACKETS if second == 30 + told_after else 0
        ladder.look(second, [Loss(lost, PACKETS)])
        assert ladder.number == 0


@given(st.lists(st.floats(0, 1), max_size=200))
def test_no_report_whatever_it_says_leaves_the_ladder(losses: list[float]) -> None:
    ladder = Ladder(RUNGS, 0)
    for second, loss in enumerate(losses):
        before = ladder.number
        changed = ladder.look(second, [Loss(PACKETS * loss, PACKETS)])
        assert changed == (ladder.number != before)
        assert 0 <= ladder.number < len(RUNGS)
        assert 0 <= ladder.own_loss <= 1


@pytest.mark.parametrize("carries", [80, 110, 160, 250, 350])
def test_a_line_that_drowns_gets_at_once_what_it_carries(carries: int) -> None:
    """Signalling starves beside the sound: an answer took 12 s where this took 20."""
    ladder = Ladder(RUNGS, 0)
    rungs = run(ladder, Line(carries), 0, 7)
    assert RUNGS[rungs[-1]].total_kbps <= max(SOUND_KBPS, USED_SHARE * carries)


def test_a_line_that_drowned_gets_its_picture_back_by_itself() -> None:
    ladder = Ladder(RUNGS, 0)
    assert RUNGS[run(ladder, Line(110), 0, 20)[-1]].picture is None
    assert run(ladder, Line(10_000), 20, 180)[-1] == 0


def test_what_the_peer_says_came_bounds_the_guess() -> None:
    """The loss of the first seconds is that of a line which was good before."""
    ladder = Ladder(RUNGS, 0)
    for second in (7, 8, 9):
        ladder.look(second, [Loss(20, PACKETS)], came_kbps=500)
    assert ladder.number
    assert ladder.rung.total_kbps <= USED_SHARE * 500

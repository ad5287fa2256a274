# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the soak tells of memory and descriptors, from samples made up."""

import random

import pytest

from stage.soak_slopes import Sample, slope_of, slopes_of, table


def test_a_leak_is_told_as_what_it_is_whatever_the_noise() -> None:
    noise = random.Random(7)
    rounds = [
        {
            "leaks": Sample(50_000 + 12 * call + noise.uniform(-200, 200), 20 + call),
            "keeps still": Sample(80_000 + noise.uniform(-200, 200), 33),
        }
        for call in range(200)
    ]
    still, leaks = slopes_of(rounds)
    assert (still.process, leaks.process) == ("keeps still", "leaks")
    assert leaks.kb_per_call == pytest.approx(12, abs=1)
    assert leaks.descriptors_per_call == 1
    assert still.kb_per_call == pytest.approx(0, abs=1)
    assert still.descriptors_per_call == 0
    assert [line.split()[0] for line in table([still, leaks])[1:]] == ["leaks", "keeps"]


def test_a_warm_up_and_one_jump_bend_no_slope() -> None:
    def memory(call: int) -> float:
        warming = min(call, 10) * 5_000
        return 40_000 + warming + (30_000 if call > 90 else 0)

    [slope] = slopes_of([{"web": Sample(memory(call), 10)} for call in range(100)])
    assert slope.kb_per_call == 0
    assert (slope.first_kb, slope.last_kb) == (90_000, 120_000)


def test_what_comes_and_goes_has_no_slope_and_what_was_started_anew_has_its_own() -> (
    None
):
    rounds = [
        {
            f"scan {call}": Sample(1_000, 5),
            "web 10" if call < 10 else "web 99": Sample(1_000 + 7 * call, 5),
        }
        for call in range(40)
    ]
    assert [(each.process, each.calls) for each in slopes_of(rounds)] == [
        ("web 99", 30)
    ]
    assert slopes_of(rounds)[0].kb_per_call == 7
    assert slopes_of([]) == []
    assert slope_of([(1.0, 5.0)]) == 0

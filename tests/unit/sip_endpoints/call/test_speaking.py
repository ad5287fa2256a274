# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who speaks is told steadily: no click is a voice, and no pause between words an end."""

from sip_endpoints.call.speaking import HOLD_SECONDS, SPEAKING_LEVEL, Speaking

TENTH = 0.1


def told(levels: list[int]) -> list[bool]:
    """Give what is told of these levels, ten of them a second."""
    speaking = Speaking()
    return [speaking.take(level, number * TENTH) for number, level in enumerate(levels)]


def test_who_goes_on_being_loud_speaks() -> None:
    assert told([SPEAKING_LEVEL] * 3) == [False, False, True]


def test_who_is_silent_or_clicks_does_not() -> None:
    assert not any(told([0, SPEAKING_LEVEL - 1, 255, 0, 0, 0, 0, 255, 255] + [0] * 9))


def test_a_pause_between_words_ends_nothing_and_silence_does() -> None:
    pause = round(HOLD_SECONDS / TENTH) - 3
    spoken = told([30] * 5 + [0] * pause + [30] * 5 + [0] * 40)
    assert all(spoken[2 : 10 + pause])
    assert not spoken[-1]
    # Shown and taken away once.
    assert [spoken[n] != spoken[n - 1] for n in range(1, len(spoken))].count(True) == 2


def test_looks_that_come_at_once_are_one() -> None:
    speaking = Speaking()
    assert not any(speaking.take(255, 1.0) for _ in range(50))

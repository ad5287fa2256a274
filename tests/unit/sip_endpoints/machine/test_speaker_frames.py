# SPDX-License-Identifier: AGPL-3.0-or-later
"""The frame of who speaks: asked of sway by processes that nobody waits for."""

import json

import pytest

from sip_endpoints.machine.session.speaker_frames import (
    AGAIN_SECONDS,
    LIMIT_SECONDS,
    SOON_SECONDS,
    SpeakerFrames,
)
from tests.unit.sip_endpoints.conftest import Clock

# Their calls' numbers.
COUNSELLOR, INTERPRETER = 0, 1


def tree(*windows: int, focused: int = 0) -> str:
    """Give sway's tree with these pictures from the left, the last one first."""
    pictures = [
        {
            "name": "pjmedia-SDL video",
            "id": window,
            "rect": {"x": 960 * place},
            "focused": window == focused,
        }
        for place, window in enumerate(windows)
    ]
    pages = {"name": "Borne - Chromium", "id": 99, "rect": {"x": 0}}
    outputs = [
        {"name": "__i3", "nodes": []},
        {"name": "HDMI-A-1", "nodes": list(reversed(pictures))},
        {"name": "HDMI-A-2", "nodes": [pages]},
    ]
    return json.dumps({"name": "root", "nodes": outputs})


class Sway:
    """What is asked, and answered once the test lets it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: str | None = ""
        self.fails = self.is_left = False

    def ask(self, words: list[str]) -> "Sway":
        self.asked.append(" ".join(words))
        return self

    def answer(self) -> str | None:
        if self.fails:
            raise OSError("swaymsg ended with 1")
        return self.said

    def leave(self) -> None:
        self.is_left = True


@pytest.fixture
def sway() -> Sway:
    return Sway()


@pytest.fixture
def frames(sway: Sway, clock: Clock) -> SpeakerFrames:
    return SpeakerFrames(sway.ask, clock)


def settle(frames: SpeakerFrames) -> None:
    for _ in range(6):
        frames.tend()


def test_of_two_pictures_that_of_who_speaks_is_framed(
    frames: SpeakerFrames, sway: Sway
) -> None:
    sway.said = tree(11, 12)
    frames.want({COUNSELLOR: False, INTERPRETER: True}, is_anew=True)
    settle(frames)
    order = (
        "[con_id=11] border pixel 10, urgent disable; "
        "[con_id=12] border pixel 10, urgent enable"
    )
    assert sway.asked == ["-t get_tree", order]
    # What is done is not done again; but for other windows.
    frames.want({COUNSELLOR: False, INTERPRETER: True})
    settle(frames)
    assert len(sway.asked) == 2
    frames.want({COUNSELLOR: False, INTERPRETER: True}, is_anew=True)
    settle(frames)
    assert len(sway.asked) == 4


def test_one_picture_alone_has_no_frame_whoever_speaks(
    frames: SpeakerFrames, sway: Sway
) -> None:
    sway.said = tree(11)
    frames.want({COUNSELLOR: False}, is_anew=True)
    settle(frames)
    frames.want({COUNSELLOR: True})
    settle(frames)
    assert sway.asked == ["-t get_tree", "[con_id=11] border none, urgent disable"]


def test_the_keys_are_never_a_pictures(frames: SpeakerFrames, sway: Sway) -> None:
    sway.said = tree(11, 12, focused=12)
    frames.want({COUNSELLOR: False, INTERPRETER: True}, is_anew=True)
    settle(frames)
    assert sway.asked[-1].startswith('focus output "HDMI-A-2"; [con_id=11] border')


def test_without_pictures_nothing_is_asked(frames: SpeakerFrames, sway: Sway) -> None:
    frames.want({}, is_anew=True)
    settle(frames)
    assert sway.asked == []


def test_pictures_that_are_about_to_come_are_waited_for(
    frames: SpeakerFrames, sway: Sway, clock: Clock
) -> None:
    sway.said = tree(11)
    frames.want({COUNSELLOR: True, INTERPRETER: False}, is_anew=True)
    settle(frames)
    assert sway.asked == ["-t get_tree"]
    clock.now += SOON_SECONDS
    sway.said = tree(11, 12)
    settle(frames)
    assert len(sway.asked) == 3


@pytest.mark.parametrize(
    ("anew", "after", "words"),
    [
        # What is made anew comes last; and is the counsellor's, or the interpreter's.
        (COUNSELLOR, (12, 13), "[con_id=13] swap container with con_id 12"),
        (INTERPRETER, (11, 13), ""),
    ],
)
def test_both_keep_their_places_when_one_is_made_anew(
    frames: SpeakerFrames,
    sway: Sway,
    clock: Clock,
    anew: int,
    after: tuple[int, int],
    words: str,
) -> None:
    both = {COUNSELLOR: True, INTERPRETER: False}
    sway.said = tree(11)
    frames.want({COUNSELLOR: True}, is_anew=True)
    settle(frames)
    sway.said = tree(11, 12)
    frames.want(both, is_anew=True)
    settle(frames)
    [left] = both.keys() - {anew}
    frames.want({left: True}, is_anew=True)
    settle(frames)
    # It is believed to be drawn a moment before it is.
    frames.want(both, is_anew=True)
    sway.said = tree(*(each for each in after if each != 13))
    settle(frames)
    clock.now += SOON_SECONDS
    sway.said = tree(*after)
    settle(frames)
    assert sway.asked[-1].startswith(words or "[con_id=11] border")
    assert ("swap" in sway.asked[-1]) == bool(words)


@pytest.mark.parametrize("is_hung", [True, False])
def test_a_session_that_hangs_or_fails_is_left_alone_for_a_while(
    frames: SpeakerFrames, sway: Sway, clock: Clock, is_hung: bool
) -> None:
    sway.said, sway.fails = None, not is_hung
    frames.want({COUNSELLOR: True, INTERPRETER: False}, is_anew=True)
    frames.tend()
    clock.now += LIMIT_SECONDS
    settle(frames)
    assert (sway.asked, sway.is_left) == (["-t get_tree"], is_hung)
    clock.now += AGAIN_SECONDS
    sway.said, sway.fails = tree(11, 12), False
    settle(frames)
    assert len(sway.asked) == 3

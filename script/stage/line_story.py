# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line's part of the story: three residents in a row, at one kiosk, called by themselves.

All three are in the room. The first call ends, the kiosk is wiped, and the next one is called
without anybody pressing anything; so the third. None of them is told as unreachable.
"""

from collections.abc import Callable

from stage.secretary import LiveWatch, Secretary
from stage.story_ground import PhoneSeen, StoryGround

RESIDENTS = ("Mme Roy", "M. Garnier", "Mme Ba")
ORGANISATION = "MSA"
SECRETARY = "mairie@wassigny.example"
# Of one call: asked for, on the line, seen. None comes twice, and none is left out.
CALLED = ("calling", "queued", "in_call", "done")
# The wipe, and the counsellor's telephone that rests.
NEXT_CALL_SECONDS = 60.0

Note = Callable[[str], None]


class LineBroken(Exception):
    """Somebody in the line was not called as they should be; the text says who."""


class LineStory:
    """Lives the line's part; raises LineBroken."""

    def __init__(self, ground: StoryGround, counsellor: PhoneSeen, note: Note) -> None:
        self._ground = ground
        self._counsellor = counsellor
        self._note = note

    def live(self) -> None:
        """Let three residents come, and see each of them called and served."""
        password = self._ground.passwords()[SECRETARY]
        with Secretary(self._ground.url, self._ground.authority) as secretary:
            secretary.sign_in(SECRETARY, password)
            watch = secretary.watch()
            waiting = [secretary.book(each, ORGANISATION) for each in RESIDENTS]
            self._note(f"{len(waiting)} residents are there, the first is called")
            for resident, appointment in zip(RESIDENTS, waiting, strict=True):
                watch.wait_state(appointment, "in_call", NEXT_CALL_SECONDS)
                self._note(f"{resident} is in call")
                self._counsellor.order("hangup")
                watch.wait_state(appointment, "done", NEXT_CALL_SECONDS)
            for resident, appointment in zip(RESIDENTS, waiting, strict=True):
                _check(watch, resident, appointment)


def _check(watch: LiveWatch, resident: str, appointment: int) -> None:
    seen = list(dict.fromkeys(each.state for each in watch.states(appointment)))
    if tuple(each for each in seen if each in CALLED) != CALLED or (
        set(seen) - {*CALLED, "booked", "arrived"}
    ):
        raise LineBroken(f"{resident} went {' -> '.join(seen)}")

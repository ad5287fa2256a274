# SPDX-License-Identifier: AGPL-3.0-or-later
"""What lies behind the counsellor's picture on the first screen; through sway's own swaybg.

The session itself draws that the camera is off, and that is seen whenever nothing else is: also
where the telephone was killed. Each other picture is a program of the telephone's, which ends
with it, above the session's own and below the counsellor's.
"""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sip_endpoints.call.camera_rules import CameraStage
from sip_endpoints.log import Log
from sip_endpoints.machine.session.outputs import (
    CALL_WORKSPACE,
    PICTURES,
    Session,
    SessionAway,
)
from sip_endpoints.machine.session.speaker_frames import SpeakerFrames
from sip_endpoints.machine.session.start_page import ENGLISH, FRENCH
from sip_endpoints.machine.system.programs import Ran, run

log = Log(__name__)

DRAWN = (FRENCH, ENGLISH)
NOTICE_SOUND = PICTURES / "notice.wav"
# The kernel ends it with the telephone, however that one ends.
ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")
# The telephone's one thread asks the session: a session that hangs must not hold it up.
ASK_SECONDS = 1.0
# The new picture is there by then; the old one, below it, may go.
OVERLAP_SECONDS = 0.5
# A picture ends with its session, which may be back soon.
AGAIN_SECONDS = 1.0


class Drawing(Protocol):
    """A program that draws one picture until it is ended."""

    def terminate(self) -> None:
        """Ask it to end."""

    def poll(self) -> int | None:
        """Give its exit status once it has ended."""


def draw(output: str, picture: Path) -> Drawing:
    """Lay a picture over the whole of an output. Raises OSError."""
    words = [
        *ENDS_WITH_US,
        "swaybg",
        "--output",
        output,
        "--image",
        str(picture),
        "--mode",
        "fill",
    ]
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def run_briefly(
    arguments: Sequence[str],
    *,
    limit_seconds: float = ASK_SECONDS,
    environment: Mapping[str, str] | None = None,
    may_fail: bool = False,
) -> Ran:
    """Run a program as the telephone may: for a second at most."""
    limit = min(limit_seconds, ASK_SECONDS)
    return run(
        arguments, limit_seconds=limit, environment=environment, may_fail=may_fail
    )


def picture_of(stage: CameraStage, language: str) -> Path:
    """Give the file of what is shown; in French where nobody drew it in that language."""
    drawn = PICTURES / f"camera-{stage.value}.{language}.png"
    if language in DRAWN and drawn.exists():
        return drawn
    return PICTURES / f"camera-{stage.value}.{FRENCH}.png"


class SwayFirstScreen:
    """The first screen of a kiosk's session; fulfils the ``FirstScreen`` protocol."""

    def __init__(
        self,
        session: Session,
        language: str,
        draw: Callable[[str, Path], Drawing] = draw,
        clock: Callable[[], float] = time.monotonic,
        frames: SpeakerFrames | None = None,
    ) -> None:
        self._session = session
        self._frames = frames
        self._language = language
        self._draw = draw
        self._clock = clock
        self._output = "*"
        self._drawn: Drawing | None = None
        self._picture: Path | None = None
        self._again_at = 0.0
        self._ending: list[Drawing] = []
        self._end_at = 0.0
        self.show(CameraStage.OFF)

    def show(self, stage: CameraStage, language: str = "") -> None:
        """Show what the camera does, in the kiosk's own language or in another."""
        language = language or self._language
        if self._drawn is not None:
            self._ending.append(self._drawn)
            self._drawn = None
        self._picture = None
        self._end_at = self._clock() + OVERLAP_SECONDS
        if stage is CameraStage.OFF:
            # What lies below says it, in French: nothing is to be drawn first.
            self._end_at = 0.0
            self.tend()
            self._look()
            if language == FRENCH:
                return
        self._picture = picture_of(stage, language)
        self._lay()

    def _lay(self) -> None:
        if self._picture is None:
            return
        self._again_at = self._clock() + AGAIN_SECONDS
        try:
            self._drawn = self._draw(self._output, self._picture)
        except OSError as error:
            log.warning(
                "the first screen is not drawn",
                picture=self._picture.name,
                why=str(error),
            )

    def frame(self, speaking: Mapping[int, bool], *, is_anew: bool) -> None:
        """Frame the pictures of who speaks, a moment later."""
        if self._frames is not None:
            self._frames.want(speaking, is_anew=is_anew)

    def tend(self) -> None:
        """End what a newer picture covers, and draw again what ended with its session."""
        if self._frames is not None:
            self._frames.tend()
        if self._drawn is not None and self._drawn.poll() is not None:
            self._drawn = None
        if self._drawn is None and self._clock() >= self._again_at:
            self._lay()
        if self._clock() < self._end_at:
            return
        for drawing in self._ending:
            drawing.terminate()
        # Asked after, so that no dead process stays; what is slow to end is asked again.
        self._ending = [each for each in self._ending if each.poll() is None]

    def _look(self) -> None:
        """Learn between two calls which output the calls are on: a notice must not wait for it."""
        try:
            outputs = self._session.outputs()
        except SessionAway as error:
            log.warning("the session does not say its screens", why=str(error))
            return
        found = [each.name for each in outputs if each.workspace == str(CALL_WORKSPACE)]
        self._output = found[0] if found else "*"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's call to its own Asterisk, which sends all back: do sound and picture pass both ways?

Signalling that works says nothing of it: media goes over UDP, to addresses that each side gives.
Nothing of the room is sent, and nobody is shown anything. An appointment's call comes first.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sip_endpoints.call.phone import (
    AudioStatistics,
    CallEnded,
    CallGoneError,
    MediaStatistics,
    OrderRefusedError,
    Phone,
    RegistrationState,
    VideoStatistics,
)
from sip_endpoints.control import Outcome
from sip_endpoints.log import Log

log = Log(__name__)

# The order, and the number that is dialled for it (extensions.conf).
MEDIA_TEST = "media-test"
# Asterisk hangs up after five seconds.
LIMIT_SECONDS = 12.0
# Its word travels beside the end of the call, and may be overtaken by it.
WORD_LATE_SECONDS = 2.0
# RFC 3261: nobody answered in time.
TIMED_OUT = 408

CALL_UP, CALL_CAME = "a call is up", "a call came"
HELD = "the last appointment is not wiped yet"
NOT_REGISTERED, UNDER_WAY = "not registered", "a test is under way"

_RECEIVED = re.compile(r"guichet-media/1 sound=([0-9]{1,9}) picture=([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class AtServer:
    """The RTP packets that reached Asterisk."""

    sound: int
    picture: int


def read_at_server(text: str) -> AtServer | None:
    """Read what reached Asterisk; None when the text is about something else."""
    found = _RECEIVED.fullmatch(text.strip())
    return AtServer(int(found[1]), int(found[2])) if found else None


class _Stage(Enum):
    DIALLED = auto()
    ANSWERED = auto()
    # Over; Asterisk's word is waited for.
    ENDED = auto()


class MediaTest:
    """One test at a time, which ends by itself."""

    def __init__(
        self, phone: Phone, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._phone = phone
        self._clock = clock
        # None: no test.
        self._outcome: Outcome | None = None
        self._call: int | None = None
        self._stage = _Stage.DIALLED
        self._ends_at = 0.0
        self._is_picture_sent = False
        self._seen: MediaStatistics | None = None
        self._at_server: AtServer | None = None

    def begin(self) -> Outcome:
        """Dial; the result is filled in when it is known."""
        if self._outcome is not None:
            return Outcome(error=UNDER_WAY)
        if self._phone.registration.state is not RegistrationState.REGISTERED:
            return Outcome(error=NOT_REGISTERED)
        try:
            self._call = self._phone.dial(MEDIA_TEST, is_apart=True)
        except CallGoneError as error:
            return Outcome(error=str(error))
        self._stage, self._ends_at = _Stage.DIALLED, self._clock() + LIMIT_SECONDS
        self._is_picture_sent, self._seen, self._at_server = False, None, None
        self._outcome = Outcome()
        return self._outcome

    def holds(self, call: int) -> bool:
        """Say whether this is the test's call."""
        return self._call is not None and call == self._call

    def confirm(self) -> None:
        """Note that Asterisk took the call."""
        self._stage = _Stage.ANSWERED

    def agree_media(self) -> None:
        """Send a picture that shows nothing of the room, also over streams agreed on anew."""
        self._is_picture_sent = False
        self._send_picture()

    def take_text(self, text: str) -> None:
        """Take the word of our own Asterisk on what reached it; nobody else's."""
        told = read_at_server(text)
        if told is None or self._outcome is None or self._stage is _Stage.DIALLED:
            return
        self._at_server = told
        self._look()
        if self._stage is _Stage.ENDED:
            self._tell()

    def end(self, event: CallEnded) -> None:
        """Note the end of the call, or that it was not taken."""
        self._call = None
        if self._stage is _Stage.DIALLED:
            self._refuse(event.code)
        elif self._at_server is not None:
            self._tell()
        else:
            self._stage = _Stage.ENDED
            self._ends_at = self._clock() + WORD_LATE_SECONDS

    def break_off(self) -> None:
        """End it at once, not waiting for anybody's answer: a call came."""
        if self._outcome is None:
            return
        self._hang_up()
        self._outcome.fail(CALL_CAME)
        self._outcome = None
        log.info("media test broken off")

    def tick(self) -> None:
        """Count what came so far, and end what lasts too long; about twice a second."""
        if self._outcome is None:
            return
        self._send_picture()
        self._look()
        if self._clock() < self._ends_at:
            return
        self._hang_up()
        if self._stage is _Stage.DIALLED:
            self._refuse(TIMED_OUT)
        else:
            self._tell()

    def _send_picture(self) -> None:
        if self._call is None or self._is_picture_sent:
            return
        try:
            self._phone.send_stand_in(self._call, is_sent=True)
        except (CallGoneError, OrderRefusedError) as error:
            # Asked again at the next tick, where the call goes on.
            log.debug("no picture is sent yet", reason=str(error))
        else:
            self._is_picture_sent = True

    def _look(self) -> None:
        if self._call is None:
            return
        try:
            self._seen = self._phone.statistics(self._call) or self._seen
        except CallGoneError:
            log.debug("the call of the test is about to end")

    def _hang_up(self) -> None:
        call, self._call = self._call, None
        if call is None:
            return
        try:
            self._phone.hang_up(call)
        except (CallGoneError, OrderRefusedError) as error:
            log.debug("the call of the test is over", reason=str(error))

    def _refuse(self, code: int) -> None:
        self._finish({"refused": code})

    def _tell(self) -> None:
        seen, told = self._seen or MediaStatistics(None, None), self._at_server
        self._finish(
            {
                "sound": _counts(seen.audio, told.sound if told else None),
                "picture": _counts(seen.video, told.picture if told else None),
            }
        )

    def _finish(self, result: dict[str, Any]) -> None:
        outcome, self._outcome = self._outcome, None
        if outcome is not None:
            outcome.succeed(**result)
            log.info("media test", **result)


def _counts(
    stream: AudioStatistics | VideoStatistics | None, at_server: int | None
) -> dict[str, int | None]:
    return {
        "sent": stream.packets_sent if stream else 0,
        "received": stream.packets_received if stream else 0,
        "at_server": at_server,
    }

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port to a SIP and video telephone: what it does, what it tells, how it fails.

The services know this module only. The one adapter is ``sip_endpoints.pjsua``; the unit tests
bring a small telephone of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sip_endpoints.settings import Picture


class PhoneError(Exception):
    """The telephone could not do what was asked; base of the family."""


class MissingDeviceError(PhoneError):
    """The camera, sound card or screen that the bundle asks for is not there."""


class PhoneStartError(PhoneError):
    """The SIP stack refused to start: port taken, unreadable CA file, no codec."""


class CallGoneError(PhoneError):
    """The call ended before the order reached it."""


class OrderRefusedError(PhoneError):
    """The call goes on, but the stack did not take the order: too many at once."""


class PromptError(PhoneError):
    """The recording is not there, or is not one that can be played."""


class TapError(PhoneError):
    """The peer's voice cannot be listened to."""


class RegistrationState(StrEnum):
    """Where the telephone stands with its registrar."""

    UNREGISTERED = "unregistered"
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True)
class Registration:
    """The state with the registrar, since when, and the last answer."""

    state: RegistrationState
    since: datetime
    code: int = 0
    reason: str = ""
    # Where the registrar's 200 came from, as "address:port".
    server_address: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrationChanged:
    """The registration moved to another state, or failed again."""

    registration: Registration


@dataclass(frozen=True, slots=True)
class CallReceived:
    """An INVITE is waiting for an answer; all of it comes from the network.

    ``remote_address`` is the peer of the connection that carried it, "address:port".
    """

    call: int
    account: str
    remote_address: str
    remote_user: str
    remote_name: str
    call_info: tuple[str, ...]
    appointment_id: str | None
    sip_call_id: str
    # What the kiosk is to speak; empty where nobody says it.
    language: str = ""
    # Who joins a call that is up; empty where nobody does.
    role: str = ""


@dataclass(frozen=True, slots=True)
class CallConfirmed:
    """Both sides agreed: media flows from now on."""

    call: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over; ``code`` is the SIP status that ended it (200: a BYE)."""

    call: int
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """One key arrived by SIP INFO inside the call's dialog."""

    call: int
    digit: str


@dataclass(frozen=True, slots=True)
class DigitAnswered:
    """The peer answered our last digit with this SIP status."""

    call: int
    code: int


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A MESSAGE arrived inside the call's dialog."""

    call: int
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class TextReceived:
    """A MESSAGE arrived outside any call; ``remote_address`` is as in CallReceived."""

    remote_address: str
    text: str


@dataclass(frozen=True, slots=True)
class MediaAgreed:
    """The streams of a call were agreed on, at its start or anew: each begins as if first."""

    call: int


@dataclass(frozen=True, slots=True)
class MessageAnswered:
    """The peer answered our last MESSAGE with this SIP status."""

    call: int
    code: int


PhoneEvent = (
    RegistrationChanged
    | CallReceived
    | CallConfirmed
    | CallEnded
    | DigitReceived
    | DigitAnswered
    | MessageReceived
    | MessageAnswered
    | TextReceived
    | MediaAgreed
)


@dataclass(frozen=True, slots=True)
class AudioStatistics:
    """What came in on the sound stream since it began, and what left."""

    codec: str
    packets_received: int
    packets_lost: int
    bytes_received: int = 0
    packets_sent: int = 0
    # Of those sent: as the other end of the connection, which is Asterisk, told by RTCP.
    packets_sent_lost: int = 0


@dataclass(frozen=True, slots=True)
class VideoStatistics:
    """What came in on the picture stream since it began, and what left."""

    codec: str
    width: int
    height: int
    packets_received: int
    packets_lost: int
    frames_decoded: int
    # The longest time without a new picture since these figures were last asked for.
    gap_milliseconds: int = 0
    bytes_received: int = 0
    packets_sent: int = 0
    packets_sent_lost: int = 0


@dataclass(frozen=True, slots=True)
class MediaStatistics:
    """Both streams of a call; None where a stream was not agreed on."""

    audio: AudioStatistics | None
    video: VideoStatistics | None

    @property
    def packets_received(self) -> int:
        """Return the RTP packets of both streams: it grows while the peer lives."""
        return sum(
            stream.packets_received for stream in (self.audio, self.video) if stream
        )


class Phone(Protocol):
    """A telephone with one account; used from the one thread that started it."""

    @property
    def registration(self) -> Registration:
        """Return where the telephone stands with its registrar."""

    @property
    def is_healthy(self) -> bool:
        """Say whether the stack still works; once False, only a restart helps."""

    def start(self) -> None:
        """Open devices and transports and begin to register, for ever.

        Raise MissingDeviceError or PhoneStartError.
        """

    def pump(self, timeout_seconds: float) -> Sequence[PhoneEvent]:
        """Let the stack work; return at the first events or after the time-out."""

    def close(self) -> None:
        """Hang up, unregister, release everything; may be called twice."""

    def ring(self, call: int) -> None:
        """Tell the caller that it rings here."""

    def answer(self, call: int, *, is_apart: bool = False) -> None:
        """Accept the call with sound and picture.

        The sound of one that is apart goes nowhere, and nothing is said into it, until it joins.
        """

    def join(self, call: int, other: int) -> None:
        """Let a call that was apart hear the room and another call, and be heard by both."""

    def hang_up(self, call: int, code: int = 0, cause: int = 0) -> None:
        """End the call, or refuse it with this SIP status while it rings.

        `cause` is a Q.850 cause told in a Reason header (RFC 3326); 0 tells none.
        """

    def dial(
        self, user: str, *, with_picture: bool = True, is_apart: bool = False
    ) -> int:
        """Call a user of our own registrar; return the new call's number.

        One that is apart sends silence, and what comes goes nowhere. Raise CallGoneError.
        """

    def send_digit(self, call: int, digit: str) -> None:
        """Send one key by SIP INFO; the next only after DigitAnswered."""

    def send_message(self, call: int, text: str) -> None:
        """Send a line of text inside the call's dialog."""

    def send_key_frame(self, call: int) -> None:
        """Send a whole picture now, so that the peer sees at once."""

    def set_picture(self, call: int, picture: Picture | None) -> None:
        """Send the picture so from now on, in this call only; None sends none."""

    def take_picture(self, call: int, *, is_taken: bool) -> None:
        """Have the peer send its picture, or sound alone: agreed on anew (re-INVITE)."""

    @property
    def is_camera_open(self) -> bool:
        """Say whether the camera is open, for whatever reason."""

    def open_camera(self, call: int) -> None:
        """Send what the camera sees from now on; where it is open already, do nothing.

        Raise MissingDeviceError where it does not open.
        """

    def send_stand_in(self, call: int, *, is_sent: bool) -> None:
        """Send a virtual camera's picture, or stop; only while the camera is not opened yet.

        A stream that is silent for half a minute ends the call at Asterisk.
        """

    def show_peer(self, call: int) -> None:
        """Let what the peer sends be seen, on a telephone that hides it at first."""

    def loudness(self, call: int) -> int:
        """Tell how loud the peer is now, of 255; 0 before its sound began."""

    def go_dark(self, call: int) -> None:
        """Close the camera and hide the peer, though the call may last for the network."""

    def restart_media(self, call: int) -> None:
        """Negotiate the streams anew inside the call (re-INVITE)."""

    def play(self, file: Path) -> None:
        """Play a recording (WAV) on our own loudspeaker, instead of one under way.

        The peer does not get it. Raise PromptError.
        """

    def tap(self, call: int, pipe: Path) -> int:
        """Write what the peer says, and that alone, to a pipe that is open for reading.

        Never waits for who reads. Give the rate of its samples: 16 bits, one channel, after the
        head of a WAV file. Raise TapError or CallGoneError.
        """

    def untap(self) -> None:
        """Write it no more."""

    def statistics(self, call: int) -> MediaStatistics | None:
        """Return what came in so far; None before the media began."""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A telephone in memory: it notes what it was told, and fails where a test asks so."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sip_endpoints.call.phone import (
    CallGoneError,
    CallReceived,
    MediaStatistics,
    MissingDeviceError,
    PhoneEvent,
    PromptError,
    Registration,
    RegistrationState,
)
from sip_endpoints.settings import Picture

SERVER = "10.0.0.1:5061"


class FakePhone:
    """Fulfils the `Phone` protocol; `orders` holds each order as a tuple."""

    def __init__(self) -> None:
        self.registration = Registration(
            RegistrationState.REGISTERED, datetime.now(UTC), 200, "OK", SERVER
        )
        self.is_healthy = True
        self.orders: list[tuple[object, ...]] = []
        # Where the recordings lie that are played.
        self.folders: list[str] = []
        self.events: list[PhoneEvent] = []
        self.gone: set[int] = set()
        self.seen: MediaStatistics | None = None
        self.next_call = 100
        self.has_no_camera = False
        # How loud the peer of a call is.
        self.loud: dict[int, int] = {}
        # What a peer says is written there.
        self.tapped: BinaryIO = io.BytesIO()
        self._is_camera_open = False

    def start(self) -> None:
        self.orders.append(("start",))

    def pump(self, timeout_seconds: float) -> Sequence[PhoneEvent]:
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        self.orders.append(("close",))

    def ring(self, call: int) -> None:
        self._note("ring", call)

    def answer(self, call: int, *, is_apart: bool = False) -> None:
        self._note("answer_apart" if is_apart else "answer", call)

    def join(self, call: int, other: int) -> None:
        self._note("join", call, other)

    def hang_up(self, call: int, code: int = 0, cause: int = 0) -> None:
        self._note("hang_up", call, code, *([cause] if cause else []))

    def dial(
        self, user: str, *, with_picture: bool = True, is_apart: bool = False
    ) -> int:
        self.next_call += 1
        order = "dial_apart" if is_apart else "dial"
        self._note(order, self.next_call, user, with_picture)
        return self.next_call

    def send_digit(self, call: int, digit: str) -> None:
        self._note("send_digit", call, digit)

    def send_message(self, call: int, text: str) -> None:
        self._note("send_message", call, text)

    def send_key_frame(self, call: int) -> None:
        self._note("send_key_frame", call)

    def set_picture(self, call: int, picture: Picture | None) -> None:
        self._note("set_picture", call, picture)

    def take_picture(self, call: int, *, is_taken: bool) -> None:
        self._note("take_picture", call, is_taken)

    @property
    def is_camera_open(self) -> bool:
        return self._is_camera_open

    def open_camera(self, call: int) -> None:
        if self.has_no_camera:
            raise MissingDeviceError("no camera")
        self._note("open_camera", call)
        self._is_camera_open = True

    def send_stand_in(self, call: int, *, is_sent: bool) -> None:
        self._note("send_stand_in", call, is_sent)

    def show_peer(self, call: int) -> None:
        self._note("show_peer", call)

    def loudness(self, call: int) -> int:
        return self.loud.get(call, 0)

    def go_dark(self, call: int) -> None:
        self._note("go_dark", call)
        self._is_camera_open = False

    def restart_media(self, call: int) -> None:
        self._note("restart_media", call)

    def play(self, file: Path) -> None:
        if not file.exists():
            raise PromptError("no such file")
        self.orders.append(("play", file.name))
        self.folders.append(file.parent.name)

    def tap(self, call: int, pipe: Path) -> int:
        self._note("tap", call)
        self.tapped = pipe.open("wb", buffering=0)
        return 48000

    def untap(self) -> None:
        self.orders.append(("untap",))
        self.tapped.close()

    def statistics(self, call: int) -> MediaStatistics | None:
        return self.seen

    def _note(self, order: str, call: int, *more: object) -> None:
        if call in self.gone:
            raise CallGoneError("gone")
        self.orders.append((order, call, *more))


def received(call: int = 1, **changes: object) -> CallReceived:
    """Give a call as our own Asterisk sends it to a kiosk, changed where asked."""
    values: dict[str, object] = {
        "call": call,
        "account": "kiosk-wassigny",
        "remote_address": SERVER,
        "remote_user": "guichet",
        "remote_name": "MSA",
        "call_info": ("<sip:guichet>;answer-after=0",),
        "appointment_id": "42",
        "sip_call_id": "abc",
    }
    return CallReceived(**{**values, **changes})  # type: ignore[arg-type]

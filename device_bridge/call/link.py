# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone's end of the Unix socket between it and the bridge.

JSON lines. The telephone tells of its call and its digits, the bridge answers with what
to say and to show. Standard library alone: the telephone imports this too.
"""

import json
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from device_bridge.call.codes import VOLUMES
from device_bridge.call.reconnecting import Reconnecting
from device_bridge.errors import BridgeError

MAX_LINE_BYTES = 8192
MAX_UNSENT_BYTES = 65536
READS_AT_ONCE = 8


class LinkError(BridgeError):
    """The socket cannot be opened, or nobody answers on it."""


class Audience(StrEnum):
    """For whom a sentence is."""

    COUNSELLOR = "counsellor"
    RESIDENT = "resident"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence to be told in a call; `cue` is the code of its recording, if any.

    `language` is that of the call by now; empty: as the telephone knows it.
    """

    text: str
    to: Audience
    call: str
    cue: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """A document for the second screen, or None to clear it."""

    document: int | None
    call: str


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud the kiosk is to be in a call: a level."""

    level: int
    call: str


@dataclass(frozen=True, slots=True)
class Held:
    """The one appointment that may be called here: the last one is not wiped yet."""

    appointment: int | None


ToTelephone = Say | Show | SetVolume | Held


class LinkClient:
    """The telephone's end, for its own loop: nothing here ever waits.

    It connects by itself, again and again, and then tells the bridge the call that is
    up, or that none is. Digits keyed while nobody listens are lost on purpose: a code
    must not be obeyed late.
    """

    def __init__(self, path: Path) -> None:
        self._again = Reconnecting(path)
        self._socket: socket.socket | None = None
        self._received = b""
        self._unsent = b""
        self._call: dict[str, Any] | None = None
        self._volume: dict[str, Any] | None = None
        self._line: dict[str, Any] | None = None

    @property
    def is_connected(self) -> bool:
        """Tell whether the bridge listens."""
        return self._socket is not None

    def confirm_call(self, call: str, appointment: int, peer: str) -> None:
        """Tell that a call of an appointment is up."""
        self._call = {
            "event": "call_confirmed",
            "call": call,
            "appointment": appointment,
            "peer": peer,
        }
        self._tell(self._call)

    def send_digit(self, call: str, digit: str) -> None:
        """Tell one digit keyed by the other side of the call."""
        self._tell({"event": "digit", "call": call, "digit": digit})

    def tell_line(self, call: str, from_kiosk: str, to_kiosk: str) -> None:
        """Tell how the call's line is each way, where that changed: a word for each."""
        message = {
            "event": "line",
            "call": call,
            "from_kiosk": from_kiosk,
            "to_kiosk": to_kiosk,
        }
        if message != self._line:
            self._line = message
            self._tell(message)

    def end_call(self, call: str, kept: int = 0) -> None:
        """Tell that the call is over, and how much of it is remembered all the same."""
        self._call = self._line = None
        self._tell({"event": "call_ended", "call": call, "kept": kept})

    def tell_volume(self, level: int | None) -> None:
        """Tell how loud the kiosk is; None where nobody knows."""
        self._volume = {"event": "volume", "level": level}
        self._tell(self._volume)

    def poll(self) -> list[ToTelephone]:
        """Connect, send what is left, give what the bridge wants told, shown or set."""
        if self._socket is None and not self._connect():
            return []
        self._flush()
        return self._receive()

    def close(self) -> None:
        """Leave the bridge."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._received = self._unsent = b""

    def _connect(self) -> bool:
        self._socket = self._again.connect()
        if self._socket is None:
            return False
        self._tell(self._call or {"event": "idle"})
        if self._volume is not None:
            self._tell(self._volume)
        if self._call is not None and self._line is not None:
            self._tell(self._line)
        return True

    def _tell(self, message: dict[str, Any]) -> None:
        if self._socket is None:
            return
        self._unsent += make_line(message)
        if len(self._unsent) > MAX_UNSENT_BYTES:
            # The bridge hangs: start over with it.
            self.close()
            return
        self._flush()

    def _flush(self) -> None:
        if self._socket is None or not self._unsent:
            return
        try:
            sent = self._socket.send(self._unsent)
            self._unsent = self._unsent[sent:]
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def _receive(self) -> list[ToTelephone]:
        """Read at most a few pieces: a bridge gone mad must not hold up the call."""
        found: list[ToTelephone] = []
        for _ in range(READS_AT_ONCE):
            if self._socket is None:
                break
            try:
                data = self._socket.recv(MAX_LINE_BYTES)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                message = _to_telephone(parse_line(line) or {})
                if message is not None:
                    found.append(message)
            if not data or len(self._received) > MAX_LINE_BYTES:
                self.close()
        return found


def ask_bridge(path: Path, event: str, timeout_seconds: float = 30.0) -> dict[str, Any]:
    """Ask a running bridge, such as for its `status`; raise LinkError if none answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(str(path))
            connection.sendall(make_line({"event": event}))
            with connection.makefile("rb") as file:
                for line in file:
                    answer = parse_line(line) or {}
                    if event in answer:
                        content: dict[str, Any] = answer[event]
                        return content
        except OSError as error:
            raise LinkError(f"no bridge answers on {path}") from error
    raise LinkError("the bridge ended before it answered")


def _to_telephone(message: dict[str, Any]) -> ToTelephone | None:
    """Read what the bridge wants told, shown or set; nonsense is passed over."""
    if "held_for" in message:
        held = message["held_for"]
        return Held(held if type(held) is int else None)
    call, text, document = (message.get(key) for key in ("call", "say", "show"))
    if not isinstance(call, str):
        return None
    audience = message.get("to", Audience.BOTH.value)
    if isinstance(text, str) and audience in list(Audience):
        cue, language = (_text(message.get(key)) for key in ("cue", "language"))
        return Say(text, Audience(audience), call, cue, language)
    if "show" in message and (document is None or type(document) is int):
        return Show(document, call)
    level = message.get("volume")
    if type(level) is int and level in VOLUMES:
        return SetVolume(level, call)
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def parse_line(line: bytes) -> dict[str, Any] | None:
    """Give the object that a line holds, or None where it holds none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def make_line(message: dict[str, Any]) -> bytes:
    """Give the line that holds an object."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bare, blocking manager connection: places calls as the dispatcher does, for tests.

The product's own client is in booking_web.dispatcher; this one is its measure.
"""

import socket
import time
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from stage.waiting import PATIENCE, PATIENCE_SECONDS, NotInTime

Message = dict[str, str]
CALL_CODECS = "opus,g722,ulaw,vp8,h264"
CALL_TIMEOUT_MS = 12000
ANSWER_SECONDS = 20.0 * PATIENCE
PING_SECONDS = 1.0
PING_ID = "ping"
PING = f"Action: Ping\r\nActionID: {PING_ID}\r\n\r\n".encode()
END_OF_MESSAGE = b"\r\n\r\n"


class BareAmi:
    """One signed-in connection; keeps every event that it heard."""

    def __init__(self, port: int, username: str, secret: str) -> None:
        self._socket = socket.create_connection(
            ("127.0.0.1", port), timeout=ANSWER_SECONDS
        )
        self._received = b""
        self.events: list[Message] = []
        self._read_line()
        answer = self.action("Login", Username=username, Secret=secret)
        if answer["Response"] != "Success":
            self.close()
            raise PermissionError(answer.get("Message", ""))

    @classmethod
    def of_site(cls, settings_file: Path) -> "BareAmi":
        """Connect as the dispatcher of the site would."""
        settings = tomllib.loads(settings_file.read_text())
        return cls(
            settings["ami_port"], settings["ami_username"], settings["ami_secret"]
        )

    def action(
        self, name: str, variables: Iterable[str] = (), **fields: str
    ) -> Message:
        """Do an action and give its response; events heard meanwhile are kept."""
        lines = [f"Action: {name}"]
        lines += [f"{key}: {value}" for key, value in fields.items()]
        lines += [f"Variable: {_escape(variable)}" for variable in variables]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            message = self._read_message(time.monotonic() + ANSWER_SECONDS)
            if "Response" in message and "Event" not in message:
                return message
            self.events.append(message)

    def wait_event(
        self, name: str, timeout_seconds: float = PATIENCE_SECONDS, **fields: str
    ) -> Message:
        """Take the first event of that name and fields, heard already or still to come."""

        def fits(event: Message) -> bool:
            return event.get("Event") == name and all(
                event.get(key) == value for key, value in fields.items()
            )

        return self._take(fits, name, timeout_seconds)

    def place_call(
        self,
        kiosk: str,
        organisation: str,
        call: str,
        *,
        appointment: str = "1",
        caller_name: str = "M. Dupont (Wassigny)",
        queue_seconds: int = 60,
        language: str = "fr",
    ) -> Message:
        """Originate as the dispatcher does (see the contexts in extensions.conf)."""
        return self.action(
            "Originate",
            variables=(
                f"__GUICHET_CALL={call}",
                f"__GUICHET_APPOINTMENT={appointment}",
                f"__GUICHET_ORGANISATION={organisation}",
                f"__GUICHET_KIOSK={kiosk}",
                f"__GUICHET_CALLER_NAME={caller_name}",
                f"__GUICHET_QUEUE_SECONDS={queue_seconds}",
                f"__GUICHET_LANGUAGE={language}",
                "PJSIP_HEADER(add,Call-Info)=<sip:guichet>;answer-after=0",
                f"PJSIP_HEADER(add,X-Guichet-Appointment)={appointment}",
                f"PJSIP_HEADER(add,X-Guichet-Language)={language}",
            ),
            ActionID=f"guichet/{call}",
            ChannelId=call,
            Channel=f"PJSIP/{kiosk}",
            Context="guichet-queue",
            Exten="start",
            Priority="1",
            Codecs=CALL_CODECS,
            Timeout=str(CALL_TIMEOUT_MS),
            CallerID=f'"{organisation}" <guichet>',
            Async="true",
        )

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def __enter__(self) -> "BareAmi":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _take(
        self, fits: Callable[[Message], bool], what: str, timeout_seconds: float
    ) -> Message:
        deadline = time.monotonic() + timeout_seconds
        for position, event in enumerate(self.events):
            if fits(event):
                return self.events.pop(position)
        while True:
            try:
                message = self._read_message(deadline)
            except TimeoutError as error:
                raise NotInTime(
                    f"event {what}: not within {timeout_seconds:g} s; heard "
                    + ", ".join(event.get("Event", "?") for event in self.events)
                ) from error
            if fits(message):
                return message
            self.events.append(message)

    def _read_message(self, deadline: float) -> Message:
        """Take the next message but answers to our own pings; raises TimeoutError."""
        while True:
            while END_OF_MESSAGE not in self._received:
                self._receive(deadline)
            head, _, self._received = self._received.partition(END_OF_MESSAGE)
            lines = head.decode(errors="replace").split("\r\n")
            message = dict(_key_and_value(line) for line in lines)
            if message.get("ActionID") != PING_ID:
                return message

    def _read_line(self) -> str:
        while b"\r\n" not in self._received:
            self._receive(time.monotonic() + ANSWER_SECONDS)
        line, _, self._received = self._received.partition(b"\r\n")
        return line.decode(errors="replace")

    def _receive(self, deadline: float) -> None:
        """Read what is there, or wait for it until the deadline and ping meanwhile.

        An event can lie in Asterisk until something wakes its connection (asterisk#2145).
        """
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("Asterisk did not say what was waited for")
            self._socket.settimeout(min(left, PING_SECONDS))
            try:
                chunk = self._socket.recv(65536)
            except TimeoutError:
                self._socket.sendall(PING)
                continue
            if not chunk:
                raise ConnectionError("Asterisk closed the manager connection")
            self._received += chunk
            return


def _key_and_value(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key, value.removeprefix(" ")


def _escape(variable: str) -> str:
    # Asterisk splits Variable at commas and takes quotes and brackets for its own; the
    # name before the first "=" may be a function with both.
    name, separator, value = variable.partition("=")
    return name + separator + "".join(f"\\{c}" if c in '\\,"()[]' else c for c in value)

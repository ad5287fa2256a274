# SPDX-License-Identifier: AGPL-3.0-or-later
"""One manager connection through panoramisk; the only module that imports it."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from panoramisk import Manager
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from booking_web.dispatcher.manager.ami import (
    AmiEvent,
    AmiRefused,
    AmiUnavailable,
    AmiValueRefused,
    Notice,
)
from booking_web.dispatcher.manager.messages import MessageReader, is_event_of

PING_EVERY_SECONDS = 1.0
PING_TIMEOUT_SECONDS = 1.5
ACTION_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 2.0
BOOT_TIMEOUT_SECONDS = 60.0

# panoramisk logs whole actions, the secret and the resident's name in them.
_silent = logging.getLogger("booking_web.dispatcher.panoramisk_silent")
_silent.disabled = True

# Headers by name; one that comes several times (Variable) is a list.
Fields = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class AmiAddress:
    """Where Asterisk's manager listens, and as whom to sign in."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        """Give the place, never the secret."""
        return f"{self.host}:{self.port}"


class Connection(Manager):
    """One connection that lives once: panoramisk's own reconnection and ping are off.

    Its reconnection would send again every action that had no answer, so that a kiosk
    could ring twice.
    """

    def __init__(
        self, address: AmiAddress, heard: asyncio.Queue[Notice] | None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(
            host=address.host,
            port=address.port,
            loop=self._loop,
            log=_silent,
            forgetable_actions=_Everything(),
            protocol_factory=_Protocol,
        )
        self._address = address
        self._heard = heard
        self._system_name = ""
        self._told_early: list[Notice] | None = []
        self._booted: asyncio.Future[datetime] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()

    async def open(self, events: str, system_name: str = "") -> datetime:
        """Connect and sign in; gives the time of Asterisk's start if events are on.

        Of the events, those that bear the system's name are passed on.
        """
        self._system_name = system_name
        async with _limit(CONNECT_TIMEOUT_SECONDS):
            await self.connect()
        await self.ask(
            {
                "Action": "Login",
                "Username": self._address.username,
                "Secret": self._address.secret,
                "Events": events,
            }
        )
        if self._heard is None:
            return datetime.now(UTC)
        # Asterisk tells FullyBooted at once after a sign-in, or when it has booted.
        async with _limit(BOOT_TIMEOUT_SECONDS):
            await _first_of(self._booted, self.lost)
        if not self._booted.done():
            raise AmiUnavailable("lost before Asterisk had booted")
        return self._booted.result()

    async def system_name(self) -> str:
        """Ask Asterisk by which name it begins its events."""
        (settings,) = await self.ask({"Action": "CoreSettings"})
        name = settings.get("SystemName", "")
        return name if isinstance(name, str) else ""

    def start_telling(self) -> None:
        """Pass events on from here, those that came since the sign-in first."""
        early, self._told_early = self._told_early, None
        if self._heard is not None:
            for event in early or []:
                self._heard.put_nowait(event)

    async def ask(self, fields: Fields, listing: bool = False) -> list[Fields]:
        """Send an action and give its messages; raises AmiUnavailable or AmiRefused."""
        _refuse_line_breaks(fields)
        if self.protocol is None or self.lost.done():
            raise AmiUnavailable("not connected")
        # Nobody can guess whose answer a message pretends to be.
        action = _Answered({"ActionID": secrets.token_hex(16), **fields})
        future = self.send_action(action, as_list=listing)
        async with _limit(ACTION_TIMEOUT_SECONDS):
            await asyncio.wait({future, self.lost}, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise AmiUnavailable("lost before the answer")
        result = future.result()
        messages: list[Message] = result if listing else [result]
        if not messages[0].success:
            raise AmiRefused(messages[0].message)
        return [dict(message.items()) for message in messages]

    async def watch(self) -> None:
        """Ping until the connection is lost."""
        while not self.lost.done():
            async with _limit(PING_TIMEOUT_SECONDS):
                await self.ask({"Action": "Ping"})
            await asyncio.wait({self.lost}, timeout=PING_EVERY_SECONDS)

    def connection_made(self, f: Any) -> None:
        """Take the connection; a failed one is told by `connect`'s own task."""
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def connection_lost(self, exc: Any) -> None:
        """Note the loss; whoever waits on this connection is freed."""
        if not self.lost.done():
            self.lost.set_result(None)

    def ping(self) -> None:
        """Leave pinging to `watch`, which minds the answer."""

    def dispatch(self, event: Message) -> None:
        """Pass an event on."""
        if event.event == "FullyBooted" and not self._booted.done():
            uptime = timedelta(seconds=int(event.uptime or 0))
            self._booted.set_result(datetime.now(UTC) - uptime)
        if self._heard is None or not is_event_of(event, self._system_name):
            return
        told = AmiEvent(
            event.event, {k: v for k, v in event.items() if isinstance(v, str)}
        )
        if self._told_early is not None:
            self._told_early.append(told)
        else:
            self._heard.put_nowait(told)

    def close(self) -> None:
        """Close; safe at any time."""
        self.connection_lost(None)
        super().close()


class _Protocol(AMIProtocol):
    """panoramisk's protocol behind a reader of our own.

    Its own takes a value's line breaks for the ends of messages, an event's ActionID for
    an answer, and an event `Shutdown`, whoever began it, for the end of the connection.
    """

    def connection_made(self, transport: Any) -> None:
        """Begin to read."""
        super().connection_made(transport)
        self._reader = MessageReader()

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        for headers in self._reader.feed(data):
            self.handle_message(Message(headers))

    def handle_message(self, message: Message) -> None:
        """Give an answer to whoever asked, and an event to the connection."""
        asked = self.responses.get(message.action_id)
        if asked is not None:
            if asked.add_message(message):
                self.responses.pop(asked.id, None)
        elif "event" in message and self.factory is not None:
            self.factory.dispatch(message)


class _Answered(Action):
    """An action whose list request ends at an error too (panoramisk waits for ever)."""

    def add_message(self, message: Message) -> bool | None:
        refused = not self.responses and "response" in message and not message.success
        if self.as_list and refused:
            self.responses.append(message)
            if not self.future.done():
                self.future.set_result(self.responses)
            return True
        done: bool | None = super().add_message(message)
        return done


class _Everything(Collection[str]):
    """Holds every name: no action may be repeated by panoramisk."""

    def __contains__(self, item: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


@asynccontextmanager
async def _limit(seconds: float) -> AsyncIterator[None]:
    """Turn a time-out of the block into AmiUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as late:
        raise AmiUnavailable("no answer in time") from late


async def _first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(set(futures), return_when=asyncio.FIRST_COMPLETED)


def _refuse_line_breaks(fields: Fields) -> None:
    for key, value in fields.items():
        for text in [value] if isinstance(value, str) else value:
            if "\r" in text or "\n" in text:
                raise AmiValueRefused(f"{key} holds a line break")

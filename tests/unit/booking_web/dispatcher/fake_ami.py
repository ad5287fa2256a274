# SPDX-License-Identifier: AGPL-3.0-or-later
"""An Asterisk that does only what a test says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from booking_web.dispatcher.manager.ami import (
    AmiError,
    AmiRefused,
    Channel,
    Notice,
    Originate,
    QueueMember,
    Registration,
)
from booking_web.dispatcher.manager.registrations import registrations_of


@dataclass
class FakeAmi:
    """The port `Ami` without an Asterisk: it notes orders and tells what it is given."""

    heard: asyncio.Queue[Notice] = field(default_factory=asyncio.Queue)
    originated: list[Originate] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    # Variables that were set, by channel, and where channels were sent.
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    redirected: list[tuple[str, str, str]] = field(default_factory=list)
    # Raised instead of sending a channel anywhere.
    refused_redirect: AmiError | None = None
    digits: list[tuple[str, str]] = field(default_factory=list)
    now_up: list[Channel] = field(default_factory=list)
    astdb: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    members: list[QueueMember] = field(default_factory=list)
    # Each pause that was ordered or ended.
    paused: list[tuple[str, str, bool, str]] = field(default_factory=list)
    # Asterisk's own texts, by the name of the registration.
    registered: dict[str, str] = field(default_factory=dict)
    # By the name of the channel.
    packets: dict[str, int] = field(default_factory=dict)
    # How often the list of channels was asked for.
    lists_given: int = 0
    # Raised by every order while it is set.
    failure: AmiError | None = None

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            yield await self.heard.get()

    async def originate(self, call: Originate) -> None:
        self.originated.append(call)
        self._fail()

    async def hang_up(self, uniqueid: str) -> None:
        self.hung_up.append(uniqueid)
        self._fail()
        self._check_up(uniqueid)

    async def set_variable(self, uniqueid: str, name: str, value: str) -> None:
        self._fail()
        self._check_up(uniqueid)
        self.variables.setdefault(uniqueid, {})[name] = value

    async def redirect(self, uniqueid: str, context: str, extension: str) -> None:
        self._fail()
        self._check_up(uniqueid)
        if self.refused_redirect is not None:
            raise self.refused_redirect
        self.redirected.append((uniqueid, context, extension))

    async def play_digit(self, channel: str, digit: str) -> None:
        self._fail()
        if channel not in {each.name for each in self.now_up}:
            raise AmiRefused("No such channel")
        self.digits.append((channel, digit))

    async def channels(self) -> list[Channel]:
        self._fail()
        self.lists_given += 1
        return list(self.now_up)

    async def packets_received(self, channel: str) -> int:
        self._fail()
        if channel not in {each.name for each in self.now_up}:
            raise AmiRefused("No such channel")
        return self.packets.get(channel, 0)

    async def remembered(self, family: str) -> dict[str, str]:
        self._fail()
        return dict(self.astdb)

    async def remembered_one(self, family: str, key: str) -> str | None:
        self._fail()
        return self.astdb.get(key)

    async def device_states(self) -> dict[str, str]:
        self._fail()
        return dict(self.devices)

    async def queue_members(self) -> list[QueueMember]:
        self._fail()
        return list(self.members)

    async def pause_member(
        self, queue: str, interface: str, is_paused: bool, reason: str
    ) -> None:
        self._fail()
        self.paused.append((queue, interface, is_paused, reason))
        place = (queue, interface)
        if place not in {(each.queue, each.interface) for each in self.members}:
            raise AmiRefused("Interface not found")
        self.members = [
            (
                replace(each, is_paused=is_paused, pause_reason=reason)
                if (each.queue, each.interface) == place
                else each
            )
            for each in self.members
        ]

    async def registrations(self, endpoint: str) -> list[Registration]:
        self._fail()
        return registrations_of(endpoint, self.registered)

    async def end_registration(self, registration: Registration) -> None:
        self._fail()
        self.registered.pop(registration.key, None)

    def _check_up(self, uniqueid: str) -> None:
        if uniqueid not in {channel.uniqueid for channel in self.now_up}:
            raise AmiRefused("No such channel")

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

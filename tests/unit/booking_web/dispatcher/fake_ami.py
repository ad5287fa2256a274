# SPDX-License-Identifier: AGPL-3.0-or-later
"""An Asterisk that does only what a test says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

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
    digits: list[tuple[str, str]] = field(default_factory=list)
    now_up: list[Channel] = field(default_factory=list)
    astdb: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    members: list[QueueMember] = field(default_factory=list)
    # Asterisk's own texts, by the name of the registration.
    registered: dict[str, str] = field(default_factory=dict)
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
        if uniqueid not in {channel.uniqueid for channel in self.now_up}:
            raise AmiRefused("No such channel")

    async def play_digit(self, channel: str, digit: str) -> None:
        self._fail()
        if channel not in {each.name for each in self.now_up}:
            raise AmiRefused("No such channel")
        self.digits.append((channel, digit))

    async def channels(self) -> list[Channel]:
        self._fail()
        self.lists_given += 1
        return list(self.now_up)

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

    async def registrations(self, endpoint: str) -> list[Registration]:
        self._fail()
        return registrations_of(endpoint, self.registered)

    async def end_registration(self, registration: Registration) -> None:
        self._fail()
        self.registered.pop(registration.key, None)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

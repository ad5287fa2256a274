# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port to Asterisk's manager interface (AMI): what the dispatcher asks and hears.

Asterisk 22, "AMI Actions" and "AMI Events". No library and no socket lives here.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class AmiError(Exception):
    """The manager interface did not do what was asked."""


class AmiUnavailable(AmiError):
    """There is no connection, or no answer in time: whether it was done is unknown."""


class AmiRefused(AmiError):
    """Asterisk answered that it will not do it."""


class AmiValueRefused(AmiError, ValueError):
    """A value holds a line break: it would inject a header of its own."""


@dataclass(frozen=True)
class Originate:
    """A call to place: `channel` is rung, then runs `context`,`extension`,1.

    `call` becomes the channel's Uniqueid. `variables` are channel variables by name
    (`__` prefix: inherited); their values may hold any character but a line break.
    """

    call: str
    channel: str
    context: str
    extension: str
    caller_id: str
    codecs: str
    timeout_ms: int
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Channel:
    """A channel that exists in Asterisk now."""

    uniqueid: str
    linkedid: str
    name: str
    is_up: bool
    application: str
    bridge: str
    variables: Mapping[str, str] = field(default_factory=dict)
    # Where the dialplan has it.
    context: str = ""
    # Whoever is called hears it ring.
    is_ringing: bool = False


@dataclass(frozen=True)
class QueueMember:
    """A counsellor's place in a queue; `status` is the number of a device state."""

    queue: str
    interface: str
    status: str
    is_paused: bool
    # What was given with the pause; empty where nothing was.
    pause_reason: str = ""


@dataclass(frozen=True)
class Registration:
    """Where an endpoint registered: Asterisk's name for it, and its end in epoch seconds."""

    key: str
    ends: str


@dataclass(frozen=True)
class AmiEvent:
    """An event, its fields by the names that Asterisk gives them."""

    name: str
    fields: Mapping[str, str]

    def get(self, key: str) -> str:
        """Give a field's value, empty where the event has none."""
        return self.fields.get(key, "")


@dataclass(frozen=True)
class Connected:
    """The connection stands and Asterisk is fully booted; events follow from here on."""

    asterisk_started_at: datetime


@dataclass(frozen=True)
class Lost:
    """The connection is gone; what happens from here on is not told."""


@dataclass(frozen=True)
class Absent:
    """Nobody listens at the manager's address (refused, not silent): Asterisk is down.

    Given once for each loss, after the address has refused for a while.
    """


Notice = AmiEvent | Connected | Lost | Absent


class Ami(Protocol):
    """Asterisk, as the dispatcher sees it. Every method may raise AmiUnavailable."""

    def notices(self) -> AsyncIterator[Notice]:
        """Give what is heard, in order, for ever; reconnects by itself."""
        ...

    async def originate(self, call: Originate) -> None:
        """Ask for the call; returns when Asterisk has taken the order, not the call.

        Raises AmiRefused when Asterisk will not even try.
        """
        ...

    async def hang_up(self, uniqueid: str) -> None:
        """Hang up the channel; raises AmiRefused where there is none."""
        ...

    async def set_variable(self, uniqueid: str, name: str, value: str) -> None:
        """Give the channel a variable; raises AmiRefused where there is no such channel."""
        ...

    async def redirect(self, uniqueid: str, context: str, extension: str) -> None:
        """Send the channel to another place of the dialplan, out of its call.

        Whom it spoke with is hung up. Raises AmiRefused where there is no such channel.
        """
        ...

    async def play_digit(self, channel: str, digit: str) -> None:
        """Send one digit into the channel of this name; takes about 100 ms.

        Raises AmiRefused where there is no such channel.
        """
        ...

    async def channels(self) -> list[Channel]:
        """List every channel with the variables of ours that tell of its call."""
        ...

    async def packets_received(self, channel: str) -> int:
        """Count what came of sound and picture from the endpoint of this channel.

        Raises AmiRefused where there is no such channel.
        """
        ...

    async def remembered(self, family: str) -> dict[str, str]:
        """Give the keys and values of a family of Asterisk's own database."""
        ...

    async def remembered_one(self, family: str, key: str) -> str | None:
        """Give one value of Asterisk's own database; None where there is none."""
        ...

    async def device_states(self) -> dict[str, str]:
        """Give the state of each device that was ever there: PJSIP/x, NOT_INUSE."""
        ...

    async def queue_members(self) -> list[QueueMember]:
        """List the members of every queue."""
        ...

    async def pause_member(
        self, queue: str, interface: str, is_paused: bool, reason: str
    ) -> None:
        """Have the queue ring this member no more, or again; the reason goes with a pause.

        Raises AmiRefused where the queue has no such member.
        """
        ...

    async def registrations(self, endpoint: str) -> list[Registration]:
        """List where the endpoint is registered."""
        ...

    async def end_registration(self, registration: Registration) -> None:
        """Have Asterisk forget it, as if it had run out; it is gone within a second."""
        ...

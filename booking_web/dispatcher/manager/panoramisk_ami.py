# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager interface of a real Asterisk, kept connected.

Two connections: one hears events and is pinged every second, because AMI events can be
delayed by seconds on a silent connection (asterisk#2145) and because a peer that died
without a FIN is noticed in no other way; the other carries the actions, so that an action
that blocks its connection never delays an event.
"""

import asyncio
from collections.abc import AsyncIterator

import structlog

from booking_web.dispatcher.manager.ami import (
    Absent,
    AmiRefused,
    AmiUnavailable,
    Channel,
    Connected,
    Lost,
    Notice,
    Originate,
    QueueMember,
    Registration,
)
from booking_web.dispatcher.manager.panoramisk_connection import (
    AmiAddress,
    Connection,
    Fields,
)
from booking_web.dispatcher.manager.registrations import (
    REGISTRATIONS,
    registrations_of,
)

logger = structlog.get_logger(__name__)

EVENT_CLASSES = "system,call,agent,user"
NO_EVENTS = "off"
END_REGISTRATION = "Local/end@guichet-registrations"
CALL_VARIABLES = "GUICHET_CALL,GUICHET_APPOINTMENT,GUICHET_HANDOVER,GUICHET_KEPT_FOR"
RETRY_SECONDS = 0.5
ABSENT_AFTER_SECONDS = 2.0
_CHANNEL_RINGING, _CHANNEL_UP = "5", "6"


class PanoramiskAmi:
    """The port `Ami` on a real Asterisk; connects while `notices` is being read."""

    def __init__(self, address: AmiAddress) -> None:
        self._address = address
        self._actions: Connection | None = None
        # PlayDTMF blocks its connection while the digit sounds: no call waits for it.
        self._digits: Connection | None = None

    async def notices(self) -> AsyncIterator[Notice]:
        """Give what is heard, in order; reconnects for ever."""
        heard: asyncio.Queue[Notice] = asyncio.Queue()
        supervisor = asyncio.create_task(self._supervise(heard))
        try:
            while True:
                getting = asyncio.create_task(heard.get())
                await asyncio.wait(
                    {getting, supervisor}, return_when=asyncio.FIRST_COMPLETED
                )
                if not getting.done():
                    getting.cancel()
                    supervisor.result()
                    raise AmiUnavailable("the supervision of AMI ended")
                yield getting.result()
        finally:
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)

    async def originate(self, call: Originate) -> None:
        """Order the call (see the port)."""
        channel = await self._at_its_contact(call.channel)
        await self._ask(
            {
                "Action": "Originate",
                "ActionID": f"guichet/{call.call}",
                "ChannelId": call.call,
                "Channel": channel,
                "Context": call.context,
                "Exten": call.extension,
                "Priority": "1",
                "CallerID": call.caller_id,
                "Codecs": call.codecs,
                "Timeout": str(call.timeout_ms),
                "Variable": [
                    f"{name}={_escape_variable(value)}"
                    for name, value in call.variables.items()
                ],
                # Without this key a success kills panoramisk's reader (its #90, #97).
                "Async": "true",
            }
        )

    async def hang_up(self, uniqueid: str) -> None:
        """Hang up the channel (see the port); AMI takes a Uniqueid for its name."""
        await self._ask({"Action": "Hangup", "Channel": uniqueid, "Cause": "16"})

    async def set_variable(self, uniqueid: str, name: str, value: str) -> None:
        """Set it (see the port): the value is taken as it is, up to the line's end."""
        await self._ask(
            {
                "Action": "Setvar",
                "Channel": uniqueid,
                "Variable": name,
                "Value": value,
            }
        )

    async def redirect(self, uniqueid: str, context: str, extension: str) -> None:
        """Send the channel elsewhere (see the port)."""
        await self._ask(
            {
                "Action": "Redirect",
                "Channel": uniqueid,
                "Context": context,
                "Exten": extension,
                "Priority": "1",
            }
        )

    async def play_digit(self, channel: str, digit: str) -> None:
        """Send one digit (see the port)."""
        if self._digits is None:
            raise AmiUnavailable("not connected")
        await self._digits.ask(
            {"Action": "PlayDTMF", "Channel": channel, "Digit": digit}
        )

    async def channels(self) -> list[Channel]:
        """List the channels (see the port)."""
        replies = await self._ask(
            {"Action": "Status", "Variables": CALL_VARIABLES}, listing=True
        )
        return [_channel(r) for r in replies if r.get("Event") == "Status"]

    async def packets_received(self, channel: str) -> int:
        """Count the packets of both streams (see the port)."""
        count = 0
        for kind in ("audio", "video"):
            asked = f"CHANNEL(rtcp,rxcount,{kind})"
            (reply,) = await self._ask(
                {"Action": "Getvar", "Channel": channel, "Variable": asked}
            )
            value = _text(reply, "Value")
            count += int(value) if value.isascii() and value.isdigit() else 0
        return count

    async def remembered(self, family: str) -> dict[str, str]:
        """Give a family of the astdb (see the port); an empty one is an AMI error."""
        try:
            replies = await self._ask(
                {"Action": "DBGetTree", "Family": family}, listing=True
            )
        except AmiRefused:
            return {}
        return {
            _text(r, "Key").removeprefix(f"/{family}/"): _text(r, "Val")
            for r in replies
            if r.get("Event") == "DBGetTreeResponse"
        }

    async def remembered_one(self, family: str, key: str) -> str | None:
        """Give one value of the astdb (see the port)."""
        try:
            replies = await self._ask(
                {"Action": "DBGet", "Family": family, "Key": key}, listing=True
            )
        except AmiRefused:
            return None
        found = (r for r in replies if r.get("Event") == "DBGetResponse")
        return next((_text(r, "Val") for r in found), None)

    async def device_states(self) -> dict[str, str]:
        """List the devices (see the port)."""
        replies = await self._ask({"Action": "DeviceStateList"}, listing=True)
        return {
            _text(r, "Device"): _text(r, "State")
            for r in replies
            if r.get("Event") == "DeviceStateChange"
        }

    async def queue_members(self) -> list[QueueMember]:
        """List the queues' members (see the port)."""
        replies = await self._ask({"Action": "QueueStatus"}, listing=True)
        return [
            QueueMember(
                queue=_text(r, "Queue"),
                interface=_text(r, "Location"),
                status=_text(r, "Status"),
                is_paused=_text(r, "Paused") == "1",
                pause_reason=_text(r, "PausedReason"),
            )
            for r in replies
            if r.get("Event") == "QueueMember"
        ]

    async def pause_member(
        self, queue: str, interface: str, is_paused: bool, reason: str
    ) -> None:
        """Pause a member, or end its pause (see the port)."""
        await self._ask(
            {
                "Action": "QueuePause",
                "Queue": queue,
                "Interface": interface,
                "Paused": "true" if is_paused else "false",
                "Reason": reason,
            }
        )

    async def registrations(self, endpoint: str) -> list[Registration]:
        """List where the endpoint is registered (see the port)."""
        return registrations_of(endpoint, await self.remembered(REGISTRATIONS))

    async def end_registration(self, registration: Registration) -> None:
        """End it (see the port): the dialplan writes what AMI alone may not."""
        await self._ask(
            {
                "Action": "Originate",
                "Channel": END_REGISTRATION,
                "Application": "NoOp",
                "Variable": [
                    f"GUICHET_REGISTRATION={registration.key}",
                    f"GUICHET_REGISTRATION_ENDS={registration.ends}",
                ],
                "Async": "true",
            }
        )

    async def _at_its_contact(self, channel: str) -> str:
        """Give the channel of the endpoint's one contact, which was looked at.

        `maddr` (RFC 3261, 19.1.1) would lead elsewhere, as in `guichet-own-address` of the
        dialplan, which Asterisk runs for no call of AMI that is asynchronous.
        """
        endpoint = channel.removeprefix("PJSIP/")
        asked = f"PJSIP_DIAL_CONTACTS({endpoint})"
        (reply,) = await self._ask({"Action": "Getvar", "Variable": asked})
        contact = _text(reply, "Value")
        if "maddr" in contact:
            raise AmiRefused(f"the contact of {endpoint} leads elsewhere")
        # Nowhere registered: Asterisk says so in its events.
        return contact or channel

    async def _ask(self, fields: Fields, listing: bool = False) -> list[Fields]:
        if self._actions is None:
            raise AmiUnavailable("not connected")
        return await self._actions.ask(fields, listing)

    async def _supervise(self, heard: asyncio.Queue[Notice]) -> None:
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        absence_told = False
        while True:
            listener = Connection(self._address, heard)
            actions = Connection(self._address, None)
            digits = Connection(self._address, None)
            try:
                await actions.open(NO_EVENTS)
                system_name = await actions.system_name()
                started_at = await listener.open(EVENT_CLASSES, system_name)
                await digits.open(NO_EVENTS)
                self._actions, self._digits = actions, digits
                heard.put_nowait(Connected(started_at))
                listener.start_telling()
                logger.info("ami connected", address=str(self._address))
                await _first_loss(listener, actions, digits)
                logger.warning("ami lost", address=str(self._address))
                lost_at, absence_told = loop.time(), False
                heard.put_nowait(Lost())
            except AmiRefused:
                logger.error("ami refused the sign-in", address=str(self._address))
            except ConnectionRefusedError:
                if not absence_told and loop.time() - lost_at > ABSENT_AFTER_SECONDS:
                    absence_told = True
                    logger.error("asterisk absent", address=str(self._address))
                    heard.put_nowait(Absent())
            except (AmiUnavailable, OSError) as error:
                logger.debug("ami not reached", error=type(error).__name__)
            finally:
                self._actions = self._digits = None
                listener.close()
                actions.close()
                digits.close()
            await asyncio.sleep(RETRY_SECONDS)


async def _first_loss(*connections: Connection) -> None:
    watches = {asyncio.create_task(c.watch()) for c in connections}
    try:
        await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


def _escape_variable(value: str) -> str:
    # manager.c splits Variable at commas with AST_STANDARD_APP_ARGS, which also takes
    # quotes, brackets and backslashes for its own.
    return "".join(f"\\{c}" if c in '\\,"()[]' else c for c in value)


def _channel(reply: Fields) -> Channel:
    pairs = reply.get("Variable", [])
    return Channel(
        uniqueid=_text(reply, "Uniqueid"),
        linkedid=_text(reply, "Linkedid"),
        name=_text(reply, "Channel"),
        is_up=_text(reply, "ChannelState") == _CHANNEL_UP,
        application=_text(reply, "Application"),
        bridge=_text(reply, "BridgeID"),
        variables=dict(
            pair.split("=", 1)
            for pair in ([pairs] if isinstance(pairs, str) else pairs)
            if "=" in pair
        ),
        context=_text(reply, "Context"),
        is_ringing=_text(reply, "ChannelState") == _CHANNEL_RINGING,
    )


def _text(reply: Fields, key: str) -> str:
    value = reply.get(key, "")
    return value if isinstance(value, str) else ""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Believes an event only where Asterisk's own list of channels agrees. Pure.

The list is asked for after the event was heard, so a true event shows in it: a channel
that was made is there, one that was hung up is not. What has changed again since then is
not believed either; the comparison of all calls makes up for it.
"""

from collections.abc import Callable, Iterable, Mapping

from booking_web.dispatcher.following.call_events import (
    CHANNEL_UP,
    endpoint_of,
    root_of,
)
from booking_web.dispatcher.manager.ami import AmiEvent, Channel

_Channels = Mapping[str, Channel]


def is_confirmed(event: AmiEvent, channels: Iterable[Channel]) -> bool:
    """Tell whether the channels bear the event out."""
    agrees = _AGREEMENTS.get(event.name)
    return agrees is not None and agrees(event, {c.uniqueid: c for c in channels})


def _was_not_placed(event: AmiEvent, channels: _Channels) -> bool:
    return event.get("Response") != "Failure" or root_of(event) not in channels


def _is_there(event: AmiEvent, channels: _Channels) -> bool:
    return event.get("Uniqueid") in channels


def _is_in_state(event: AmiEvent, channels: _Channels) -> bool:
    channel = channels.get(event.get("Uniqueid"))
    is_said_up = event.get("ChannelState") == CHANNEL_UP
    return channel is not None and (channel.is_up or not is_said_up)


def _is_direct_call(event: AmiEvent, channels: _Channels) -> bool:
    # The dialplan alone sets the call's name, on the channel of whoever dialled.
    channel = channels.get(event.get("Uniqueid"))
    return (
        channel is not None
        and channel.variables.get("GUICHET_CALL") == event.get("Call")
        and endpoint_of(channel.name) == event.get("Counsellor")
    )


def _was_answered_or_not(event: AmiEvent, channels: _Channels) -> bool:
    called = channels.get(event.get("DestUniqueid"))
    is_up = called is not None and called.is_up
    return is_up == (event.get("DialStatus") == "ANSWER")


def _waits(event: AmiEvent, channels: _Channels) -> bool:
    root = root_of(event)
    kiosk = channels.get(root)
    return (
        kiosk is not None
        and kiosk.is_up
        and kiosk.variables.get("GUICHET_CALL") == root
    )


def _has_counsellor(event: AmiEvent, channels: _Channels) -> bool:
    root = root_of(event)
    counsellor = event.get("Interface").partition("/")[2]
    return _waits(event, channels) and any(
        mate.linkedid == root and mate.is_up and endpoint_of(mate.name) == counsellor
        for mate in channels.values()
        if mate.uniqueid != root
    )


def _is_gone(event: AmiEvent, channels: _Channels) -> bool:
    return event.get("Uniqueid") not in channels


_AGREEMENTS: dict[str, Callable[[AmiEvent, _Channels], bool]] = {
    "OriginateResponse": _was_not_placed,
    "Newchannel": _is_there,
    "Newstate": _is_in_state,
    "UserEvent": _is_direct_call,
    "DialEnd": _was_answered_or_not,
    "QueueCallerJoin": _waits,
    "AgentConnect": _has_counsellor,
    "Hangup": _is_gone,
}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Believes an event only where Asterisk's own list of channels agrees. Pure.

The list is asked for after the event was heard, so a true event shows in it: a channel
that was made is there, one that was hung up is not. What has changed again since then is
not believed either; the comparison of all calls makes up for it.
"""

from collections.abc import Callable, Iterable, Mapping

from booking_web.dispatcher.following.call_events import (
    CHANNEL_UP,
    DIALLING_CONTEXTS,
    HANDOVER_EVENT,
    KEPT_CONTEXT,
    KEPT_EVENT,
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


def _was_told_by_the_dialplan(event: AmiEvent, channels: _Channels) -> bool:
    kiosk = channels.get(root_of(event))
    if event.get("UserEvent") == KEPT_EVENT:
        return kiosk is not None and kiosk.context == KEPT_CONTEXT
    if event.get("UserEvent") != HANDOVER_EVENT:
        return _is_direct_call(event, channels)
    # The dialplan alone says on the kiosk's channel which hand-over it is in.
    number, separator, _ = (
        kiosk.variables.get("GUICHET_HANDOVER", "") if kiosk is not None else ""
    ).partition(":")
    is_in_it = bool(separator) and number == event.get("Handover")
    return _waits(event, channels) and is_in_it


def _is_direct_call(event: AmiEvent, channels: _Channels) -> bool:
    # The dialplan alone sets the call's name, on the channel of whoever dialled.
    channel = channels.get(event.get("Uniqueid"))
    return (
        channel is not None
        and channel.variables.get("GUICHET_CALL") == event.get("Call")
        and endpoint_of(channel.name) == event.get("Counsellor")
    )


def _was_answered_or_not(event: AmiEvent, channels: _Channels) -> bool:
    is_answer = event.get("DialStatus") == "ANSWER"
    if event.get("Context") in DIALLING_CONTEXTS and is_answer:
        return _is_with(endpoint_of(event.get("DestChannel")), event, channels)
    called = channels.get(event.get("DestUniqueid"))
    is_up = called is not None and called.is_up
    return is_up == is_answer


def _waits(event: AmiEvent, channels: _Channels) -> bool:
    root = root_of(event)
    kiosk = channels.get(root)
    return (
        kiosk is not None
        and kiosk.is_up
        and kiosk.variables.get("GUICHET_CALL") == root
    )


def _has_counsellor(event: AmiEvent, channels: _Channels) -> bool:
    return _is_with(event.get("Interface").partition("/")[2], event, channels)


def _is_with(counsellor: str, event: AmiEvent, channels: _Channels) -> bool:
    root = root_of(event)
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
    "UserEvent": _was_told_by_the_dialplan,
    "DialEnd": _was_answered_or_not,
    "QueueCallerJoin": _waits,
    "AgentConnect": _has_counsellor,
    "Hangup": _is_gone,
}

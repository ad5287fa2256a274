# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns what Asterisk says of devices and queue members into presence. Pure.

A kiosk is told by its device (`DeviceStateChange`), a counsellor by their place in their
organisation's queue, which also knows of pauses (`QueueMemberStatus` and its kin).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booking_web.dispatcher.manager.ami import AmiEvent, QueueMember
from booking_web.tables.presence import Presence

_TECHNOLOGY = "PJSIP/"
_P = Presence

# Asterisk's include/asterisk/devicestate.h; RINGING is about to be a call.
_OF_DEVICE = {
    "NOT_INUSE": _P.READY,
    "INUSE": _P.IN_CALL,
    "BUSY": _P.IN_CALL,
    "RINGING": _P.IN_CALL,
    "RINGINUSE": _P.IN_CALL,
    "ONHOLD": _P.IN_CALL,
}
# The same states by number, as a queue gives them.
_OF_MEMBER = {
    "1": _P.READY,
    "2": _P.IN_CALL,
    "3": _P.IN_CALL,
    "6": _P.IN_CALL,
    "7": _P.IN_CALL,
    "8": _P.IN_CALL,
}
_MEMBER_EVENTS = {"QueueMemberStatus", "QueueMemberPause", "QueueMemberAdded"}


@dataclass(frozen=True)
class Seen:
    """An endpoint is so; `queue` is where it is a member, empty for the device itself."""

    endpoint: str
    state: Presence
    queue: str = ""


def seen_in(event: AmiEvent) -> Seen | None:
    """Give what the event tells of an endpoint's presence, if anything."""
    if event.name == "DeviceStateChange":
        return _device_seen(event.get("Device"), event.get("State"))
    if event.name == "QueueMemberRemoved":
        endpoint = event.get("Interface").removeprefix(_TECHNOLOGY)
        return Seen(endpoint, _P.OFFLINE, event.get("Queue"))
    if event.name in _MEMBER_EVENTS:
        return _member_seen(
            QueueMember(
                queue=event.get("Queue"),
                interface=event.get("Interface"),
                status=event.get("Status"),
                is_paused=event.get("Paused") == "1",
            )
        )
    return None


def seen_in_lists(
    devices: Mapping[str, str], members: Iterable[QueueMember]
) -> list[Seen]:
    """Give what Asterisk's own lists tell; whoever is in neither is not there."""
    told = [_device_seen(device, state) for device, state in devices.items()]
    return [seen for seen in told if seen] + [_member_seen(each) for each in members]


def _device_seen(device: str, state: str) -> Seen | None:
    if not device.startswith(_TECHNOLOGY):
        return None
    endpoint = device.removeprefix(_TECHNOLOGY)
    return Seen(endpoint, _OF_DEVICE.get(state, _P.OFFLINE))


def _member_seen(member: QueueMember) -> Seen:
    state = _OF_MEMBER.get(member.status, _P.OFFLINE)
    if state is _P.READY and member.is_paused:
        state = _P.PAUSED
    return Seen(member.interface.removeprefix(_TECHNOLOGY), state, member.queue)

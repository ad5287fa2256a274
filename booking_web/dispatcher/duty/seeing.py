# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads Asterisk's lists and events for what concerns the duty of counsellors. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking_web.dispatcher.manager.ami import AmiEvent, Channel, QueueMember
from booking_web.dispatcher.returning.pages_in_call import is_kept
from booking_web.domain.duty.standing import Held, Seen

_TECHNOLOGY = "PJSIP/"
# After these the lists may be others; nothing is taken from the events themselves.
_OF_MEMBERS = frozenset(
    {"QueueMemberPause", "QueueMemberAdded", "AgentConnect", "AgentComplete"}
)
_OF_CHANNELS = frozenset({"BridgeEnter", "BridgeLeave", "Hangup"})


@dataclass(frozen=True)
class MissedRing:
    """A counsellor's telephone rang for the queue, and nobody picked up."""

    queue: str
    endpoint: str
    channel: str


def calls_for_a_look(event: AmiEvent) -> bool:
    """Tell whether what Asterisk holds of a counsellor may have changed."""
    if event.name in _OF_MEMBERS:
        return True
    # A kiosk's own channels change too often to look each time.
    return event.name in _OF_CHANNELS and event.get("Channel").startswith(
        f"{_TECHNOLOGY}counsellor-"
    )


def missed_ring_in(event: AmiEvent) -> MissedRing | None:
    """Give the ring that nobody picked up, if the event tells of one."""
    if event.name != "AgentRingNoAnswer":
        return None
    return MissedRing(
        event.get("Queue"),
        event.get("Interface").removeprefix(_TECHNOLOGY),
        event.get("DestUniqueid"),
    )


def endpoints_in_call(channels: Iterable[Channel]) -> set[str]:
    """Name the endpoints that speak in a call of ours: who listens to a prompt does not.

    Whose call is kept until their page is back is still in it.
    """
    ours = [c for c in channels if c.is_up and c.variables.get("GUICHET_CALL")]
    # PJSIP/<endpoint>-<eight hexadecimal digits>
    speaking = {c.name.rpartition("-")[0] for c in ours if c.bridge}
    kept = {c.variables.get("GUICHET_KEPT_FOR", "") for c in ours if is_kept(c)}
    return {name.removeprefix(_TECHNOLOGY) for name in speaking} | kept - {""}


def seen_in(
    members: Iterable[QueueMember],
    channels: Iterable[Channel],
    asked_at: datetime,
    asterisk_started_at: datetime,
) -> dict[tuple[str, str], Seen]:
    """Give what the lists tell of each member, by queue and endpoint."""
    in_call = endpoints_in_call(channels)
    found = {}
    for member in members:
        endpoint = member.interface.removeprefix(_TECHNOLOGY)
        word = member.pause_reason if member.is_paused else ""
        found[member.queue, endpoint] = Seen(
            Held(member.is_paused, word),
            endpoint in in_call,
            asked_at,
            asterisk_started_at,
        )
    return found

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which calls have a page at their counsellor's end, and since when nothing comes from it. Pure.

A page whose WebSocket is cut goes on speaking and being seen; one that was closed, reloaded
or that crashed sends nothing more. What it sends tells the two apart, not its registration.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from booking_web.dispatcher.call_id import CallId
from booking_web.dispatcher.following.call_events import KEPT_CONTEXT, endpoint_of
from booking_web.dispatcher.following.reconciliation import calls_of
from booking_web.dispatcher.manager.ami import AmiEvent, Channel

# A page sends fifty packets of sound a second, also while it is silent or keeps a resident waiting.
GONE_AFTER_SECONDS = 0.6
# Of one that is still registered nothing is known but its silence; a kiosk gives up after 8 s.
LOST_AFTER_SECONDS = 4.0


@dataclass(frozen=True)
class PageInCall:
    """A call of two, the counsellor's end of which is a page."""

    call: CallId
    counsellor: str
    # The name of the counsellor's channel.
    channel: str


def pages_in_call(
    channels: Sequence[Channel], pages: Collection[str]
) -> list[PageInCall]:
    """Give the calls in which one of these endpoints speaks with a kiosk, and nobody else."""
    found = []
    for call, mates in calls_of(channels).items():
        kiosk = next(mate for mate in mates if mate.uniqueid == call.root)
        # In a conference whoever is left goes on; a call of the counsellor's own has no page.
        others = [c for c in channels if kiosk.bridge and c.bridge == kiosk.bridge]
        if call.is_direct or len(others) != 2:
            continue
        (mate,) = (c for c in others if c != kiosk)
        endpoint = endpoint_of(mate.name)
        if endpoint in pages:
            found.append(PageInCall(call, endpoint, mate.name))
    return found


def kept_calls(channels: Sequence[Channel]) -> dict[str, str]:
    """Give the counsellor for whom each kept call waits, by the call's name."""
    return {
        call.text: kiosk.variables.get("GUICHET_KEPT_FOR", "")
        for call, mates in calls_of(channels).items()
        for kiosk in mates
        if kiosk.uniqueid == call.root and is_kept(kiosk)
    }


def is_kept(kiosk: Channel) -> bool:
    """Tell whether this channel waits for its counsellor's page."""
    return kiosk.context == KEPT_CONTEXT and not kiosk.bridge


def gone_in(event: AmiEvent) -> str:
    """Give the endpoint of a registration that the event tells to be gone; else nothing."""
    is_gone = event.name == "ContactStatus" and event.get("ContactStatus") == "Removed"
    return event.get("EndpointName") if is_gone else ""


class Silences:
    """Since when nothing came from each channel; times are of one clock, in seconds."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[int, float]] = {}

    def see(self, channel: str, packets: int, now: float) -> float:
        """Take a count in; give for how long it has been the same."""
        before, since = self._heard.get(channel, (None, now))
        if packets != before:
            since = now
        self._heard[channel] = packets, since
        return now - since

    def keep_only(self, channels: Iterable[str]) -> None:
        """Forget the others, which are gone."""
        self._heard = {c: self._heard[c] for c in channels if c in self._heard}

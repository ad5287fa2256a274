# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where an interpreter's call stands, read off Asterisk's list of channels. Pure.

Nothing is built on single events: whatever is heard of such a call makes the dispatcher look
at the list, and so does a dispatcher that was restarted. What the list shows is so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking_web.dispatcher.following.call_events import endpoint_of
from booking_web.dispatcher.interpreting.orders import id_in
from booking_web.dispatcher.manager.ami import Channel
from booking_web.tables.interpreters import WhyNobody

# It is committed before Asterisk hears of it: one this young may still be on its way.
GRACE = timedelta(seconds=2)
# Asterisk's own memory of the last telephone outside that each kiosk called.
TELEPHONES = "guichet-telephone"
# Whatever else Dial says: nobody's telephone rang.
_WHY = {"BUSY": WhyNobody.BUSY, "NOANSWER": WhyNobody.NO_ANSWER}


class Standing(StrEnum):
    """What is true of an interpreter's call now."""

    # Asterisk was told a moment ago, or the kiosk rings.
    COMING = "coming"
    # The kiosk has taken it; the interpreters' telephones ring.
    TAKEN = "taken"
    HERE = "here"
    OVER = "over"


@dataclass(frozen=True)
class Seen:
    """A call as the channels show it; `interpreter` is the telephone that answered."""

    standing: Standing
    interpreter: str = ""
    # One that was called outside rings.
    is_ringing: bool = False


def calls_seen(channels: Iterable[Channel]) -> dict[int, Seen]:
    """Give the interpreters' calls whose first channel exists, by their number."""
    listed = list(channels)
    found = {}
    for first in listed:
        number = id_in(first.uniqueid)
        if number is not None and first.variables.get("GUICHET_CALL") == first.uniqueid:
            mates = [c for c in listed if c.linkedid == first.uniqueid and c != first]
            found[number] = _seen(first, mates)
    return found


def _seen(first: Channel, mates: list[Channel]) -> Seen:
    answered = next((mate for mate in mates if mate.is_up), None)
    if first.is_up and answered is not None:
        return Seen(Standing.HERE, endpoint_of(answered.name))
    rings = any(mate.is_ringing for mate in mates)
    return Seen(Standing.TAKEN if first.is_up else Standing.COMING, is_ringing=rings)


def standing_of(
    number: int, placed_at: datetime | None, seen: Mapping[int, Seen], now: datetime
) -> Seen:
    """Tell where one call stands, of which the channels were seen just now."""
    if number in seen:
        return seen[number]
    is_young = placed_at is None or now - placed_at < GRACE
    return Seen(Standing.COMING if is_young else Standing.OVER)


def why_nobody(call: str, said: str | None) -> WhyNobody | None:
    """Read what the dialplan noted of a telephone outside that was called in this call.

    None where it noted nothing of it: `<call>|<DIALSTATUS>` of another call stands there.
    """
    noted, _, status = (said or "").partition("|")
    if noted != call or not status:
        return None
    return _WHY.get(status, WhyNobody.NOT_CONNECTED)

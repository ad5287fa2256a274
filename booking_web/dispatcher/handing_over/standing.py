# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a hand-over stands, read off Asterisk's list of channels and its memory. Pure.

The dialplan writes on the kiosk's channel, and into Asterisk's own database, which hand-over
it is in and at which step: `17:colleague`, then `17:back` and `17:own` where the colleague did
not take it; `17:queue` for another organisation's queue. Once answered the memory has
`17:queue:answered`. Nothing is built on single events.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking_web.dispatcher.following.call_events import endpoint_of
from booking_web.dispatcher.manager.ami import Channel

FAMILY = "guichet-handover"
# It is committed before Asterisk hears of it: one this young may still be on its way.
GRACE = timedelta(seconds=2)
_BACK = frozenset({"back", "own"})
_ANSWERED = "answered"


class Standing(StrEnum):
    """What is true of a hand-over now."""

    # Asterisk was told a moment ago.
    COMING = "coming"
    # The kiosk was never sent.
    NOT_SENT = "not_sent"
    RINGING = "ringing"
    RETURNING = "returning"
    TAKEN = "taken"
    # Somebody of those whom it came back to.
    TAKEN_BACK = "taken_back"
    # The call is over, and nobody had taken it.
    OVER = "over"


@dataclass(frozen=True)
class Seen:
    """How it stands; `counsellor` is the telephone that answered, where that is known.

    `is_up`: its call goes on, with that counsellor or with none yet.
    """

    standing: Standing
    counsellor: str = ""
    is_up: bool = False


def standing_of(
    number: int,
    call: str,
    began_at: datetime,
    channels: Iterable[Channel],
    remembered: str | None,
    now: datetime,
) -> Seen:
    """Tell where a hand-over stands, of which the channels were listed just now.

    `remembered` is what Asterisk's memory has of the kiosk.
    """
    listed = list(channels)
    first = next((each for each in listed if each.uniqueid == call), None)
    if first is None:
        return Seen(_as_remembered(number, remembered))
    at = _step(number, first.variables.get("GUICHET_HANDOVER", ""))
    if at is None:
        is_young = now - began_at < GRACE
        return Seen(Standing.COMING if is_young else Standing.NOT_SENT)
    mate = next(
        (
            each
            for each in listed
            if each is not first and first.bridge and each.bridge == first.bridge
        ),
        None,
    )
    is_back = at[0] in _BACK
    if mate is None:
        rings = Standing.RETURNING if is_back else Standing.RINGING
        return Seen(rings, is_up=True)
    answered = Standing.TAKEN_BACK if is_back else Standing.TAKEN
    return Seen(answered, endpoint_of(mate.name), is_up=True)


def _as_remembered(number: int, remembered: str | None) -> Standing:
    at = _step(number, remembered or "")
    if at is None:
        return Standing.NOT_SENT
    if at[-1] != _ANSWERED:
        return Standing.OVER
    return Standing.TAKEN_BACK if at[0] in _BACK else Standing.TAKEN


def _step(number: int, text: str) -> list[str] | None:
    name, *steps = text.split(":")
    return steps if steps and name == str(number) else None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Asterisk is told to hand a call over. Pure.

The kiosk's channel is given variables, then sent to a context of its own, which uses them:
what is told of them and is not sent changes nothing of the call that goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from booking_web.dispatcher.placing.originating import caller_name, on_one_line

CONTEXT = "guichet-handover"
EXTENSION = "start"
_NAME_SHOWN = 40


@dataclass(frozen=True)
class HandoverOrder:
    """A hand-over that was committed, and all that Asterisk needs of it."""

    id: int
    appointment_id: int
    call: str
    resident_name: str = field(repr=False)
    reason: str = field(repr=False)
    relay_name: str
    first: str
    # How the other telephone names who hands over.
    first_name: str
    # A telephone, or empty where it is for the queue of `organisation`.
    colleague: str
    organisation: str
    queue_seconds: int


def variables_of(order: HandoverOrder) -> Mapping[str, str]:
    """Give the variables of the kiosk's channel, by name."""
    who = caller_name(order.resident_name, order.relay_name, order.reason)
    by = on_one_line(order.first_name, _NAME_SHOWN)
    return {
        "GUICHET_NEXT": str(order.id),
        "GUICHET_NEXT_FIRST": order.first,
        "GUICHET_NEXT_COLLEAGUE": order.colleague,
        "GUICHET_NEXT_ORGANISATION": order.organisation,
        "GUICHET_NEXT_QUEUE_SECONDS": str(order.queue_seconds),
        "GUICHET_NEXT_NAME": f"{who} - transmis par {by}",
    }

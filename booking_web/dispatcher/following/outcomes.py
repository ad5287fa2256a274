# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Asterisk itself remembers of a kiosk's last call, and what that means.

The dialplan writes `guichet/<kiosk>` = `<call>|<outcome>` in Asterisk's own database, so
that a dispatcher that was away learns how a call ended.
"""

from dataclasses import dataclass

from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import AppointmentState

FAMILY = "guichet"


@dataclass(frozen=True)
class Ending:
    """How a call ended: the appointment's state and why."""

    state: AppointmentState
    reason: str = ""


ENDINGS: dict[str, Ending] = {
    "done": Ending(AppointmentState.DONE),
    "abandoned": Ending(AppointmentState.ABANDONED, Reason.QUEUE_TIMEOUT),
    # It stood, and ended by another cause than a hang-up (no media, no answer).
    "broken": Ending(AppointmentState.INTERRUPTED, Reason.CALL_BROKEN),
    "left": Ending(AppointmentState.INTERRUPTED, Reason.RESIDENT_LEFT),
}
# The call was going on when this was written: whoever reads it once the channel is gone
# knows that Asterisk died with it.
GOING_ON = frozenset({"calling", "queued", "in_call", "kept"})


def outcome_of(call: str, remembered: str | None) -> str | None:
    """Give the remembered outcome if it is this call's, else None."""
    name, separator, outcome = (remembered or "").partition("|")
    return outcome if separator and name == call else None

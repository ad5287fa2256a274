# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's devices want told to the resident, one code each, and how long it counts.

The bridge knows the same codes (`device_bridge.call.cues`); which scene each of them
becomes stands in `scenes`. Pure.
"""

from datetime import timedelta
from enum import StrEnum


class Cue(StrEnum):
    """What the resident is told about the devices beside them."""

    NONE = ""
    PRINTING = "printing"
    TAKE_PRINT = "take_print"
    PLACE_DOCUMENT = "place_document"
    PLACE_CARD = "place_card"
    LOAD_FEEDER = "load_feeder"
    SCANNING = "scanning"
    TURN_CARD = "turn_card"
    # The page that lay on the glass is empty: it was laid down face up.
    TURN_PAPER = "turn_paper"
    # What was scanned is legible; or blurred, and to be laid down once more.
    SCAN_GOOD = "scan_good"
    SCAN_AGAIN = "scan_again"
    TAKE_DOCUMENT = "take_document"
    PROBLEM = "problem"


# Long enough to read it and to do it. What a device does lasts until the kiosk tells
# otherwise; the limit is for a kiosk that was switched off meanwhile.
_LASTS = {
    Cue.TAKE_PRINT: timedelta(seconds=30),
    Cue.TAKE_DOCUMENT: timedelta(seconds=30),
    Cue.SCAN_GOOD: timedelta(seconds=30),
    Cue.SCAN_AGAIN: timedelta(minutes=1),
    Cue.TURN_PAPER: timedelta(minutes=1),
    Cue.PROBLEM: timedelta(minutes=1),
}
_LASTS_AT_MOST = timedelta(minutes=15)


def cue_lasts(cue: Cue) -> timedelta:
    """Give how long a cue counts unless the kiosk tells another."""
    return _LASTS.get(cue, _LASTS_AT_MOST)

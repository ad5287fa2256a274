# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the resident is told, one code per cue: a sentence, a picture, a recording each.

Standard library alone: the telephone knows these codes too. Pure.
"""

from enum import StrEnum


class Cue(StrEnum):
    """A cue; the server shows it under this code, the kiosk speaks it."""

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


# With these the resident sees the page that the device is at.
COUNTED = frozenset({Cue.PRINTING, Cue.SCANNING})

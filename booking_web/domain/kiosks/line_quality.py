# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk may tell of the line of its call, where something is wrong with it.

The kiosk's telephone judges (`sip_endpoints.call.line_quality`); a line that is well is told
as a word that is not here.
"""

from enum import StrEnum


class LineQuality(StrEnum):
    """What comes over in one direction of a call, where that is not all."""

    COARSE = "coarse"
    NO_PICTURE = "no_picture"
    BROKEN = "broken"

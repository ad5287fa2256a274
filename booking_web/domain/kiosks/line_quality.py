# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk may tell of its call, where something is wrong with the line or is unplugged.

The kiosk's telephone judges the line (`sip_endpoints.call.line_quality`), its bridge tells what
is missing (`device_bridge.call.missing`); a way that is well is told as a word that is not here.
"""

from enum import StrEnum


class LineQuality(StrEnum):
    """What comes over in one direction of a call, where that is not all."""

    COARSE = "coarse"
    NO_PICTURE = "no_picture"
    BROKEN = "broken"


class MissingHere(StrEnum):
    """What the kiosk lacks for the counsellor to see and hear the resident."""

    CAMERA = "no_camera"
    MICROPHONE = "no_microphone"
    CAMERA_AND_MICROPHONE = "no_camera_nor_sound"


class MissingThere(StrEnum):
    """What it lacks for the resident to see and hear."""

    LOUDSPEAKER = "no_loudspeaker"
    SCREENS = "no_screen"
    FIRST_SCREEN = "no_first_screen"
    SECOND_SCREEN = "no_second_screen"


WORDS_FROM_KIOSK = frozenset({*LineQuality, *MissingHere})
WORDS_TO_KIOSK = frozenset({*LineQuality, *MissingThere})

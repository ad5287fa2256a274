# SPDX-License-Identifier: AGPL-3.0-or-later
"""What of the kiosk's own is unplugged, as it is felt in a call: a word for each way.

The session tells it (`sip_endpoints.machine.session.missing`); the server knows the sentences.
"""

from collections.abc import Collection
from typing import Any

from device_bridge.call.line import Line

# Of a call whose telephone told nothing yet.
ALL_WELL = Line("good", "good")
# The first that is missing, from the worst on: what the counsellor sees and hears of the
# resident, and what the resident sees and hears.
FROM_KIOSK: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"camera", "microphone"}), "no_camera_nor_sound"),
    (frozenset({"microphone"}), "no_microphone"),
    (frozenset({"camera"}), "no_camera"),
)
TO_KIOSK: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"loudspeaker"}), "no_loudspeaker"),
    (frozenset({"screens"}), "no_screen"),
    (frozenset({"first_screen"}), "no_first_screen"),
    (frozenset({"second_screen"}), "no_second_screen"),
)


class MissingParts:
    """What the session told last; forgotten where it is gone, since nobody looks then."""

    def __init__(self) -> None:
        self._teller: object = None
        self._parts: tuple[str, ...] = ()

    def take(self, teller: object, message: dict[str, Any]) -> None:
        """Take what one end of the socket tells; what is nonsense tells of nothing."""
        parts = message.get("parts")
        told = parts if isinstance(parts, list) else []
        self._teller = teller
        self._parts = tuple(each for each in told if isinstance(each, str))

    def leave(self, teller: object) -> bool:
        """Take in that one end is gone; tell whether it was the one that told."""
        if teller is not self._teller:
            return False
        self._teller, self._parts = None, ()
        return True

    def told_in(self, line: Line | None) -> Line | None:
        """Give a call's line with what is missing in it."""
        return line_with(line or ALL_WELL, self._parts) if self._parts else line


def line_with(line: Line, missing: Collection[str]) -> Line:
    """Give the line's words, or in their place what is missing: that is why, and it lasts."""
    return Line(
        _word(FROM_KIOSK, missing) or line.from_kiosk,
        _word(TO_KIOSK, missing) or line.to_kiosk,
    )


def _word(
    words: tuple[tuple[frozenset[str], str], ...], missing: Collection[str]
) -> str:
    there = set(missing)
    return next((word for parts, word in words if parts <= there), "")

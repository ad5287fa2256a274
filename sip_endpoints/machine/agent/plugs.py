# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is unplugged or plugged in: the desk reads of it by a self-test, once no call is up."""

from collections.abc import Callable
from pathlib import Path

from sip_endpoints.log import Log
from sip_endpoints.machine.system.kept_files import read_of_another

log = Log(__name__)

# A plug that is loose does not have the kiosk sound a tone for ever.
PAUSE_SECONDS = 60.0
_MOST_BYTES = 200


class PlugWatch:
    """Says when a self-test is due, since other things are missing than were before."""

    def __init__(self, file: Path, is_in_call: Callable[[], bool]) -> None:
        self._file = file
        self._is_in_call = is_in_call
        # Nothing is missed by whoever made the last self-test.
        self._known = ""
        self._not_before = 0.0

    def look(self, now: float) -> bool:
        """Tell whether a self-test is to be made now."""
        parts = self._read()
        if parts in (None, self._known) or now < self._not_before or self._is_in_call():
            return False
        self._known, self._not_before = str(parts), now + PAUSE_SECONDS
        log.info("other things are missing than were before", parts=parts)
        return True

    def _read(self) -> str | None:
        """Give what the session notes; None where it has not looked yet."""
        try:
            return read_of_another(self._file, _MOST_BYTES)
        except (OSError, ValueError):
            return None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that was off in the hours of updates: they are made by day, while nobody is expected.

A town hall switches its PC, or its line, off by night. Debian's updates come first; ours may
start the telephone anew, and the agent with it, who then goes on here.
"""

from collections.abc import Callable
from datetime import datetime

from sip_endpoints.log import Log
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import DEBIAN_UPDATES, UPDATE, Units
from sip_endpoints.machine.system.window import read_window

log = Log(__name__)

# A large update on a slow line, its self-test, and the way back from it.
FREE_SECONDS = 45 * 60


class MissedNight:
    """Looks each minute whether the last night brought no look for updates, and has one made."""

    def __init__(
        self,
        places: Places,
        units: Units,
        is_in_call: Callable[[], bool],
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._places, self._units = places, units
        self._is_in_call, self._now = is_in_call, now
        # The nights for which each was begun: once is enough, however it ends.
        self._debian_begun = self._ours_begun = datetime.min

    def look(self, free_seconds: int) -> None:
        """Begin what is due; for so long the server expects nobody here."""
        window = read_window(read_choices(self._places.choices).updates.window)
        night = window.last_began(self._now())
        if self._ours_begun == night or lists_read_at(self._places) >= night:
            return
        if free_seconds < FREE_SECONDS or self._is_in_call():
            return
        if self._debian_begun != night:
            self._debian_begun = night
            log.info("the kiosk was off by night: updates now", free=free_seconds)
            for unit in DEBIAN_UPDATES:
                self._units.begin(unit)
        elif not any(map(self._units.is_at_it, DEBIAN_UPDATES)):
            self._ours_begun = night
            self._units.begin(UPDATE)


def note_lists_read(places: Places) -> None:
    """Note that the server's lists were read now, or that it has none."""
    write_file(places.lists_read, "", mode=0o600)


def lists_read_at(places: Places) -> datetime:
    """Give when they were read last, by the clock's own; else when this became a kiosk."""
    for file in (places.lists_read, places.grant):
        try:
            return datetime.fromtimestamp(file.stat().st_mtime)
        except OSError:
            continue
    return datetime.max

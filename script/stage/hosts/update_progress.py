# SPDX-License-Identifier: AGPL-3.0-or-later
"""How far an update is on a host, as its own files tell whoever looks from outside."""

from enum import IntEnum
from pathlib import Path

from stage.hosts.host import Host
from stage.hosts.whole import PACKAGE, STEP

_LOG = "/var/log/dpkg.log"


class Stage(IntEnum):
    """What an update does, in this order."""

    BEGUN = 0
    UNPACKING = 1
    UNPACKED = 2
    SETTING_UP = 3
    INSTALLED = 4
    JUDGING = 5
    RESTORING = 6
    OVER = 7


_STATUSES = {
    "unpacked": Stage.UNPACKED,
    "half-configured": Stage.SETTING_UP,
    "installed": Stage.INSTALLED,
}


class Progress:
    """Looks at a host on which an update to a version is about to begin."""

    def __init__(self, kiosk: Host, version: str) -> None:
        self._version = version
        # Read through the running host: thousands of times a second, where it matters.
        self._step, self._log = kiosk.seen(STEP), kiosk.seen(_LOG)
        self._told_before = len(_read(self._log))

    def stage(self) -> Stage:
        """Give what it does now."""
        step = _read(self._step)
        if not step:
            return Stage.OVER
        for named in (Stage.JUDGING, Stage.RESTORING):
            if step.startswith(named.name.lower()):
                return named
        found = Stage.BEGUN
        for line in _read(self._log)[self._told_before :].splitlines():
            # 2026-11-27 12:00:00 status half-installed guichet-kiosk:all 1.0
            words = line.split()
            if len(words) == 6 and words[4].partition(":")[0] == PACKAGE:
                if words[3] == "half-installed":
                    found = Stage.UNPACKING
                elif words[5] == self._version:
                    found = _STATUSES.get(words[3], found)
        return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""

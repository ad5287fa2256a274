# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults of the virtual devices, switched on and off while they run.

They lie in a file, one reason a line, so that a test, a demonstration or a trainer can
change them from outside: `echo paper_out > DATA_DIR/virtual-printer/faults`.
"""

from pathlib import Path

from device_bridge.jobs.reasons import Reason


class FaultFile:
    """The faults that are on now."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def set(self, *reasons: Reason, at_page: int = 0) -> None:
        """Switch on exactly these; `at_page` is where a scan meets them."""
        lines = [f"{reason.value}:{at_page}" for reason in reasons]
        part = self._file.with_suffix(".part")
        part.write_text("\n".join(lines))
        part.replace(self._file)

    def active(self, page: int = 0) -> tuple[Reason, ...]:
        """Give the faults that are on at this page; a line without page is on always."""
        try:
            lines = self._file.read_text().split()
        except FileNotFoundError:
            return ()
        found = []
        for line in lines:
            name, _, at_page = line.partition(":")
            if int(at_page or 0) in (0, page):
                found.append(Reason(name))
        return tuple(found)

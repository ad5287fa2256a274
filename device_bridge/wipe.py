# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaves nothing of an appointment at the kiosk once its call is over and delivered."""

import shutil
from collections.abc import Callable
from pathlib import Path

import structlog

from device_bridge.ledger.store import Store
from device_bridge.printing.print_work import TITLE_PREFIX
from device_bridge.printing.printer import Printer

log = structlog.get_logger(__name__)


class Wiper:
    """Wipes files, the print service's memory, and whose the jobs were."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        printer: Printer | None,
        current_appointment: Callable[[], int | None],
    ) -> None:
        self._store = store
        self._folder = folder
        self._printer = printer
        self._current_appointment = current_appointment

    def wipe(self) -> None:
        """Wipe every appointment that is neither in call nor unfinished.

        Raises PrinterError when the print service cannot be asked to forget: then
        nothing is claimed to be gone, and the next round tries again.
        """
        kept = self._store.unfinished_appointments()
        current = self._current_appointment()
        for appointment in sorted(self._store.appointments() - kept):
            if appointment != current:
                self._wipe(appointment)
        self._remove_strays(kept | self._store.appointments() | {current or 0})

    def _wipe(self, appointment: int) -> None:
        titles = {TITLE_PREFIX + uuid for uuid in self._store.job_ids(appointment)}
        if self._printer is not None:
            self._printer.forget(titles)
        files, size = _remove(self._folder / str(appointment))
        self._store.add_wipe(appointment, files, size)
        log.info("kiosk wiped", appointment=appointment, files=files, bytes=size)

    def _remove_strays(self, known: set[int]) -> None:
        """Remove folders of which no job is left, such as after a lost database."""
        if not self._folder.exists():
            return
        for folder in self._folder.iterdir():
            if folder.name.isdigit() and int(folder.name) in known:
                continue
            files, size = _remove(folder)
            log.warning("stray folder wiped", files=files, bytes=size)


def _remove(folder: Path) -> tuple[int, int]:
    """Remove a folder and give how many files and bytes it held."""
    if not folder.exists():
        return 0, 0
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    shutil.rmtree(folder)
    return len(files), size

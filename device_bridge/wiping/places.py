# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the bridge wipes with its own hands: files, and the print service's memory."""

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import structlog

from device_bridge.printing.print_work import TITLE_PREFIX
from device_bridge.printing.printer import Printer, PrinterError
from device_bridge.wiping.traces import Cause, Found, NotWiped, Part, cause_of

log = structlog.get_logger(__name__)


class Spool:
    """The folder of each appointment: scans, copies, documents fetched for a print."""

    part = Part.SPOOL

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wipe(self, appointment: int) -> Found:
        """Remove the appointment's folder."""
        return _remove(self._folder / str(appointment), self.part)

    def left(self, appointment: int) -> int:
        """Count what is in it."""
        return _count(self._folder / str(appointment), self.part)

    def wipe_strays(self, known: Collection[int]) -> None:
        """Remove folders of which nothing is known, such as after a lost database."""
        if not self._folder.exists():
            return
        for folder in self._folder.iterdir():
            if folder.name.isdigit() and int(folder.name) in known:
                continue
            found = _remove(folder, self.part)
            log.warning("stray folder wiped", files=found.count, bytes=found.size)


class Temporary:
    """The folder in which the bridge and its own processes put what is for a moment."""

    part = Part.TEMPORARY

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wipe(self, appointment: int) -> Found:
        """Empty the folder: nothing in it is waited for between two appointments."""
        entries = _entries(self._folder, self.part)
        return sum((_remove(each, self.part) for each in entries), Found())

    def left(self, appointment: int) -> int:
        """Count what is in it."""
        return len(_entries(self._folder, self.part))


class PrintService:
    """The appointment's jobs at the print service, with their files."""

    part = Part.PRINT

    def __init__(
        self, printer: Printer, printed_jobs: Callable[[int], set[str]]
    ) -> None:
        self._printer = printer
        self._printed_jobs = printed_jobs
        # The service's own numbers, by appointment: its files are named after them.
        self._numbers: dict[int, set[int]] = {}

    def wipe(self, appointment: int) -> Found:
        """Have the service forget the jobs; one that is never asked knows nothing."""
        titles = self._titles(appointment)
        if not titles:
            return Found()
        try:
            forgotten = self._printer.forget(titles)
        except PrinterError as error:
            raise NotWiped(self.part, Cause.SILENT, str(error)) from error
        self._numbers[appointment] = self._numbers.get(appointment, set()) | forgotten
        return Found(len(forgotten))

    def left(self, appointment: int) -> int:
        """Ask the service for them once more, and look for their files."""
        titles = self._titles(appointment)
        if not titles:
            return 0
        try:
            left = self._printer.kept(titles, self._numbers.get(appointment, set()))
        except PrinterError as error:
            raise NotWiped(self.part, Cause.SILENT, str(error)) from error
        if not left:
            self._numbers.pop(appointment, None)
        return left

    def _titles(self, appointment: int) -> set[str]:
        return {TITLE_PREFIX + uuid for uuid in self._printed_jobs(appointment)}


def _remove(path: Path, part: Part) -> Found:
    """Remove a folder or a file, and give how many files and bytes it held."""
    try:
        if not path.is_dir() or path.is_symlink():
            size = path.lstat().st_size
            path.unlink()
            return Found(1, size)
        files = [file for file in path.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        shutil.rmtree(path)
    except FileNotFoundError:
        return Found()
    except OSError as error:
        raise NotWiped(part, cause_of(error), str(error.strerror)) from error
    return Found(len(files), size)


def _count(folder: Path, part: Part) -> int:
    try:
        return sum(1 for _ in folder.rglob("*")) + folder.exists()
    except OSError as error:
        raise NotWiped(part, cause_of(error), str(error.strerror)) from error


def _entries(folder: Path, part: Part) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise NotWiped(part, cause_of(error), str(error.strerror)) from error

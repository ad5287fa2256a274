# SPDX-License-Identifier: AGPL-3.0-or-later
"""A printer that keeps its sheets as files: for training, demonstrations and tests.

It remembers its jobs on disk, as a print service does, so that a restart of the bridge
finds them again.
"""

import json
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.faults import FaultFile
from device_bridge.jobs.job import JobState
from device_bridge.jobs.reasons import Reason
from device_bridge.printing.printer import (
    PrinterError,
    PrintJobGone,
    PrintOptions,
    PrintStatus,
)

# Faults of the service itself, which keep it from taking a job at all.
SERVICE_FAULTS = frozenset({Reason.PRINT_SERVICE_DOWN, Reason.PRINTER_UNKNOWN})


class VirtualPrinter:
    """Prints into `folder`/printed; its faults are in `folder`/faults."""

    def __init__(self, folder: Path, seconds: float = 0.0) -> None:
        self.printed = folder / "printed"
        self.printed.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.faults = FaultFile(folder / "faults")
        self._jobs_file = folder / "jobs.json"
        self._seconds = seconds
        self._lock = threading.RLock()

    def state(self) -> DeviceState:
        """Give idle, or stopped with the faults that are on."""
        reasons = self.faults.active()
        state = DeviceState(name="virtual", state="idle", reasons=reasons)
        if state.blocking:
            return DeviceState(name="virtual", state="stopped", reasons=reasons)
        return state

    def submit(self, file: Path, title: str, options: PrintOptions) -> int:
        """Take a job; it prints once no fault is on and its time has passed."""
        for reason in self.faults.active():
            if reason in SERVICE_FAULTS:
                raise PrinterError(reason)
        with self._lock:
            jobs = self._read()
            number = len(jobs) + 1
            shutil.copyfile(file, self._spooled(number))
            jobs[str(number)] = {
                "title": title,
                "state": JobState.PROCESSING.value,
                "copies": options.copies,
                "duplex": options.duplex,
                "colour": options.colour,
                "at": time.time(),
            }
            self._write(jobs)
        return number

    def find(self, title: str) -> int | None:
        """Give the job with this title."""
        for number, job in self._read().items():
            if job["title"] == title:
                return int(number)
        return None

    def status(self, job: int) -> PrintStatus:
        """Give the job's state; looking is what lets it go on."""
        with self._lock:
            jobs = self._read()
            found = jobs.get(str(job))
            if found is None:
                raise PrintJobGone(str(job))
            reasons: tuple[Reason, ...] = ()
            if found["state"] == JobState.PROCESSING.value:
                reasons = self.faults.active()
                waiting = PrintStatus(state=JobState.PROCESSING, reasons=reasons)
                is_due = time.time() - found["at"] >= self._seconds
                if is_due and not waiting.blocking:
                    self._print(job, found)
                    self._write(jobs)
            return PrintStatus(state=JobState(found["state"]), reasons=reasons)

    def cancel(self, job: int) -> None:
        """Cancel a job that did not print yet."""
        with self._lock:
            jobs = self._read()
            found = jobs.get(str(job))
            if found and found["state"] == JobState.PROCESSING.value:
                found["state"] = JobState.CANCELED.value
                self._write(jobs)

    def forget(self, titles: set[str]) -> set[int]:
        """Wipe the jobs' spool; what was printed is paper and stays."""
        if Reason.PRINT_SERVICE_DOWN in self.faults.active():
            raise PrinterError(Reason.PRINT_SERVICE_DOWN)
        with self._lock:
            jobs = self._read()
            found = {int(key) for key, job in jobs.items() if job["title"] in titles}
            for number in found:
                self._spooled(number).unlink(missing_ok=True)
                jobs[str(number)]["title"] = ""
            self._write(jobs)
        return found

    def kept(self, titles: set[str], numbers: set[int]) -> int:
        """Count the jobs that are remembered and the files that are spooled."""
        known = sum(job["title"] in titles for job in self._read().values())
        return known + sum(self._spooled(number).exists() for number in numbers)

    def _spooled(self, number: int) -> Path:
        return self.printed.parent / f"spool-{number}.pdf"

    def _print(self, number: int, job: dict[str, Any]) -> None:
        spooled = self._spooled(number)
        for copy in range(1, job["copies"] + 1):
            name = f"{number:03}-{job['title']}-{copy}.pdf"
            shutil.copyfile(spooled, self.printed / name)
        job["state"] = JobState.COMPLETED.value

    def _read(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            if not self._jobs_file.exists():
                return {}
            content: dict[str, dict[str, Any]] = json.loads(self._jobs_file.read_text())
            return content

    def _write(self, jobs: dict[str, dict[str, Any]]) -> None:
        part = self._jobs_file.with_suffix(".part")
        part.write_text(json.dumps(jobs))
        part.replace(self._jobs_file)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printer and scanner with their queues: which job goes where, what they do now."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from device_bridge.call import sentences
from device_bridge.jobs.device_queue import DeviceQueue
from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.job import Job, JobState, Operation, Preset
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.store import StoreError
from device_bridge.printing.print_work import PrintWork
from device_bridge.printing.printer import Printer
from device_bridge.scanning.scan_work import ScanWork
from device_bridge.scanning.scanner import Scanner

log = structlog.get_logger(__name__)

STOP_SECONDS = 2.0


class Devices:
    """One queue for the printer, one for the scanner; a copy goes through both."""

    def __init__(
        self,
        ledger: Ledger,
        printer: Printer,
        scanner: Scanner,
        print_work: PrintWork,
        scan_work: ScanWork,
    ) -> None:
        self.printer = printer
        self.scanner = scanner
        self._ledger = ledger
        self._print_work = print_work
        self._scan_work = scan_work
        self._printing = DeviceQueue("printer", self._print)
        self._scanning = DeviceQueue("scanner", self._scan)

    def start(self) -> None:
        """Begin to work."""
        self._printing.start()
        self._scanning.start()

    def stop(self) -> None:
        """Stop; what is under way is taken up after the next start."""
        self._printing.stop(STOP_SECONDS)
        self._scanning.stop(STOP_SECONDS)
        self.scanner.close()

    def is_full(self, operation: Operation) -> bool:
        """Tell whether no more jobs of this kind may wait."""
        return self._queue(operation, is_scanned=False).is_full

    def add(self, job: Job) -> None:
        """Queue a job that is written down, saying so if it has to wait."""
        if self._queue(job.operation, job.is_scanned).add(job):
            self._ledger.tell(job, sentences.waiting(job))

    def go_on_with_card(self, preset: Preset) -> bool:
        """Tell a scan that waits for a card or a paper to go on; False if none does."""
        job = self._scanning.current
        if job is None or job.preset is not preset or not self._scan_work.is_waiting:
            return False
        self._scan_work.go_on()
        return True

    def cancel(self, is_wanted: Callable[[Job], bool]) -> bool:
        """Cancel what waits and what is under way; tell whether there was any."""
        found = self.cancel_waiting(is_wanted, Reason.CANCELED_BY_COUNSELLOR)
        for queue in (self._scanning, self._printing):
            found = queue.cancel_current(is_wanted) or found
        return found

    def cancel_waiting(self, is_wanted: Callable[[Job], bool], reason: Reason) -> bool:
        """Cancel what has not begun; tell whether there was any."""
        taken = [
            job
            for queue in (self._scanning, self._printing)
            for job in queue.take_waiting(is_wanted)
        ]
        for job in taken:
            self._ledger.cancel(job, reason)
        return bool(taken)

    def cancel_before_scan(self, is_wanted: Callable[[Job], bool]) -> None:
        """Cancel a scan that still waits for its paper or for a card to be turned."""
        if self._scan_work.is_waiting:
            self._scanning.cancel_current(is_wanted)

    def busy(self) -> list[Job]:
        """Give the jobs being worked on, as they are now."""
        found = []
        for queue in (self._scanning, self._printing):
            job = queue.current
            if job is not None:
                found.append(self._ledger.store.job(job.uuid) or job)
        return found

    def states(self) -> tuple[DeviceState, DeviceState]:
        """Ask printer and scanner how they are; may take seconds."""
        return self.printer.state(), self.scanner.state()

    def _queue(self, operation: Operation, is_scanned: bool) -> DeviceQueue:
        if operation is Operation.PRINT or is_scanned:
            return self._printing
        return self._scanning

    def _print(self, job: Job, cancel: threading.Event) -> None:
        self._guard(job, lambda: self._print_work.run(job, cancel))

    def _scan(self, job: Job, cancel: threading.Event) -> None:
        done = self._guard(job, lambda: self._scan_work.run(job, cancel))
        if done is not None and done.is_scanned and not done.is_over:
            self.add(done)

    def _guard(self, job: Job, work: Callable[[], Job]) -> Job | None:
        """Work; whatever breaks ends the job with a reason, not the thread."""
        try:
            return work()
        except StoreError:
            # Not even that can be written down: the next start takes the job up.
            log.exception("job not written down", job=job.uuid)
            self._ledger.tell(job, sentences.reason(Reason.DISK_FULL))
        except Exception:
            log.exception("job broke", job=job.uuid)
            now = self._ledger.store.job(job.uuid)
            if now is not None and not now.is_over:
                self._ledger.fail(now, Reason.INTERNAL)
        return None


def describe(state: DeviceState, sentence: str) -> dict[str, Any]:
    """Give a device's state as heartbeat and `status --json` tell it, with that in words."""
    return {
        "name": state.name,
        "state": state.state,
        "reasons": [reason.value for reason in state.reasons],
        "sentence": sentence,
    }


def has_room(folder: Path, min_free_bytes: int) -> bool:
    """Tell whether the disk has room for a job's files."""
    return shutil.disk_usage(folder).free >= min_free_bytes


def needs_paper_now(job: Job) -> bool:
    """Tell whether a job found after a restart had not touched its device yet."""
    return not job.is_touched and job.state in (JobState.PENDING, JobState.PROCESSING)

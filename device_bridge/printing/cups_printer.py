# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CUPS queue as a printer: the only importer of `cups`.

A connection of pycups belongs to one thread, and one that outlived its cupsd fails in
odd ways; a new one costs less than a millisecond, so every question opens its own.
"""

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cups

from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.job import JobState
from device_bridge.jobs.reasons import WARNINGS, Reason
from device_bridge.printing.printer import (
    PrinterError,
    PrintJobGone,
    PrintOptions,
    PrintStatus,
)

# IPP reasons by what the counsellor must know, without -error, -warning and -report
# (RFC 8011, section 5.4.12, and PWG 5100.9).
REASONS = {
    "media-empty": Reason.PAPER_OUT,
    "media-needed": Reason.PAPER_OUT,
    "media-jam": Reason.PAPER_JAM,
    "door-open": Reason.DOOR_OPEN,
    "cover-open": Reason.DOOR_OPEN,
    "interlock-open": Reason.DOOR_OPEN,
    "offline": Reason.PRINTER_OFFLINE,
    "shutdown": Reason.PRINTER_OFFLINE,
    "timed-out": Reason.PRINTER_OFFLINE,
    "toner-low": Reason.TONER_LOW,
    "marker-supply-low": Reason.TONER_LOW,
    "toner-empty": Reason.TONER_EMPTY,
    "marker-supply-empty": Reason.TONER_EMPTY,
    "input-tray-missing": Reason.TRAY_MISSING,
    "output-area-full": Reason.OUTPUT_FULL,
    "output-tray-missing": Reason.OUTPUT_FULL,
    "paused": Reason.PRINTER_PAUSED,
    "moving-to-paused": Reason.PRINTER_PAUSED,
    "other": Reason.PRINTER_FAULT,
}
SUFFIXES = ("-error", "-warning", "-report")
# PWG 5101.1: the paper of French forms.
PAPER = "iso_a4_210x297mm"
HANDED_OVER = "cups-waiting-for-job-completed"

IPP_STATES = {
    cups.IPP_JOB_PENDING: JobState.PENDING,
    cups.IPP_JOB_HELD: JobState.PENDING,
    cups.IPP_JOB_PROCESSING: JobState.PROCESSING,
    cups.IPP_JOB_STOPPED: JobState.PROCESSING,
    cups.IPP_JOB_CANCELED: JobState.CANCELED,
    cups.IPP_JOB_ABORTED: JobState.ABORTED,
    cups.IPP_JOB_COMPLETED: JobState.COMPLETED,
}
PRINTER_STATES = {
    cups.IPP_PRINTER_IDLE: "idle",
    cups.IPP_PRINTER_PROCESSING: "processing",
    cups.IPP_PRINTER_STOPPED: "stopped",
}
PRINTER_ATTRIBUTES = [
    "device-uri",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-message",
    "printer-state-reasons",
]
JOB_ATTRIBUTES = [
    "job-media-sheets-completed",
    "job-printer-state-reasons",
    "job-state",
    "job-state-reasons",
    "time-at-processing",
]
# What a queue, and no printer, can be.
QUEUE_REASONS = frozenset({Reason.PRINTER_PAUSED})
OWN_REASONS_SECONDS = 0.5
PROBE_SECONDS = 1.0
PORTS = {"ipp": 631, "ipps": 631, "http": 80, "https": 443, "socket": 9100}


class CupsPrinter:
    """The queue `name` of the CUPS at host and port; `spool` is where it keeps its files."""

    def __init__(
        self, name: str, host: str, port: int, spool: Path | None = None
    ) -> None:
        self._name = name
        self._host = host
        self._port = port
        self._spool = spool
        self._lock = threading.Lock()
        self._own: tuple[Reason, ...] | None = None
        self._asked_at = -OWN_REASONS_SECONDS

    def state(self) -> DeviceState:
        """Give the queue's state and what the printer complains of."""
        try:
            attributes = self._attributes(self._connect())
        except PrinterError as error:
            return DeviceState(
                name=self._name, state="stopped", reasons=(error.reason,)
            )
        return DeviceState(
            name=self._name,
            state=PRINTER_STATES.get(attributes["printer-state"], "stopped"),
            reasons=self._printer_reasons(attributes, ()),
            detail=attributes.get("printer-state-message", ""),
        )

    def submit(self, file: Path, title: str, options: PrintOptions) -> int:
        """Hand the file to the queue under our title."""
        connection = self._connect()
        wishes = {
            # Else CUPS takes the queue's own default, which may be Letter.
            "media": PAPER,
            "print-scaling": "auto",
            "copies": str(options.copies),
            "sides": "two-sided-long-edge" if options.duplex else "one-sided",
            "print-color-mode": "color" if options.colour else "monochrome",
        }
        try:
            number: int = connection.printFile(self._name, str(file), title, wishes)
        except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
            raise self._refusal(error) from error
        return number

    def find(self, title: str) -> int | None:
        """Look through all jobs, finished ones too, for the title."""
        jobs = self._jobs()
        return next((job for job, name in jobs.items() if name == title), None)

    def status(self, job: int) -> PrintStatus:
        """Join what CUPS says of the job with what it says of the printer."""
        connection = self._connect()
        try:
            found = connection.getJobAttributes(job, JOB_ATTRIBUTES)
        except cups.IPPError as error:
            if error.args[0] == cups.IPP_NOT_FOUND:
                raise PrintJobGone(str(job)) from error
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        except (cups.HTTPError, RuntimeError) as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        state = IPP_STATES[found["job-state"]]
        of_job = _as_list(found.get("job-printer-state-reasons"))
        reasons: tuple[Reason, ...] = ()
        if state in (JobState.PENDING, JobState.PROCESSING):
            reasons = self._waiting_reasons(connection, found["job-state"], of_job)
        return PrintStatus(
            state=state,
            reasons=reasons,
            sheets=found.get("job-media-sheets-completed") or 0,
            began_at=found.get("time-at-processing") or 0,
            is_handed_over=HANDED_OVER in of_job,
        )

    def cancel(self, job: int) -> None:
        """Cancel the job; one that is over is left alone."""
        try:
            self._connect().cancelJob(job)
        except cups.IPPError as error:
            if error.args[0] not in (cups.IPP_NOT_FOUND, cups.IPP_NOT_POSSIBLE):
                raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        except (cups.HTTPError, RuntimeError) as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error

    def forget(self, titles: set[str]) -> set[int]:
        """Purge the jobs with these titles, files and history."""
        jobs = self._jobs()
        connection = self._connect()
        found = {job for job, name in jobs.items() if name in titles}
        for job in found:
            try:
                connection.cancelJob(job, purge_job=True)
            except cups.IPPError as error:
                if error.args[0] != cups.IPP_NOT_FOUND:
                    raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        return found

    def kept(self, titles: set[str], numbers: set[int]) -> int:
        """Count the jobs that CUPS lists, and files of theirs in its spool."""
        listed = sum(name in titles for name in self._jobs().values())
        return listed + sum(self._has_files(number) for number in numbers)

    def _has_files(self, number: int) -> bool:
        """Look for a job's control file and its first document, by CUPS's own names.

        The folder may be entered by its group (lp) and not listed.
        """
        if self._spool is None:
            return False
        names = (f"c{number:05}", f"d{number:05}-001")
        return any(os.path.exists(self._spool / name) for name in names)

    def list_queues(self) -> dict[str, str]:
        """Give every queue with its device's address, for `guichet-bridge list`."""
        try:
            found = self._connect().getPrinters()
        except (cups.IPPError, RuntimeError) as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        return {name: each.get("device-uri", "") for name, each in found.items()}

    def _refusal(self, error: Exception) -> PrinterError:
        """Tell why a print was not accepted.

        An unknown queue and a stopped cupsd raise the same error, so the queue is asked,
        but only now: most prints are accepted, and need not wait for that.
        """
        try:
            attributes = self._attributes(self._connect())
        except PrinterError as found:
            return found
        reason = Reason.PRINT_SERVICE_DOWN
        if not attributes.get("printer-is-accepting-jobs", True):
            reason = Reason.PRINTER_STOPPED
        return PrinterError(reason, str(error))

    def _connect(self) -> Any:
        try:
            return cups.Connection(host=self._host, port=self._port)
        except RuntimeError as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error

    def _attributes(self, connection: Any) -> dict[str, Any]:
        try:
            if self._name not in connection.getPrinters():
                raise PrinterError(Reason.PRINTER_UNKNOWN, self._name)
            found: dict[str, Any] = connection.getPrinterAttributes(
                self._name, requested_attributes=PRINTER_ATTRIBUTES
            )
        except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error
        return found

    def _jobs(self) -> dict[int, str]:
        """Give every job's title, finished ones too."""
        connection = self._connect()
        try:
            found = connection.getJobs(
                which_jobs="all",
                my_jobs=False,
                requested_attributes=["job-id", "job-name"],
            )
            # A busy cupsd lists a job that has just ended without its name.
            return {
                job: each.get("job-name") or _title(connection, job)
                for job, each in found.items()
            }
        except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
            raise PrinterError(Reason.PRINT_SERVICE_DOWN, str(error)) from error

    def _waiting_reasons(
        self, connection: Any, job_state: int, of_job: list[str]
    ) -> tuple[Reason, ...]:
        attributes = self._attributes(connection)
        found = list(self._printer_reasons(attributes, read_reasons(of_job)))
        if job_state == cups.IPP_JOB_HELD:
            found.append(Reason.JOB_HELD)
        return tuple(dict.fromkeys(found))

    def _printer_reasons(
        self, attributes: dict[str, Any], of_job: tuple[Reason, ...]
    ) -> tuple[Reason, ...]:
        """Give the printer's own complaints, and those of its queue.

        CUPS asks a printer while a job is on it, at growing intervals, and keeps the
        last answer for ever when that job is cancelled: so we ask the printer itself
        where that can be done.
        """
        of_queue = read_reasons(_as_list(attributes.get("printer-state-reasons")))
        device_uri = attributes.get("device-uri", "")
        if not _is_reachable(device_uri):
            # CUPS says so in words only, and between two tries not at all.
            return (Reason.PRINTER_OFFLINE, *(of_queue if not of_job else of_job))
        own = self._own_reasons(device_uri)
        found = list((*of_job, *of_queue) if own is None else own)
        found += [reason for reason in of_queue if reason in QUEUE_REASONS]
        is_stopped = attributes["printer-state"] == cups.IPP_PRINTER_STOPPED
        if is_stopped and not [each for each in found if each not in WARNINGS]:
            found.append(Reason.PRINTER_STOPPED)
        found.sort(key=lambda reason: reason in WARNINGS)
        return tuple(dict.fromkeys(found))

    def _own_reasons(self, device_uri: str) -> tuple[Reason, ...] | None:
        """Ask an IPP printer, at most once a second; None where it does not answer."""
        now = time.monotonic()
        with self._lock:
            if now - self._asked_at >= OWN_REASONS_SECONDS:
                self._own = _ask_printer(device_uri)
                self._asked_at = time.monotonic()
            return self._own


def _ask_printer(device_uri: str) -> tuple[Reason, ...] | None:
    address = urlsplit(device_uri)
    if address.scheme not in ("ipp", "ipps") or not address.hostname:
        return None
    encryption = cups.HTTP_ENCRYPT_IF_REQUESTED
    if address.scheme == "ipps":
        encryption = cups.HTTP_ENCRYPT_ALWAYS
    try:
        found = cups.Connection(
            host=address.hostname,
            port=address.port or PORTS[address.scheme],
            encryption=encryption,
        ).getPrinterAttributes(
            uri=device_uri, requested_attributes=["printer-state-reasons"]
        )
    except (cups.IPPError, cups.HTTPError, RuntimeError):
        return None
    return read_reasons(_as_list(found.get("printer-state-reasons")))


def read_reasons(keywords: list[str]) -> tuple[Reason, ...]:
    """Turn IPP keywords into reasons; those that need nobody are left out.

    What stops the printer comes first, warnings come last.
    """
    found = []
    for keyword in keywords:
        for suffix in SUFFIXES:
            keyword = keyword.removesuffix(suffix)
        reason = REASONS.get(keyword)
        if reason is not None and reason not in found:
            found.append(reason)
    return tuple(sorted(found, key=lambda reason: reason in WARNINGS))


def _is_reachable(device_uri: str) -> bool:
    """Tell whether somebody answers at the printer; True where that cannot be asked."""
    address = urlsplit(device_uri)
    if address.scheme not in PORTS or not address.hostname:
        return True
    port = address.port or PORTS[address.scheme]
    try:
        with socket.create_connection((address.hostname, port), PROBE_SECONDS):
            return True
    except OSError:
        return False


def _as_list(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _title(connection: Any, job: int) -> str:
    try:
        found = connection.getJobAttributes(job, ["job-name"])
    except cups.IPPError as error:
        if error.args[0] == cups.IPP_NOT_FOUND:
            return ""
        raise
    return str(found.get("job-name", ""))

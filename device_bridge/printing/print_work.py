# SPDX-License-Identifier: AGPL-3.0-or-later
"""Prints one job from its document to the last sheet, once and not twice."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from device_bridge.call import sentences
from device_bridge.call.cues import Cue
from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.ledger import Ledger
from device_bridge.printing.pdf_check import Limits, UnfitDocument, check_pdf
from device_bridge.printing.printer import (
    Printer,
    PrinterError,
    PrintJobGone,
    PrintOptions,
    PrintStatus,
)
from device_bridge.server.port import (
    DamagedTransfer,
    NotFound,
    NotInCall,
    Server,
    ServerError,
    ServerRefused,
    ServerUnreachable,
    TooLarge,
)

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
# A print service that is away is looked for more often: what it does on its return,
# printing once more, must be stopped before the paper moves.
AWAY_POLL_SECONDS = 0.03
FETCH_PAUSE_SECONDS = 1.0
# A complaint that is gone sooner than that is not worth a sentence.
COMPLAINT_SECONDS = 0.5
TITLE_PREFIX = "guichet-"

# Moves a document that was got ready to the file; gives its pages, or None without one.
TakeAhead = Callable[[Job, Path, threading.Event], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLimits:
    """How long a print may wait, and what it may be."""

    seconds: float
    fetch_seconds: float
    sheet_seconds: float
    orphan_seconds: float
    document: Limits


def job_title(job: Job) -> str:
    """Give the job's title at the print service: our id, and nobody's name."""
    return TITLE_PREFIX + job.uuid


class PrintWork:
    """Works on one print at a time; `is_in_call` tells whether a job's call is up."""

    def __init__(
        self,
        ledger: Ledger,
        printer: Printer,
        server: Server | None,
        limits: PrintLimits,
        is_in_call: Callable[[Job], bool],
        has_room: Callable[[], bool],
        take_ahead: TakeAhead,
    ) -> None:
        self._ledger = ledger
        self._printer = printer
        self._server = server
        self._limits = limits
        self._is_in_call = is_in_call
        self._has_room = has_room
        self._take_ahead = take_ahead

    def run(self, job: Job, cancel: threading.Event) -> Job:
        """Print a job, or take it up where a restart left it; give it as it ended."""
        if job.is_touched:
            return self._take_up(job, cancel)
        if not self._has_room():
            return self._ledger.fail(job, Reason.DISK_FULL)
        try:
            file, pages = self._document(job, cancel)
            # What was got ready ahead was looked at ahead too.
            pages = pages or check_pdf(file, self._limits.document)
        except _GivenUp as given_up:
            return self._give_up(job, given_up)
        except UnfitDocument as unfit:
            return self._ledger.fail(job, unfit.reason)
        if cancel.is_set():
            return self._ledger.cancel(job, Reason.CANCELED_BY_COUNSELLOR)
        return self._submit(job, file, pages, cancel)

    def _submit(self, job: Job, file: Path, pages: int, cancel: threading.Event) -> Job:
        # Written down before the device hears of it: after a crash from here on, the
        # print service is asked whether it knows our title, and nothing is sent again.
        job = self._ledger.move(
            job, JobState.PROCESSING, is_touched=True, page=0, pages=pages
        )
        options = PrintOptions(copies=job.copies, colour=job.colour, duplex=job.duplex)
        try:
            number = self._printer.submit(file, job_title(job), options)
        except PrinterError as error:
            log.warning("print not accepted", job=job.uuid, detail=str(error))
            return self._ledger.fail(job, error.reason)
        job = self._ledger.change(
            job, device_job=number, sentence=sentences.printing(job)
        )
        self._ledger.tell(job, job.sentence)
        self._ledger.tell_resident(job, Cue.PRINTING)
        return self._follow(job, number, cancel)

    def _take_up(self, job: Job, cancel: threading.Event) -> Job:
        """After a restart: follow what the print service has, never send again."""
        deadline = time.monotonic() + self._limits.orphan_seconds
        while True:
            try:
                number = self._printer.find(job_title(job))
                break
            except PrinterError as error:
                if time.monotonic() > deadline or cancel.is_set():
                    log.warning("print not found again", detail=str(error))
                    number = None
                    break
            cancel.wait(POLL_SECONDS)
        if number is None:
            return self._ledger.fail(job, Reason.PRINT_UNCERTAIN)
        if job.device_job is None:
            job = self._ledger.change(job, device_job=number)
        return self._follow(job, number, cancel)

    def _follow(self, job: Job, number: int, cancel: threading.Event) -> Job:
        watch = _Watch(self._limits, job.pages * job.copies)
        pause = POLL_SECONDS / 5
        while True:
            try:
                status = self._printer.status(number)
            except PrintJobGone:
                return self._ledger.fail(job, Reason.PRINT_UNCERTAIN)
            except PrinterError as error:
                watch.see_away()
                job = self._complain(job, watch.complaint(error.reason))
                if watch.is_late(self._is_in_call(job)):
                    return self._ledger.fail(job, Reason.PRINT_UNCERTAIN)
                time.sleep(AWAY_POLL_SECONDS)
                continue
            if watch.see(status):
                return self._stop_second_print(job, number)
            if status.state not in (JobState.PENDING, JobState.PROCESSING):
                return self._finish(job, status, cancel, watch.was_lost)
            job = self._note_progress(job, status)
            job = self._complain(job, watch.complaint(status.blocking))
            if cancel.is_set():
                self._cancel(number)
            elif watch.is_late(self._is_in_call(job)):
                return self._abandon(job, number)
            time.sleep(pause)
            pause = min(POLL_SECONDS, pause * 1.5)

    def _note_progress(self, job: Job, status: PrintStatus) -> Job:
        page = min(status.sheets, job.pages * job.copies)
        if status.blocking or page <= job.page:
            return job
        return self._ledger.change(job, page=page)

    def _complain(self, job: Job, complaint: Reason | None) -> Job:
        """Tell a cause once, and once that it is gone."""
        if complaint is None or complaint is job.reason:
            return job
        text = sentences.reason(complaint) or sentences.PRINT_RESUMES
        job = self._ledger.change(job, reason=complaint, sentence=text)
        log.info("print waits", job=job.uuid, reason=complaint.value)
        self._ledger.tell(job, text)
        return job

    def _finish(
        self, job: Job, status: PrintStatus, cancel: threading.Event, was_lost: bool
    ) -> Job:
        if status.state is JobState.COMPLETED and was_lost:
            # A printer that vanished with our job and came back without it: CUPS takes
            # that for done.
            return self._ledger.fail(job, Reason.PRINT_UNCERTAIN)
        if status.state is JobState.COMPLETED:
            done = job.pages * job.copies
            text = sentences.printed(job)
            self._ledger.tell_resident(job, Cue.TAKE_PRINT)
            return self._ledger.move(
                job, JobState.COMPLETED, Reason.NONE, text, page=done
            )
        if status.state is JobState.CANCELED and cancel.is_set():
            return self._ledger.cancel(job, Reason.CANCELED_BY_COUNSELLOR)
        if status.state is JobState.CANCELED:
            return self._ledger.fail(job, Reason.PRINT_TIMEOUT)
        return self._ledger.fail(job, Reason.PRINTER_FAULT)

    def _stop_second_print(self, job: Job, number: int) -> Job:
        """A print service that came back sends the whole document again: not with us."""
        self._cancel(number)
        return self._ledger.fail(job, Reason.PRINT_SERVICE_RESTARTED)

    def _abandon(self, job: Job, number: int) -> Job:
        """Give a print up that waited too long, so that it never surprises the next."""
        self._cancel(number)
        reason = job.reason if job.reason else Reason.PRINT_TIMEOUT
        late = sentences.reason(Reason.PRINT_TIMEOUT)
        text = f"{sentences.reason(job.reason)} {late}".strip()
        return self._ledger.fail(job, reason, text)

    def _cancel(self, number: int) -> None:
        try:
            self._printer.cancel(number)
        except PrinterError as error:
            log.warning("print not cancelled", number=number, detail=str(error))

    def _document(self, job: Job, cancel: threading.Event) -> tuple[Path, int]:
        """Give the document's file, fetched if it is not there yet.

        Its pages go with it where they were counted; else 0.
        """
        if job.operation is Operation.COPY:
            return self._ledger.job_folder(job) / "scan.pdf", 0
        folder = self._ledger.appointment_folder(job.appointment)
        target = folder / f"document-{job.document}.pdf"
        pages = self._take_ahead(job, target, cancel)
        if pages is not None:
            return target, pages
        deadline = time.monotonic() + self._limits.fetch_seconds
        while True:
            try:
                return self._fetch(job, target), 0
            except (ServerUnreachable, DamagedTransfer) as error:
                log.warning("document not fetched", job=job.uuid, detail=str(error))
                late = time.monotonic() > deadline
                if late or cancel.wait(FETCH_PAUSE_SECONDS):
                    raise _GivenUp(Reason.SERVER_UNREACHABLE) from error

    def _fetch(self, job: Job, target: Path) -> Path:
        if self._server is None or job.document is None:
            raise _GivenUp(Reason.DOCUMENT_UNKNOWN)
        try:
            # Each time anew: the document may have been replaced or deleted since.
            self._server.fetch_document(job.appointment, job.document, target)
        except NotFound as error:
            raise _GivenUp(Reason.DOCUMENT_UNKNOWN) from error
        except NotInCall as error:
            raise _GivenUp(Reason.CALL_OVER) from error
        except ServerRefused as error:
            raise _GivenUp(Reason.SERVER_REFUSED) from error
        except TooLarge as error:
            raise _GivenUp(Reason.DOCUMENT_TOO_LARGE) from error
        except OSError as error:
            raise _GivenUp(Reason.DISK_FULL) from error
        return target

    def _give_up(self, job: Job, given_up: "_GivenUp") -> Job:
        if given_up.reason is not Reason.DOCUMENT_UNKNOWN:
            return self._ledger.fail(job, given_up.reason)
        return self._ledger.fail(
            job,
            given_up.reason,
            sentences.unknown_document(job.document, self._known_documents()),
        )

    def _known_documents(self) -> list[int] | None:
        if self._server is None:
            return None
        try:
            call = self._server.current_call()
        except ServerError:
            return None
        return [document.number for document in call.documents]


class _GivenUp(Exception):
    """The document cannot be had."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class _Watch:
    """What was seen of a print so far: complaints, absences, time."""

    def __init__(self, limits: PrintLimits, sheets: int) -> None:
        self._orphan_seconds = limits.orphan_seconds
        self._seconds = limits.seconds + sheets * limits.sheet_seconds
        self._moved_at = time.monotonic()
        self._alone_since: float | None = None
        self._was_away = False
        self._is_handed_over = False
        self.was_lost = False
        self._last: PrintStatus | None = None
        self._complaint: tuple[Reason, float] | None = None

    def see_away(self) -> None:
        """Note that the print service does not answer."""
        self._was_away = True

    def see(self, status: PrintStatus) -> bool:
        """Note a status; tell whether the service began a second time."""
        last, self._last = self._last, status
        was_away, self._was_away = self._was_away, False
        if last is None or status.sheets > last.sheets:
            self._moved_at = time.monotonic()
        was_handed_over = self._is_handed_over
        self._is_handed_over = was_handed_over or status.is_handed_over
        if last is None or not was_handed_over:
            return False
        is_open = status.state in (JobState.PENDING, JobState.PROCESSING)
        return is_open and (was_away or status.began_at != last.began_at)

    def complaint(self, found: Reason) -> Reason | None:
        """Give a cause that lasted, NONE once it is gone, or None: nothing to say yet."""
        now = time.monotonic()
        if self._complaint is None or self._complaint[0] is not found:
            self._complaint = (found, now)
        if found and now - self._complaint[1] < COMPLAINT_SECONDS:
            return None
        if found is Reason.PRINTER_OFFLINE and self._is_handed_over:
            self.was_lost = True
        return found

    def is_late(self, is_in_call: bool) -> bool:
        """Tell whether a print that does not move has had its time.

        What waits for a person after the call has less of it: the person is leaving.
        """
        now = time.monotonic()
        is_stuck = self._was_away or self._last is None or bool(self._last.blocking)
        if is_in_call or not is_stuck:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > self._orphan_seconds:
            return True
        return now - self._moved_at > self._seconds

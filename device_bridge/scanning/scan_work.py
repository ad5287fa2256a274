# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans one job, from "posez votre document" to a PDF that waits for its delivery."""

import errno
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from device_bridge.call import sentences
from device_bridge.call.cues import Cue
from device_bridge.jobs.job import Job, JobState, Operation, Preset, ScanColour
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.stored import StoredScan
from device_bridge.scanning.page_process import PagePool
from device_bridge.scanning.scan_pdf import (
    add_text_layer,
    hash_file,
    join_card,
    write_pdf,
)
from device_bridge.scanning.scanner import (
    ScanCanceled,
    Scanner,
    ScannerError,
    ScanRequest,
    Source,
)
from device_bridge.scanning.taken_pages import TakenPages

log = structlog.get_logger(__name__)

# A card is 85.6 x 54 mm (ISO/IEC 7810, ID-1); laid down by hand it is never straight.
CARD_AREA_MM = (105.0, 74.0)
CARD_SIDES = 2
A4_AREA_MM = (210.0, 297.0)
PHOTO_DPI = 600
PDF_NAME = "scan.pdf"
# What the resident is asked for before the scan; an automatic one begins at once.
PLACING = {
    Preset.A4: Cue.PLACE_DOCUMENT,
    Preset.CARD: Cue.PLACE_CARD,
    Preset.PHOTO: Cue.PLACE_DOCUMENT,
    Preset.FEEDER: Cue.LOAD_FEEDER,
}
WAIT_STEP_SECONDS = 0.05
# How often a full disk is tried again.
DISK_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPauses:
    """How long a person gets for laying a document down and turning a card."""

    place_seconds: float
    card_turn_seconds: float


class ScanWork:
    """Works on one scan at a time."""

    def __init__(
        self,
        ledger: Ledger,
        scanner: Scanner,
        pauses: ScanPauses,
        has_ocr: bool,
        may_begin: Callable[[Job], Reason],
    ) -> None:
        self._ledger = ledger
        self._scanner = scanner
        self._pauses = pauses
        self._has_ocr = has_ocr
        self._may_begin = may_begin
        self._go_on = threading.Event()
        self._pool = PagePool()
        self.is_waiting = False

    def close(self) -> None:
        """Let go of what treats the pages."""
        self._pool.close()

    def go_on(self) -> None:
        """The counsellor keyed the code again: no need to wait any longer."""
        self._go_on.set()

    def run(self, job: Job, cancel: threading.Event) -> Job:
        """Scan, or save what a restart left; give the job as it ended.

        A copy comes back as `is_scanned`, still to be printed.
        """
        if job.is_touched:
            return self._save_after_restart(job, cancel)
        refused = self._may_begin(job)
        if refused:
            return self._ledger.fail(job, refused)
        job = self._ledger.move(job, JobState.PROCESSING)
        pages = TakenPages(self._ledger, job, self._pool)
        try:
            self._wait_for_paper(job, cancel)
            job = pages.job = self._ledger.change(job, is_touched=True)
            self._scan(pages, cancel)
        except ScanCanceled:
            return self._stop_early(pages, Reason.CANCELED_BY_COUNSELLOR, cancel)
        except ScannerError as error:
            log.warning("scan ended early", job=job.uuid, detail=str(error))
            return self._stop_early(pages, error.reason, cancel)
        except OSError as error:
            return self._stop_early(pages, _disk_reason(error), cancel)
        return self._finish(pages, cancel)

    def _wait_for_paper(self, job: Job, cancel: threading.Event) -> None:
        placing = PLACING.get(job.preset)
        if placing is not None and self._pauses.place_seconds:
            self._ledger.tell_resident(job, placing)
            self._wait(self._pauses.place_seconds, cancel)

    def _wait(self, seconds: float, cancel: threading.Event) -> None:
        """Wait for the time to pass or the code to come again; raise on a cancel."""
        deadline = time.monotonic() + seconds
        self._go_on.clear()
        self.is_waiting = True
        try:
            while time.monotonic() < deadline:
                if self._go_on.wait(WAIT_STEP_SECONDS):
                    return
                if cancel.is_set():
                    raise ScanCanceled()
        finally:
            self.is_waiting = False

    def _scan(self, pages: TakenPages, cancel: threading.Event) -> None:
        request = make_request(pages.job)
        self._ledger.tell(pages.job, sentences.DO_NOT_TOUCH)
        self._scanner.scan(request, pages.folder, pages.take, cancel)
        if pages.job.preset is Preset.CARD:
            pages.settle()
            self._ledger.tell_resident(pages.job, Cue.TURN_CARD)
            self._ledger.tell(pages.job, sentences.TURN_CARD_COUNSELLOR)
            self._wait(self._pauses.card_turn_seconds, cancel)
            self._ledger.tell_resident(pages.job, Cue.SCANNING)
            self._scanner.scan(request, pages.folder, pages.take, cancel)
        pages.settle()

    def _finish(self, pages: TakenPages, cancel: threading.Event) -> Job:
        job = pages.job
        self._ledger.tell_resident(job, pages.judged())
        try:
            scan = self._make_pdf(job, pages.files, pages.verdicts, cancel)
        except OSError as error:
            return self._ledger.fail(job, _disk_reason(error))
        if job.operation is Operation.COPY:
            return self._ledger.change(job, is_scanned=True, is_touched=False, page=0)
        return self._ledger.move(
            job,
            JobState.COMPLETED,
            Reason.NONE,
            sentences.scanned(scan.pages, scan.verdicts),
            scan,
            pages=scan.pages,
            page=scan.pages,
        )

    def _stop_early(
        self, pages: TakenPages, reason: Reason, cancel: threading.Event
    ) -> Job:
        """Keep and deliver the pages that are good; a copy of a part helps nobody."""
        pages.settle()
        if reason is Reason.CANCELED_BY_COUNSELLOR:
            # That wish is fulfilled; keeping the pages is not cancelled by it.
            cancel.clear()
        return self._keep(pages.job, pages.files, pages.verdicts, reason, cancel)

    def _save_after_restart(self, job: Job, cancel: threading.Event) -> Job:
        """The device did its part or half of it: what is on the disk is delivered."""
        folder = self._ledger.job_folder(job)
        # The last may be whole and not have got its name any more.
        files = sorted(folder.glob("page-*.jpg")) + sorted(folder.glob("raw-*.jpg"))
        return self._keep(job, files, [], Reason.BRIDGE_RESTARTED, cancel)

    def _keep(
        self,
        job: Job,
        files: list[Path],
        verdicts: list[str],
        reason: Reason,
        cancel: threading.Event,
    ) -> Job:
        kept = files if job.operation is Operation.SCAN else []
        text = sentences.scan_kept(reason, len(kept))
        if job.operation is Operation.COPY:
            text = sentences.failed(replace(job, reason=reason))
        scan = None
        if kept:
            try:
                scan = self._make_pdf(job, kept, [*verdicts, "partial"], cancel)
            except OSError as error:
                return self._ledger.fail(job, _disk_reason(error))
        page = len(kept)
        job = self._ledger.change(job, page=page, pages=page)
        if reason is not Reason.CANCELED_BY_COUNSELLOR:
            return self._ledger.fail(job, reason, text, scan)
        if not kept:
            text = sentences.canceled(job)
        return self._ledger.move(job, JobState.CANCELED, reason, text, scan)

    def _make_pdf(
        self,
        job: Job,
        files: list[Path],
        verdicts: list[str],
        cancel: threading.Event,
    ) -> StoredScan:
        """Make the PDF; on a full disk try until there is room, or the counsellor
        gives up: the pages would be lost otherwise."""
        while True:
            try:
                target, count = self._write_pdf(job, files)
                break
            except OSError as error:
                if _disk_reason(error) is not Reason.DISK_FULL or cancel.is_set():
                    raise
                self._ledger.tell(job, sentences.reason(Reason.DISK_FULL))
                cancel.wait(DISK_PAUSE_SECONDS)
        return StoredScan(
            job=job.uuid,
            appointment=job.appointment,
            file=target,
            sha256=hash_file(target),
            size=target.stat().st_size,
            pages=count,
            verdicts=tuple(verdicts),
        )

    def _write_pdf(self, job: Job, files: list[Path]) -> tuple[Path, int]:
        folder = self._ledger.job_folder(job)
        target = folder / PDF_NAME
        is_scan = job.operation is Operation.SCAN
        if job.preset is Preset.CARD:
            joined = folder / "card.jpg"
            join_card(files, joined, job.resolution_dpi)
            files = [joined]
        write_pdf(files, target)
        if self._has_ocr and is_scan:
            add_text_layer(target)
        return target, len(files)


def make_request(job: Job) -> ScanRequest:
    """Give what the scanner is asked for: the preset's meaning."""
    source, area, resolution = Source.AUTO, None, job.resolution_dpi
    if job.preset is Preset.CARD:
        source, area = Source.FLATBED, CARD_AREA_MM
    elif job.preset is Preset.A4:
        source, area = Source.FLATBED, A4_AREA_MM
    elif job.preset is Preset.PHOTO:
        source, resolution = Source.FLATBED, max(resolution, PHOTO_DPI)
    elif job.preset is Preset.FEEDER:
        source = Source.FEEDER
    return ScanRequest(
        source=source,
        duplex=job.duplex and job.operation is Operation.SCAN,
        resolution_dpi=resolution,
        colour=job.scan_colour is ScanColour.COLOUR,
        area_mm=area,
    )


def _disk_reason(error: OSError) -> Reason:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Reason.DISK_FULL
    return Reason.INTERNAL

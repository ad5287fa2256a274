# SPDX-License-Identifier: AGPL-3.0-or-later
"""One print or scan at the kiosk's own terminal: no call, no server, the same work."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from device_bridge.call import sentences
from device_bridge.call.cues import Cue
from device_bridge.call.link import Audience
from device_bridge.jobs.job import Job, new_job_id
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.store import Store
from device_bridge.printing.print_work import PrintWork, job_title
from device_bridge.scanning.scan_pdf import has_ocr
from device_bridge.scanning.scan_work import PDF_NAME, ScanWork
from device_bridge.server.port import ScanAnnouncement, ServerUnreachable
from device_bridge.settings import BridgeSettings
from device_bridge.wiring import (
    make_printer,
    make_scanner,
    print_limits,
    scan_pauses,
)

Echo = Callable[[str], None]


def print_file(
    settings: BridgeSettings, file: Path, job: Job, echo: Echo, cancel: threading.Event
) -> Job:
    """Print a PDF and give the job as it ended."""
    printer = make_printer(settings)
    with _ledger(echo) as ledger:
        opened = ledger.open(job) or job
        server = _OneFile(file)
        limits = print_limits(settings)
        work = PrintWork(
            ledger, printer, server, limits, lambda job: True, lambda: True, _nothing
        )
        done = work.run(opened, cancel)
    printer.forget({job_title(job)})
    return done


def scan_file(
    settings: BridgeSettings,
    target: Path,
    job: Job,
    echo: Echo,
    cancel: threading.Event,
) -> Job:
    """Scan to a PDF and give the job as it ended; what was good is in `target`."""
    scanner = make_scanner(settings)
    try:
        with _ledger(echo) as ledger:
            opened = ledger.open(job) or job
            ocr = settings.ocr and has_ocr()
            pauses = scan_pauses(settings)
            work = ScanWork(ledger, scanner, pauses, ocr, lambda job: Reason.NONE)
            try:
                done = work.run(opened, cancel)
            finally:
                work.close()
            made = ledger.job_folder(job) / PDF_NAME
            if made.exists():
                shutil.copyfile(made, target)
    finally:
        scanner.close()
    return done


def local_job(**values: Any) -> Job:
    """Give a job that belongs to no call."""
    return Job(uuid=new_job_id(), appointment=0, document=1, **values)


def _nothing(job: Job, target: Path, cancel: threading.Event) -> None:
    """Nothing was got ready: nobody keyed a code."""


@contextmanager
def _ledger(echo: Echo) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory(prefix="guichet-bridge-") as name:
        store = Store(Path(name) / "job.db")
        try:
            yield Ledger(store, Path(name) / "work", _Terminal(echo), lambda: None)
        finally:
            store.close()


@dataclass(frozen=True)
class _Terminal:
    """Tells the counsellor's sentences to whoever sits at the terminal."""

    echo: Echo

    def say(self, text: str, to: Audience, call: str) -> None:
        self.echo(text)

    def cue(self, cue: Cue, job: Job, is_spoken: bool) -> None:
        # What went wrong is echoed as the counsellor would read it.
        if is_spoken and cue is not Cue.PROBLEM:
            self.echo(sentences.CUES[cue])


class _OneFile:
    """A server that has one document, the file named on the command line."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def fetch_document(
        self,
        appointment: int,
        number: int,
        target: Path,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
        is_ahead: bool = False,
    ) -> None:
        shutil.copyfile(self._file, target)

    def current_call(self) -> NoReturn:
        raise ServerUnreachable("no server")

    def language_of(self, appointment: int) -> str:
        return ""

    def prepared_job(self, appointment: int, number: int) -> NoReturn:
        raise ServerUnreachable("no server")

    def show_page(self, appointment: int, document: int | None, page: int) -> NoReturn:
        raise ServerUnreachable("no server")

    def show_cue(self, appointment: int, cue: str, page: int, pages: int) -> NoReturn:
        raise ServerUnreachable("no server")

    def report(self, job: Job) -> NoReturn:
        raise ServerUnreachable("no server")

    def begin_upload(self, scan: ScanAnnouncement) -> NoReturn:
        raise ServerUnreachable("no server")

    def send_chunk(self, upload: str, offset: int, data: bytes) -> NoReturn:
        raise ServerUnreachable("no server")

    def upload_status(self, upload: str) -> NoReturn:
        raise ServerUnreachable("no server")

    def heartbeat(self, devices: dict[str, Any]) -> NoReturn:
        raise ServerUnreachable("no server")

    def wiped(
        self,
        appointment: int,
        files: int,
        size: int,
        at: datetime,
        looked_at: Mapping[str, int],
        is_called_again: bool = False,
    ) -> NoReturn:
        raise ServerUnreachable("no server")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings to the server what it must have: reports, scans, proofs of a wipe.

Nothing is given up: a day without server delays, and loses nothing.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from device_bridge.call import sentences
from device_bridge.errors import BridgeError
from device_bridge.jobs.job import Job
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.store import Store
from device_bridge.ledger.stored import StoredScan
from device_bridge.server.port import (
    DamagedTransfer,
    Gone,
    Server,
    ServerError,
    ServerRefused,
    ServerUnreachable,
    UploadStatus,
    WrongOffset,
)

log = structlog.get_logger(__name__)

# The server keeps what arrived of a piece that broke off, so a long one costs nothing but
# memory; each piece costs a round trip.
CHUNK_BYTES = 8 * 1024 * 1024
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
# Without anything to do, the queue is looked at all the same, now and then.
IDLE_SECONDS = 30.0
# A delivery that takes longer is told to the counsellor, once.
DELAY_SECONDS = 5.0


class ReportDelivery:
    """Tells the server each job's last state."""

    def __init__(self, store: Store, server: Server) -> None:
        self._store = store
        self._server = server

    def deliver(self) -> None:
        """Send what is not reported; raises ServerUnreachable at the first failure."""
        for job in self._store.unreported_jobs():
            try:
                self._server.report(job)
            except ServerRefused as error:
                # Whatever we send again would be refused again.
                log.error("report refused", job=job.uuid, status=error.status)
            self._store.mark_reported(job.uuid, job.sequence)


class ScanDelivery:
    """Uploads scans, each from where the server says that it stands."""

    def __init__(self, ledger: Ledger, server: Server) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._server = server
        self._waiting_since: dict[str, float] = {}
        self._told: set[str] = set()

    def deliver(self) -> None:
        """Upload what is not confirmed; raises ServerError after trying each."""
        failure: ServerError | None = None
        for scan in self._store.undelivered_scans():
            try:
                self._deliver(scan)
            except ServerError as error:
                log.warning("scan not delivered", job=scan.job, detail=str(error))
                self._tell_delay(scan)
                failure = error
        if failure is not None:
            raise failure

    def _deliver(self, scan: StoredScan) -> None:
        job = self._store.job(scan.job)
        announcement = replace(scan.announcement, nonce=job.nonce if job else "")
        try:
            upload, offset = self._server.begin_upload(announcement)
        except Gone:
            # An older copy of the server's database came back, and the number is another
            # resident's: nobody may ever see this scan there. It is wiped with the rest.
            log.error("scan of a lost appointment given up", job=scan.job)
            self._store.confirm_scan(scan.job, None)
            return
        if upload != scan.upload:
            self._store.set_upload(scan.job, upload)
        self._send(scan, upload, offset)
        status = self._server.upload_status(upload)
        if not status.is_complete or status.sha256.lower() != scan.sha256:
            # The next round announces it anew and learns where it stands.
            raise DamagedTransfer(f"the server has {status.sha256 or 'a part'}")
        self._confirm(scan, status)

    def _send(self, scan: StoredScan, upload: str, offset: int) -> None:
        with scan.file.open("rb") as file:
            while offset < scan.size:
                file.seek(offset)
                data = file.read(min(CHUNK_BYTES, scan.size - offset))
                try:
                    offset = self._server.send_chunk(upload, offset, data)
                except WrongOffset as wrong:
                    log.info("upload resumed", job=scan.job, offset=wrong.offset)
                    if wrong.offset == offset:
                        raise
                    offset = wrong.offset

    def _confirm(self, scan: StoredScan, status: UploadStatus) -> None:
        self._store.confirm_scan(scan.job, status.document)
        log.info("scan delivered", job=scan.job, document=status.document)
        job = self._store.job(scan.job)
        if job is not None:
            text = sentences.delivered(scan.pages, status.document, scan.verdicts)
            job = self._ledger.change(job, document=status.document, sentence=text)
            self._ledger.tell(job, text)

    def _tell_delay(self, scan: StoredScan) -> None:
        since = self._waiting_since.setdefault(scan.job, time.monotonic())
        if scan.job in self._told or time.monotonic() - since < DELAY_SECONDS:
            return
        self._told.add(scan.job)
        job: Job | None = self._store.job(scan.job)
        if job is not None:
            self._ledger.tell(job, sentences.delivery_delayed())


class WipeDelivery:
    """Tells the server what is gone."""

    def __init__(self, store: Store, server: Server) -> None:
        self._store = store
        self._server = server

    def deliver(self) -> None:
        """Send each proof; raises ServerUnreachable at the first failure."""
        for wipe in self._store.unposted_wipes():
            is_called_again = wipe.appointment in self._store.owed_wipes()
            try:
                self._server.wiped(
                    wipe.appointment,
                    wipe.files,
                    wipe.size,
                    wipe.at,
                    wipe.looked_at,
                    is_called_again,
                )
            except ServerRefused as error:
                log.error(
                    "proof of a wipe refused",
                    appointment=wipe.appointment,
                    status=error.status,
                )
            self._store.mark_posted(wipe.number)


class Courier:
    """Calls a delivery on its own thread: when woken, later when it failed.

    A wish waits `gather_seconds` for others, so that one delivery serves several.
    """

    def __init__(
        self,
        name: str,
        deliver: Callable[[], None],
        idle_seconds: float = IDLE_SECONDS,
        gather_seconds: float = 0.0,
    ) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._gather_seconds = gather_seconds
        self._deliver = deliver
        self._is_woken = threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is something to deliver."""
        self._is_woken.set()

    def stop(self, seconds: float) -> None:
        """End, waiting a little for what is under way; the rest is on the disk."""
        self._is_stopping.set()
        self._is_woken.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._is_stopping.is_set():
            self._is_woken.clear()
            if self._try():
                pause = FIRST_PAUSE_SECONDS
                if self._is_woken.wait(self._idle_seconds):
                    self._is_stopping.wait(self._gather_seconds)
                continue
            # A wish that comes meanwhile does not hurry a server that is away.
            self._is_stopping.wait(pause * random.uniform(0.8, 1.2))
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)

    def _try(self) -> bool:
        try:
            self._deliver()
        except ServerUnreachable as error:
            log.info("server unreachable", what=self._name, detail=str(error))
            return False
        except BridgeError as error:
            log.warning("delivery failed", what=self._name, detail=str(error))
            return False
        except Exception:
            log.exception("delivery broke", what=self._name)
            return False
        return True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages that came from the scanner for one job, and what is thought of them."""

from concurrent.futures import Future
from pathlib import Path

import structlog

from device_bridge.call import sentences
from device_bridge.call.cues import Cue
from device_bridge.jobs.job import Job, Operation
from device_bridge.ledger.ledger import Ledger
from device_bridge.scanning.page_process import PagePool
from device_bridge.scanning.pages import PageVerdict
from device_bridge.scanning.scanner import ScannedPage, Source

log = structlog.get_logger(__name__)


class TakenPages:
    """The pages of one scan, treated in the background while the next one is scanned."""

    def __init__(self, ledger: Ledger, job: Job, pool: PagePool) -> None:
        self.job = job
        self.files: list[Path] = []
        self.verdicts: list[str] = []
        self.folder = ledger.job_folder(job)
        self._ledger = ledger
        self._pool = pool
        self._taken = 0
        self._was_on_glass = False
        self._futures: list[tuple[Path, Future[PageVerdict]]] = []

    def take(self, page: ScannedPage) -> None:
        """Take a page from the scanner, on the scanner's thread.

        It is whole: from now on a restart finds it by its name.
        """
        self._taken += 1
        self._was_on_glass = page.source is Source.FLATBED
        # A second pass over the glass names its files as the first one did.
        file = self.folder / f"page-{self._taken:03}.jpg"
        page.file.rename(file)
        self._futures.append((file, self._pool.straighten(file)))
        self.job = self._ledger.change(
            self.job, page=self._taken, sentence=sentences.scanning(self._taken)
        )

    def settle(self) -> None:
        """Wait for the pages taken so far; one that cannot be treated stays as it is."""
        futures, self._futures = self._futures, []
        for file, future in futures:
            self.files.append(file)
            number = len(self.files)
            try:
                verdict = future.result()
            except OSError as error:
                log.warning("page not judged", job=self.job.uuid, detail=str(error))
                continue
            if verdict.is_blank:
                self.verdicts.append(f"blank:{number}")
            elif verdict.is_blurred:
                self.verdicts.append(f"blurred:{number}")

    def judged(self) -> Cue:
        """Give what the resident is told of their paper, once all pages are settled.

        A sheet of the feeder may well be blank on its back. What is copied is printed next.
        """
        if self.job.operation is Operation.COPY:
            return Cue.TAKE_DOCUMENT
        blank = [each for each in self.verdicts if each.startswith("blank:")]
        if len(blank) == len(self.files):
            # Which side a feeder wants, the counsellor explains.
            return Cue.TURN_PAPER if self._was_on_glass else Cue.PROBLEM
        if any(each.startswith("blurred:") for each in self.verdicts):
            return Cue.SCAN_AGAIN
        return Cue.SCAN_GOOD

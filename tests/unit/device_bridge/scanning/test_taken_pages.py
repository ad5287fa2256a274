# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the resident is told of their paper once it was scanned."""

from concurrent.futures import Future
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from device_bridge.call.cues import Cue
from device_bridge.jobs.job import Job, Operation
from device_bridge.ledger.ledger import Ledger
from device_bridge.scanning.page_process import PagePool
from device_bridge.scanning.pages import PageVerdict
from device_bridge.scanning.scanner import ScannedPage, Source
from device_bridge.scanning.taken_pages import TakenPages

FINE, BLANK = PageVerdict(), PageVerdict(is_blank=True)
BLURRED = PageVerdict(is_blurred=True)
GLASS, FEEDER = Source.FLATBED, Source.FEEDER


@pytest.mark.parametrize(
    ("operation", "source", "verdicts", "cue"),
    [
        (Operation.SCAN, GLASS, [FINE], Cue.SCAN_GOOD),
        (Operation.SCAN, GLASS, [BLANK], Cue.TURN_PAPER),
        (Operation.SCAN, GLASS, [BLURRED], Cue.SCAN_AGAIN),
        # Of a card, one side was legible.
        (Operation.SCAN, GLASS, [FINE, BLANK], Cue.SCAN_GOOD),
        (Operation.SCAN, GLASS, [BLANK, BLANK], Cue.TURN_PAPER),
        # The backs of sheets in the feeder are blank.
        (Operation.SCAN, FEEDER, [FINE, BLANK, FINE, BLANK], Cue.SCAN_GOOD),
        (Operation.SCAN, FEEDER, [BLANK, BLANK], Cue.PROBLEM),
        (Operation.SCAN, FEEDER, [FINE, BLURRED], Cue.SCAN_AGAIN),
        # What is copied is printed next, whatever it is.
        (Operation.COPY, GLASS, [BLANK], Cue.TAKE_DOCUMENT),
    ],
)
def test_what_lay_there_is_judged(
    tmp_path: Path,
    operation: Operation,
    source: Source,
    verdicts: list[PageVerdict],
    cue: Cue,
) -> None:
    ledger = create_autospec(Ledger, instance=True)
    ledger.job_folder.return_value = tmp_path
    job = Job(uuid="j", operation=operation, appointment=4, call="c")
    ledger.change.return_value = job
    pool = create_autospec(PagePool, instance=True)
    pages = TakenPages(ledger, job, pool)
    for verdict in verdicts:
        future: Future[PageVerdict] = Future()
        future.set_result(verdict)
        pool.straighten.return_value = future
        file = tmp_path / "raw.jpg"
        file.write_bytes(b"a picture")
        pages.take(ScannedPage(file=file, source=source))
    pages.settle()
    assert pages.judged() is cue

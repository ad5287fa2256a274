# SPDX-License-Identifier: AGPL-3.0-or-later
"""device.scan: ten pages from the feeder to a PDF on the server, beside scanimage."""

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from booking_web.tables.documents import Document
from measure.device_call import DeviceCall
from measure.rows import Figures
from provisioning.database.engine import Database
from stage.papers import page_texts
from stage.scanner import FEEDER_PAGES
from stage.waiting import wait_for

RUNS = 20
WARM_UP_RUNS = 1
CODE = "*23#"
# The same code again within five seconds counts once.
REPEAT_SECONDS = 5.2
SCAN_SECONDS = 60.0
# The backend `test` now and then hangs when its reader is cancelled: ours replaces the
# process and goes on; scanimage would wait for ever, so that run of it is made anew.
PEER_SECONDS = 15.0
PEER_ATTEMPTS = 3
POLL_SECONDS = 0.01


def measure() -> Figures:
    """Scan by a code and by scanimage with img2pdf in turn, on devices of one kind."""
    ended: list[float] = []
    peer: list[float] = []
    hung = 0
    with DeviceCall() as call:
        database = call.stage.database()
        try:
            with call.sip_capture() as capture:
                for run in range(RUNS + WARM_UP_RUNS):
                    began = time.monotonic()
                    call.key(CODE)
                    ended.append(_wait_delivered(database, run + 1))
                    seconds, hangs = _peer_run(call, run)
                    peer.append(seconds)
                    hung += hangs
                    time.sleep(max(0.0, began + REPEAT_SECONDS - time.monotonic()))
            keyed = call.last_digits(capture.messages())
        finally:
            database.dispose()
        pages = len(page_texts(call.desk.download(call.appointment, 1)))
    if len(keyed) != len(ended) or pages != FEEDER_PAGES:
        raise RuntimeError(f"{len(keyed)} codes, {pages} pages in a document")
    ours = [end - begin for begin, end in zip(keyed, ended, strict=True)]
    return Figures(
        tuple(ours[WARM_UP_RUNS:]),
        tuple(peer[WARM_UP_RUNS:]),
        (
            "ours straightens and judges each page and delivers, encrypted, to the server;"
            " the peer leaves a file",
            f"scanimage hung and was run anew {hung} times",
        ),
    )


def _wait_delivered(database: Database, count: int) -> float:
    """Return when the server had that many documents, seconds since 1970."""

    def documents() -> int:
        with database.read() as session:
            return session.scalar(select(func.count(Document.id))) or 0

    wait_for(
        lambda: documents() >= count,
        f"{count} scans are on the server",
        SCAN_SECONDS,
        poll_seconds=POLL_SECONDS,
    )
    return time.time()


def _peer_run(call: DeviceCall, run: int) -> tuple[float, int]:
    """Return the seconds of a peer's run, and how many hung before it."""
    for attempt in range(PEER_ATTEMPTS):
        try:
            return _scanimage(call, call.folder / f"peer-{run}-{attempt}"), attempt
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"scanimage hung {PEER_ATTEMPTS} times in a row")


def _scanimage(call: DeviceCall, folder: Path) -> float:
    """Return the seconds that scanimage and img2pdf take for the same pages."""
    folder.mkdir()
    scanner = call.devices.scanner
    environment = {**os.environ, "SANE_CONFIG_DIR": str(scanner.directory)}
    began = time.monotonic()
    subprocess.run(
        [
            *("scanimage", "-d", scanner.device, "--mode", "Color", "--depth", "8"),
            *("--source", "Automatic Document Feeder", "--resolution", "300"),
            *("-x", "210", "-y", "297", "--format=jpeg"),
            *("--batch=page-%02d.jpg", "--batch-count", str(FEEDER_PAGES)),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=True,
        timeout=PEER_SECONDS,
    )
    pages = sorted(file.name for file in folder.glob("page-*.jpg"))
    subprocess.run(
        [str(Path(sys.executable).parent / "img2pdf"), *pages, "-o", "scan.pdf"],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=PEER_SECONDS,
    )
    return time.monotonic() - began

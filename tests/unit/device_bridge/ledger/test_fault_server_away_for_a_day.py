# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server is away for a day: the scan is kept, tried again, and delivered once."""

from unittest.mock import create_autospec

import pytest

from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.ledger.delivery import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    ScanDelivery,
)
from device_bridge.ledger.ledger import Ledger, Voice
from device_bridge.ledger.store import Store
from device_bridge.ledger.stored import StoredScan
from device_bridge.server.port import Server, ServerUnreachable, UploadStatus

SECONDS_OF_A_DAY = 86_400
# With the pauses doubling up to the longest, a day holds about that many tries.
TRIES = SECONDS_OF_A_DAY // int(LONGEST_PAUSE_SECONDS)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "bridge.db")
    yield store
    store.close()


@pytest.fixture
def ledger(store, tmp_path):
    return Ledger(store, tmp_path / "work", create_autospec(Voice), lambda: None)


@pytest.fixture
def scan(ledger, tmp_path):
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"the pages")
    job = ledger.open(Job(uuid="j", operation=Operation.SCAN, appointment=4, call="c"))
    job = ledger.move(job, JobState.PROCESSING)
    scan = StoredScan(
        job="j", appointment=4, file=file, sha256="ab", size=9, pages=2, verdicts=()
    )
    ledger.move(job, JobState.COMPLETED, scan=scan)
    return scan


def test_after_a_day_of_failed_tries_the_scan_is_still_there_and_then_delivered_once(
    ledger, store, scan
):
    server = create_autospec(Server)
    server.begin_upload.side_effect = ServerUnreachable("no route")
    delivery = ScanDelivery(ledger, server)

    for _ in range(TRIES):
        with pytest.raises(ServerUnreachable):
            delivery.deliver()
    assert store.undelivered_scans() == [scan]
    assert scan.file.read_bytes() == b"the pages"

    server.begin_upload.side_effect = None
    server.begin_upload.return_value = ("u", 0)
    server.send_chunk.return_value = 9
    server.upload_status.return_value = UploadStatus(
        is_complete=True, sha256="ab", document=3
    )
    delivery.deliver()
    delivery.deliver()

    server.send_chunk.assert_called_once_with("u", 0, b"the pages")
    assert store.undelivered_scans() == []
    assert store.job("j").document == 3


def test_a_server_that_has_another_hash_does_not_get_the_scan_forgotten(
    ledger, store, scan
):
    server = create_autospec(Server)
    server.begin_upload.return_value = ("u", 9)
    server.upload_status.return_value = UploadStatus(is_complete=True, sha256="cd")

    with pytest.raises(Exception, match="the server has cd"):
        ScanDelivery(ledger, server).deliver()

    assert store.undelivered_scans() != []


def test_the_pauses_are_short_at_first_and_never_longer_than_a_minute():
    assert FIRST_PAUSE_SECONDS <= 1
    assert LONGEST_PAUSE_SECONDS <= 60

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans are looked through beside the requests; nothing that happens there reaches one."""

import threading
from unittest.mock import create_autospec

import pytest

from booking_web.domain.forms.printed.reading import ScanReader
from booking_web.shell.scan_readings import ScanReadings

DEADLINE_SECONDS = 90.0


@pytest.fixture
def reader() -> ScanReader:
    return create_autospec(ScanReader, instance=True)


def test_each_appointment_is_read_though_one_before_it_failed(reader) -> None:
    reader.read_all.side_effect = [RuntimeError("the database is gone"), 1]
    readings = ScanReadings(reader)
    readings.wake(1)
    readings.wait(DEADLINE_SECONDS)
    readings.wake(2)
    readings.wait(DEADLINE_SECONDS)
    assert [each.args for each in reader.read_all.call_args_list] == [(1,), (2,)]


def test_who_wakes_it_twice_meanwhile_has_it_read_once_more(reader) -> None:
    is_reading, may_end = threading.Event(), threading.Event()

    def read(_appointment_id: int) -> int:
        is_reading.set()
        may_end.wait(DEADLINE_SECONDS)
        return 1

    reader.read_all.side_effect = read
    readings = ScanReadings(reader)
    readings.wake(1)
    assert is_reading.wait(DEADLINE_SECONDS)
    readings.wake(1)
    readings.wake(1)
    may_end.set()
    readings.wait(DEADLINE_SECONDS)
    assert reader.read_all.call_count == 2


def test_a_machine_without_a_thread_left_fails_no_delivery(reader, monkeypatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    readings = ScanReadings(reader)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        readings.wake(1)
    # Whoever comes next has it read.
    readings.wake(1)
    readings.wait(DEADLINE_SECONDS)
    assert [each.args for each in reader.read_all.call_args_list] == [(1,)]

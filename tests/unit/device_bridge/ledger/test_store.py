# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was written down is there after a restart, and only once."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from device_bridge.call.call import Call
from device_bridge.jobs.job import Job, JobState, Operation, Preset
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.store import Store, StoreError
from device_bridge.ledger.stored import StoredScan


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "bridge.db")
    yield store
    store.close()


def make_job(uuid="j", **values):
    return Job(uuid=uuid, operation=Operation.SCAN, appointment=4, **values)


def make_scan(tmp_path):
    return StoredScan(
        job="j",
        appointment=4,
        file=tmp_path / "scan.pdf",
        sha256="ab",
        size=1,
        pages=1,
        verdicts=("blank:1",),
    )


def test_a_job_comes_back_as_it_was_written(store, tmp_path):
    job = store.add_job(make_job(preset=Preset.CARD, reason=Reason.PAPER_OUT))

    again = Store(tmp_path / "bridge.db")

    assert again.job("j") == job
    assert again.open_jobs() == [job]
    again.close()


def test_the_same_id_is_written_once(store):
    assert store.add_job(make_job(copies=1)) is not None
    assert store.add_job(make_job(copies=9)) is None
    assert store.job("j").copies == 1


def test_every_change_is_reported_again_and_an_old_report_hides_no_new_change(store):
    job = store.add_job(make_job())
    store.mark_reported("j", job.sequence)
    assert store.unreported_jobs() == []

    newer = store.save_job(replace(job, state=JobState.PROCESSING))
    store.mark_reported("j", job.sequence)

    assert store.unreported_jobs() == [newer]


def test_a_scan_is_written_with_its_jobs_move_or_not_at_all(store, tmp_path):
    job = store.add_job(make_job())

    class Broken:
        """A path that cannot be written down."""

        def __str__(self):
            raise OSError("no")

    with pytest.raises(OSError):
        broken = replace(make_scan(tmp_path), file=Broken())
        store.save_job(replace(job, state=JobState.PROCESSING), broken)
    assert store.job("j").state is JobState.PENDING

    store.save_job(replace(job, state=JobState.PROCESSING), make_scan(tmp_path))
    assert store.undelivered_scans() == [make_scan(tmp_path)]


def test_an_appointment_is_unfinished_until_all_of_it_is_over_told_and_delivered(
    store, tmp_path
):
    job = store.add_job(make_job())
    assert store.unfinished_appointments() == {4}

    done = replace(job, state=JobState.COMPLETED)
    done = store.save_job(done, make_scan(tmp_path))
    store.mark_reported("j", done.sequence)
    assert store.unfinished_appointments() == {4}

    store.confirm_scan("j", 2)
    assert store.unfinished_appointments() == set()
    assert store.appointments() == {4}


def test_after_a_wipe_only_the_id_is_left(store, tmp_path):
    store.add_job(make_job(call="gv-4-1"))

    store.add_wipe(4, files=3, size=99, looked_at={"spool": 3})

    assert store.appointments() == set()
    left = store.job("j")
    assert (left.appointment, left.call) == (0, "")
    proof = store.unposted_wipes()
    assert [(wipe.appointment, wipe.files, wipe.size) for wipe in proof] == [(4, 3, 99)]
    store.mark_posted(proof[0].number)
    store.prune(timedelta(0))
    assert store.unposted_wipes() == []
    assert store.job("j") is None


def test_a_call_owes_a_wipe_until_it_is_proven_also_over_a_restart(store, tmp_path):
    store.owe_wipe(4)
    store.note_wiped_part(4, "screen", 412)

    again = Store(tmp_path / "bridge.db")
    assert again.owed_wipes() == {4}
    assert again.wiped_parts(4) == {"screen": 412}
    # Called once more: the screen shows the resident's papers again.
    again.owe_wipe(4)
    assert again.wiped_parts(4) == {}
    again.add_wipe(4, 0, 0, {"screen": 9})
    assert again.owed_wipes() == set()
    [proof] = again.unposted_wipes()
    assert proof.looked_at == {"screen": 9}
    again.close()


def test_a_database_of_the_version_before_is_taken_over(store, tmp_path):
    store.add_job(make_job())
    connection = sqlite3.connect(tmp_path / "bridge.db")
    connection.executescript(
        "DROP TABLE wipe_owed; ALTER TABLE wipe DROP COLUMN looked_at;"
        "INSERT INTO wipe (appointment, files, size, at)"
        " VALUES (3, 1, 2, '2026-11-01T09:00:00+00:00'); PRAGMA user_version=1;"
    )
    connection.close()

    again = Store(tmp_path / "bridge.db")
    # What it holds of an appointment is owed, though nobody wrote so then.
    assert again.owed_wipes() == {4}
    assert [wipe.looked_at for wipe in again.unposted_wipes()] == [{}]
    again.close()


def test_the_call_is_remembered_until_its_end(store):
    call = Call("gv-4-1", 4, "counsellor-msa-1")
    store.remember_call(call)
    assert store.remembered_call() == call

    store.remember_call(None)
    assert store.remembered_call() is None


def test_a_full_disk_is_an_error_of_the_store_and_leaves_what_was_there(store):
    store.add_job(make_job())
    # SQLite's own limit: the file may not grow by another page.
    store._connection.execute("PRAGMA max_page_count=1")

    with pytest.raises(StoreError):
        for number in range(200):
            store.add_job(make_job(f"job-{number}", sentence="x" * 2000))

    assert store.job("j") is not None


def test_the_file_is_its_users_alone_and_of_a_known_version(store, tmp_path):
    file = tmp_path / "bridge.db"
    assert file.stat().st_mode & 0o777 == 0o600

    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()

    with pytest.raises(StoreError, match="version 99"):
        Store(file)

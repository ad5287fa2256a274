# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk must not forget: jobs, scans, the call, what was wiped. SQLite.

Each method is one transaction, on disk when it returns: a power cut between two of
them loses nothing that was told. No name, no title, no content is in it.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from device_bridge.call.call import Call
from device_bridge.errors import BridgeError
from device_bridge.jobs.job import FINAL, Job
from device_bridge.ledger.stored import (
    StoredScan,
    Wipe,
    insert_scan,
    job_row,
    read_job,
    read_scan,
    read_wipe,
)

VERSION = 2
SCHEMA = """
CREATE TABLE job (
    uuid TEXT PRIMARY KEY,
    appointment INTEGER NOT NULL,
    state TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE TABLE scan (
    job TEXT PRIMARY KEY REFERENCES job (uuid),
    appointment INTEGER NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    verdicts TEXT NOT NULL,
    upload TEXT,
    document INTEGER,
    is_confirmed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE call (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    appointment INTEGER NOT NULL,
    peer TEXT NOT NULL
);
CREATE TABLE wipe (
    number INTEGER PRIMARY KEY,
    appointment INTEGER NOT NULL,
    files INTEGER NOT NULL,
    size INTEGER NOT NULL,
    at TEXT NOT NULL,
    is_posted INTEGER NOT NULL DEFAULT 0
);
"""
# What a later version adds to the one before, by the version that it makes.
ADDED = {
    2: """
ALTER TABLE wipe ADD COLUMN looked_at TEXT NOT NULL DEFAULT '{}';
CREATE TABLE wipe_owed (
    appointment INTEGER PRIMARY KEY,
    parts TEXT NOT NULL DEFAULT '{}'
);
"""
}


class StoreError(BridgeError):
    """The kiosk's disk did not take it: full, or damaged."""


class Store:
    """The kiosk's memory; any thread may call any method."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._connection = sqlite3.connect(
            file, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        try:
            # FULL: a job that was told as written down survives a power cut.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._create()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    # Jobs

    def add_job(self, job: Job) -> Job | None:
        """Write a new job down; None if one with its id was there already."""
        job = replace(job, sequence=1)
        with self._write() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO job VALUES (?, ?, ?, ?, 0, ?, ?)", job_row(job)
            )
        return job if cursor.rowcount else None

    def save_job(self, job: Job, scan: StoredScan | None = None) -> Job:
        """Write a change down and give the job with its new sequence and time.

        A scan that goes with it is kept from then on until the server has it.
        """
        job = replace(job, sequence=job.sequence + 1, at=datetime.now(UTC))
        uuid, appointment, state, sequence, at, values = job_row(job)
        with self._write() as connection:
            connection.execute(
                "UPDATE job SET appointment=?, state=?, sequence=?, at=?, fields=?"
                " WHERE uuid=?",
                (appointment, state, sequence, at, values, uuid),
            )
            if scan is not None:
                insert_scan(connection, scan)
        return job

    def job(self, uuid: str) -> Job | None:
        """Give a job by its id."""
        rows = self._read("SELECT fields FROM job WHERE uuid=?", uuid)
        return read_job(rows[0]) if rows else None

    def prepared_job(self, call: Call, number: int) -> Job | None:
        """Give the prepared job of this number that was written down in this call."""
        rows = self._read(
            "SELECT fields FROM job WHERE appointment=?"
            " AND json_extract(fields, '$.call')=?"
            " AND json_extract(fields, '$.prepared')=?",
            call.appointment,
            call.id,
            number,
        )
        return read_job(rows[0]) if rows else None

    def open_jobs(self) -> list[Job]:
        """Give the jobs that have not come to an end, oldest first."""
        final = ", ".join(f"'{state}'" for state in sorted(FINAL))
        rows = self._read(
            f"SELECT fields FROM job WHERE state NOT IN ({final}) ORDER BY rowid"
        )
        return [read_job(row) for row in rows]

    def unreported_jobs(self) -> list[Job]:
        """Give the jobs whose last change the server does not know, oldest first."""
        rows = self._read(
            "SELECT fields FROM job WHERE reported < sequence ORDER BY rowid"
        )
        return [read_job(row) for row in rows]

    def mark_reported(self, uuid: str, sequence: int) -> None:
        """Note that the server knows the job up to this change."""
        with self._write() as connection:
            connection.execute(
                "UPDATE job SET reported=max(reported, ?) WHERE uuid=?",
                (sequence, uuid),
            )

    # Scans

    def undelivered_scans(self) -> list[StoredScan]:
        """Give the scans that the server did not confirm, oldest first."""
        rows = self._read("SELECT * FROM scan WHERE is_confirmed=0 ORDER BY rowid")
        return [read_scan(row) for row in rows]

    def set_upload(self, job: str, upload: str | None) -> None:
        """Note the upload that a scan was given."""
        with self._write() as connection:
            connection.execute("UPDATE scan SET upload=? WHERE job=?", (upload, job))

    def confirm_scan(self, job: str, document: int | None) -> None:
        """Note that the server has the scan, by its own hash."""
        with self._write() as connection:
            connection.execute(
                "UPDATE scan SET is_confirmed=1, document=? WHERE job=?",
                (document, job),
            )

    # The call

    def remember_call(self, call: Call | None) -> None:
        """Note the call that the kiosk is in."""
        with self._write() as connection:
            connection.execute("DELETE FROM call")
            if call is not None:
                connection.execute(
                    "INSERT INTO call VALUES (1, ?, ?, ?)",
                    (call.id, call.appointment, call.peer),
                )

    def remembered_call(self) -> Call | None:
        """Give the call that the kiosk was in last, unless its end was noted."""
        rows = self._read("SELECT id, appointment, peer FROM call")
        return Call(*rows[0]) if rows else None

    # Wiping

    def unfinished_appointments(self) -> set[int]:
        """Give the appointments of which something is still to be done or delivered."""
        final = ", ".join(f"'{state}'" for state in sorted(FINAL))
        rows = self._read(
            "SELECT appointment FROM job"
            f" WHERE state NOT IN ({final}) OR reported < sequence"
            " UNION SELECT appointment FROM scan WHERE is_confirmed=0"
        )
        return {row[0] for row in rows}

    def appointments(self) -> set[int]:
        """Give the appointments of which the kiosk has a job that is not wiped."""
        rows = self._read("SELECT DISTINCT appointment FROM job WHERE appointment > 0")
        return {row[0] for row in rows}

    def printed_jobs(self, appointment: int) -> set[str]:
        """Give the ids of an appointment's jobs that were to print."""
        rows = self._read(
            "SELECT uuid FROM job WHERE appointment=?"
            " AND json_extract(fields, '$.operation') IN ('print', 'copy')",
            appointment,
        )
        return {row[0] for row in rows}

    def owe_wipe(self, appointment: int) -> None:
        """Note that a call of the appointment is up: all of it is to be wiped after."""
        with self._write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO wipe_owed (appointment) VALUES (?)",
                (appointment,),
            )

    def owed_wipes(self) -> set[int]:
        """Give the appointments of which something may be left at the kiosk."""
        rows = self._read("SELECT appointment FROM wipe_owed")
        return {row[0] for row in rows} | self.appointments()

    def note_wiped_part(self, appointment: int, part: str, count: int) -> None:
        """Note that a part of the kiosk was looked at after its wipe and is empty."""
        with self._write() as connection:
            connection.execute(
                "INSERT INTO wipe_owed (appointment, parts)"
                " VALUES (?, json_object(?, ?)) ON CONFLICT (appointment)"
                " DO UPDATE SET parts=json_patch(parts, excluded.parts)",
                (appointment, part, count),
            )

    def wiped_parts(self, appointment: int) -> dict[str, int]:
        """Give the parts that are wiped already, with how much was in each."""
        rows = self._read(
            "SELECT parts FROM wipe_owed WHERE appointment=?", appointment
        )
        parts: dict[str, int] = json.loads(rows[0][0]) if rows else {}
        return parts

    def add_wipe(
        self, appointment: int, files: int, size: int, looked_at: Mapping[str, int]
    ) -> None:
        """Note that an appointment's data is gone, and forget whose its jobs were.

        Their ids stay for a while: a prepared job must not run twice.
        """
        at = datetime.now(UTC)
        with self._write() as connection:
            connection.execute(
                "INSERT INTO wipe (appointment, files, size, at, looked_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (appointment, files, size, at.isoformat(), json.dumps(looked_at)),
            )
            connection.execute(
                "DELETE FROM wipe_owed WHERE appointment=?", (appointment,)
            )
            connection.execute("DELETE FROM scan WHERE appointment=?", (appointment,))
            connection.execute(
                "UPDATE job SET appointment=0, fields=json_set(fields,"
                " '$.appointment', 0, '$.call', '') WHERE appointment=?",
                (appointment,),
            )

    def unposted_wipes(self) -> list[Wipe]:
        """Give the wipes that the server does not know of."""
        rows = self._read(
            "SELECT number, appointment, files, size, at, looked_at FROM wipe"
            " WHERE is_posted=0 ORDER BY number"
        )
        return [read_wipe(row) for row in rows]

    def mark_posted(self, number: int) -> None:
        """Note that the server knows of a wipe."""
        with self._write() as connection:
            connection.execute("UPDATE wipe SET is_posted=1 WHERE number=?", (number,))

    def prune(self, older_than: timedelta) -> None:
        """Drop what is over, delivered and older than that."""
        before = (datetime.now(UTC) - older_than).isoformat()
        with self._write() as connection:
            connection.execute(
                "DELETE FROM job WHERE appointment=0 AND at<?", (before,)
            )
            connection.execute("DELETE FROM wipe WHERE is_posted=1 AND at<?", (before,))

    def _create(self) -> None:
        with self._write() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                version = 1
            if not 1 <= version <= VERSION:
                raise StoreError(f"the kiosk's database is of version {version}")
            for made in range(version + 1, VERSION + 1):
                for statement in ADDED[made].split(";\n"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")

    def _read(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(str(error)) from error

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise StoreError(str(error)) from error
                raise

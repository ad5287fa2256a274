# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of the kiosk's database: what they hold, to and from."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from device_bridge.jobs.job import Job, JobState, Operation, Preset, ScanColour
from device_bridge.jobs.reasons import Reason
from device_bridge.server.port import ScanAnnouncement

_ENUMS: dict[str, type[StrEnum]] = {
    "operation": Operation,
    "state": JobState,
    "reason": Reason,
    "preset": Preset,
    "scan_colour": ScanColour,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScan:
    """A scan on the kiosk's disk."""

    job: str
    appointment: int
    file: Path
    sha256: str
    size: int
    pages: int
    verdicts: tuple[str, ...] = ()
    upload: str | None = None
    document: int | None = None
    is_confirmed: bool = False

    @property
    def announcement(self) -> ScanAnnouncement:
        """Give what the server is told before the bytes."""
        return ScanAnnouncement(
            job=self.job,
            appointment=self.appointment,
            sha256=self.sha256,
            size=self.size,
            pages=self.pages,
            verdicts=self.verdicts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipe:
    """The proof that an appointment left nothing at the kiosk."""

    number: int
    appointment: int
    files: int
    size: int
    at: datetime
    # Each part of the kiosk that was looked at, and how much had been there.
    looked_at: Mapping[str, int]


def insert_scan(connection: sqlite3.Connection, scan: StoredScan) -> None:
    """Write a scan down; the same job again changes nothing."""
    connection.execute(
        "INSERT OR IGNORE INTO scan (job, appointment, file, sha256, size, pages,"
        " verdicts) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            scan.job,
            scan.appointment,
            str(scan.file),
            scan.sha256,
            scan.size,
            scan.pages,
            json.dumps(scan.verdicts),
        ),
    )


def job_row(job: Job) -> tuple[Any, ...]:
    """Give the values of a job's row, in the order of its columns."""
    values = {item.name: getattr(job, item.name) for item in fields(Job)}
    values["at"] = job.at.isoformat()
    text = json.dumps(values, ensure_ascii=False)
    return job.uuid, job.appointment, job.state, job.sequence, values["at"], text


def read_job(row: Any) -> Job:
    """Give the job that a row holds."""
    values = json.loads(row["fields"])
    for name, kind in _ENUMS.items():
        values[name] = kind(values[name])
    values["at"] = datetime.fromisoformat(values["at"])
    return Job(**values)


def read_scan(row: Any) -> StoredScan:
    """Give the scan that a row holds."""
    values = {name: row[name] for name in row.keys()}
    values["file"] = Path(values["file"])
    values["verdicts"] = tuple(json.loads(values["verdicts"]))
    values["is_confirmed"] = bool(values["is_confirmed"])
    return StoredScan(**values)


def read_wipe(row: Any) -> Wipe:
    """Give the proof that a row holds."""
    values = {name: row[name] for name in row.keys()}
    values["at"] = datetime.fromisoformat(values["at"])
    values["looked_at"] = json.loads(values["looked_at"])
    return Wipe(**values)

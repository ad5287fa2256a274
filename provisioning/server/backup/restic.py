# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one place that runs restic, which encrypts and keeps what we give it.

Restic's exit codes and messages become errors of ours. See its manual, "Scripting".
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioning.server.backup.choices import Choices, without_secrets
from provisioning.server.backup.errors import (
    AnotherIsRunning,
    BackupError,
    NoRepository,
    NoRoom,
    WrongPassphrase,
)

TAG = "guichet"
_VERSION = "version="
# Another machine may be cleaning the repository up.
LOCK_PATIENCE = "5m"
_ERRORS = {10: NoRepository, 11: AnotherIsRunning, 12: WrongPassphrase}
_ADVICE = {
    10: "there is no repository of backups at {0}",
    11: "somebody else is using the repository {0}: try again later",
    12: "the passphrase does not open the repository {0}: it is on the paper that was"
    " written when this server was installed",
}
_FULL = ("no space left", "disk quota exceeded", "file too large")


@dataclass(frozen=True)
class Kept:
    """A backup in a repository."""

    id: str
    at: datetime
    hostname: str
    # All that it holds, and what it added to the repository.
    total_bytes: int
    added_bytes: int
    # Of the site then; empty: the backup is older than this was noted.
    version: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as one JSON object."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "hostname": self.hostname,
            "version": self.version,
            "bytes": self.total_bytes,
            "bytes_added": self.added_bytes,
        }


@dataclass(frozen=True)
class Repository:
    """A restic repository; every method may raise BackupError."""

    address: str
    passphrase_file: Path
    cache: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        return without_secrets(self.address)

    def ensure(self) -> bool:
        """Make the repository where there is none; tell whether it is new."""
        try:
            self._run("cat", "config")
        except NoRepository:
            self._run("init")
            return True
        return False

    def free_of_the_dead(self) -> None:
        """Remove the locks of runs that were killed; those of the living stay."""
        self._run("unlock")

    def add(
        self, folder: Path, names: Sequence[str], hostname: str, version: str
    ) -> Kept:
        """Keep these files and folders of `folder`, all of them or nothing.

        `version` is that of the site, which the list of backups shows.
        Their contents never change under one name, time and size: what restic has seen
        with these is not read again, though links are made to it each time.
        """
        lines = self._run(
            *("backup", "--group-by", "", "--host", hostname),
            *("--tag", TAG, "--tag", f"{_VERSION}{version}"),
            *("--ignore-ctime", "--no-scan", *names),
            folder=folder,
        )
        summary = next(
            (line for line in lines if line.get("message_type") == "summary"), None
        )
        if summary is None:
            raise BackupError("restic did not say what it kept")
        return Kept(
            id=str(summary["snapshot_id"])[:8],
            at=_instant(summary["backup_start"]),
            hostname=hostname,
            total_bytes=int(summary["total_bytes_processed"]),
            added_bytes=int(summary["data_added_packed"]),
            version=version,
        )

    def kept(self) -> list[Kept]:
        """List the backups, the latest first."""
        found = [_kept(each) for each in self._list("snapshots", "--tag", TAG)]
        return sorted(found, key=lambda each: each.at, reverse=True)

    def forget(self, choices: Choices, too_old: Sequence[str]) -> None:
        """Remove the backups that the choices do not keep, these too, and their bytes."""
        kept = [
            *("--keep-daily", str(choices.keep_daily)),
            *("--keep-weekly", str(choices.keep_weekly)),
            *("--keep-monthly", str(choices.keep_monthly)),
        ]
        # It wants the repository for itself, and a run that was killed a moment ago may
        # have looked alive before.
        self.free_of_the_dead()
        self._run("forget", "--tag", TAG, "--group-by", "", *kept)
        if too_old:
            self._run("forget", *too_old)
        self._run("prune")

    def check(self) -> None:
        """Look whether the repository is whole, without reading all of its bytes."""
        self._run("check")

    def read(self, backup: str, path: str) -> bytes:
        """Give the content of a small file of a backup, such as /manifest.json."""
        return self._call("dump", backup, path).stdout

    def parts(self, backup: str) -> set[str]:
        """Name what lies at the top of a backup."""
        lines = self._run("ls", backup, "/")
        return {
            str(line["name"]) for line in lines if line.get("struct_type") == "node"
        }

    def names(self, backup: str, folder: str) -> Iterator[str]:
        """Give the names of all files below a folder of a backup."""
        for line in self._run("ls", "--recursive", backup, folder):
            if line.get("struct_type") == "node" and line.get("type") == "file":
                yield str(line["name"])

    def bring_back(self, backup: str, folder: str, target: Path) -> None:
        """Put what is in a folder of a backup into `target`."""
        self._run("restore", f"{backup}:{folder}", "--target", str(target))

    def _list(self, *arguments: str) -> list[dict[str, Any]]:
        answer = json.loads(self._call(*arguments).stdout or b"[]")
        return list(answer or [])

    def _run(self, *arguments: str, folder: Path | None = None) -> list[dict[str, Any]]:
        output = self._call(*arguments, folder=folder).stdout
        return [each for line in output.splitlines() if (each := _object(line))]

    def _call(
        self, *arguments: str, folder: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        program = shutil.which("restic")
        if program is None:
            raise BackupError("restic is missing: apt install restic")
        self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {
            **os.environ,
            **self.environment,
            "RESTIC_REPOSITORY": self.address,
            "RESTIC_PASSWORD_FILE": str(self.passphrase_file),
            "RESTIC_CACHE_DIR": str(self.cache),
            "RESTIC_PROGRESS_FPS": "0.1",
        }
        done = subprocess.run(
            [program, "--json", "--retry-lock", LOCK_PATIENCE, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        if done.returncode != 0:
            raise self._error(done, arguments[0])
        return done

    def _error(
        self, done: subprocess.CompletedProcess[bytes], command: str
    ) -> BackupError:
        said = done.stderr.decode(errors="replace")
        if any(words in said.lower() for words in _FULL):
            return NoRoom(
                f"there is no room left for {self.shown}, or for what restic writes"
                f" meanwhile ({self.cache}): the backups that are there are unharmed;"
                " make room or name another repository in backup.toml"
            )
        kind = _ERRORS.get(done.returncode, BackupError)
        if advice := _ADVICE.get(done.returncode):
            return kind(advice.format(self.shown))
        told = [each["message"] for line in said.splitlines() if (each := _told(line))]
        message = without_secrets("; ".join(told) or said.strip())
        return BackupError(f"restic {command}: {message}")


def _kept(snapshot: Mapping[str, Any]) -> Kept:
    summary = snapshot.get("summary") or {}
    return Kept(
        id=str(snapshot["short_id"]),
        at=_instant(snapshot["time"]),
        hostname=str(snapshot.get("hostname", "")),
        total_bytes=int(summary.get("total_bytes_processed", 0)),
        added_bytes=int(summary.get("data_added_packed", 0)),
        version=next(
            (
                tag.removeprefix(_VERSION)
                for tag in snapshot.get("tags") or ()
                if tag.startswith(_VERSION)
            ),
            "",
        ),
    )


def _instant(text: str) -> datetime:
    # Restic writes nanoseconds.
    return datetime.fromisoformat(text)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _told(line: str) -> dict[str, Any] | None:
    found = _object(line.encode())
    return found if found is not None and "message" in found else None

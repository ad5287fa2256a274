# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a backup says of itself: of which version it is, when it was made, how much is in it."""

import grp
import json
import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioning.server.backup.errors import BackupError

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """The first thing that is read of a backup."""

    # That which the site was brought to last: right before an upgrade, the one before.
    version: str
    made_at: datetime
    hostname: str
    # The name of the copy's file in the backup's folder `database`.
    database: str
    revisions: tuple[str, ...]
    rows: Mapping[str, int]
    # Contents that are kept, and contents that the database wanted and were not there.
    documents: int
    missing: int
    # Of each file of the settings below its folder: owner, group and mode.
    owners: Mapping[str, tuple[str, str, int]]

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        document = asdict(self) | {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
        }
        (folder / NAME).write_text(json.dumps(document, indent=1))

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        """Read what `write` wrote; raises BackupError."""
        try:
            values: dict[str, Any] = json.loads(content)
            if values.pop("format") != FORMAT:
                raise ValueError("of another format")
            return cls(
                version=str(values["version"]),
                made_at=datetime.fromisoformat(values["made_at"]),
                hostname=str(values["hostname"]),
                database=str(values["database"]),
                revisions=tuple(values["revisions"]),
                rows=values["rows"],
                documents=int(values["documents"]),
                missing=int(values["missing"]),
                owners={
                    name: (str(owner), str(group), int(mode))
                    for name, (owner, group, mode) in values["owners"].items()
                },
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(
                f"this is no backup of ours, or of a later version: {error}"
            ) from error


def owners_below(folder: Path) -> dict[str, tuple[str, str, int]]:
    """Give owner, group and mode of a folder ("."), and of all that is in it."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in [".", *files] if parent else files:
            path = Path(parent) / name
            found[str(path.relative_to(folder))] = _owner(path)
    return found


def _owner(path: Path) -> tuple[str, str, int]:
    status = path.lstat()
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
        group = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        owner = group = "root"
    return owner, group, stat.S_IMODE(status.st_mode)


def give_back_owners(
    folder: Path, owners: Mapping[str, tuple[str, str, int]]
) -> list[str]:
    """Give each file to whom it was, by name; name the users that this machine lacks."""
    lacking = set()
    for name, (owner, group, mode) in owners.items():
        path = folder / name
        if not path.exists() or path.is_symlink():
            continue
        try:
            os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        except KeyError:
            # Nobody but root may read it then.
            os.chown(path, 0, 0)
            lacking.add(f"{owner}:{group}")
        path.chmod(mode)
    return sorted(lacking)

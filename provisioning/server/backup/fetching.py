# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes a backup out of its repository into a corner of the machine, and looks whether it is
whole and of a version that can be brought to ours. Changes nothing that is in use."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from provisioning.database.schema import unknown_revisions
from provisioning.server.backup.documents import contents
from provisioning.server.backup.errors import BackupError, RestoreRefused
from provisioning.server.backup.manifest import NAME as MANIFEST
from provisioning.server.backup.manifest import Manifest
from provisioning.server.backup.places import Places
from provisioning.server.backup.restic import Kept, Repository
from provisioning.server.backup.taking import PARTS

LATEST = "latest"


@dataclass(frozen=True)
class Fetched:
    """A backup as files: `folder` has a folder for each part that it holds."""

    kept: Kept
    manifest: Manifest
    folder: Path
    seconds: float

    @property
    def database(self) -> Path:
        """The copy of the database."""
        return self.folder / "database" / self.manifest.database


def choose(repository: Repository, asked: str) -> Kept:
    """Give the backup of that id, or the latest; raises RestoreRefused."""
    found = repository.kept()
    if not found:
        raise RestoreRefused(f"there is no backup in {repository.shown}")
    if asked == LATEST:
        return found[0]
    named = [each for each in found if each.id.startswith(asked[:8])]
    if len(named) != 1:
        ids = ", ".join(each.id for each in found[:10])
        raise RestoreRefused(f"there is no backup {asked}; there are {ids}")
    return named[0]


@contextmanager
def fetched(
    places: Places, repository: Repository, kept: Kept, *, is_trial: bool = False
) -> Iterator[Fetched]:
    """Give the backup as files, gone at the end; raises RestoreRefused or BackupError.

    For a trial the documents stay where they are, and only their names are compared. The copy
    of the database is the caller's to look at: a bare machine lacks the programs.
    """
    began = time.monotonic()
    manifest = Manifest.read(repository.read(kept.id, f"/{MANIFEST}"))
    refuse_later(manifest)
    folder = places.work / "restoration"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        there = repository.parts(kept.id)
        for part in PARTS:
            if part in there and not (is_trial and part == "documents"):
                repository.bring_back(kept.id, f"/{part}", folder / part)
        if "documents" in there:
            _check_documents(repository, kept, manifest, folder, is_trial)
        yield Fetched(kept, manifest, folder, time.monotonic() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_later(manifest: Manifest) -> None:
    """Raise RestoreRefused where a later version than ours, or a later build, wrote it."""
    ours = version("guichet-virtuel")
    if _numbers(manifest.version) > _numbers(ours):
        raise RestoreRefused(
            f"version {manifest.version} wrote this backup, and this is version {ours}:"
            f" install guichet-server {manifest.version} or a later one, then restore"
            " again; nothing was changed"
        )
    if unknown_revisions(manifest.revisions):
        raise RestoreRefused(
            f"a later build of version {manifest.version} wrote this backup, with a"
            " database that the build on this machine does not know: install the newest"
            " packages of the server, then restore again; nothing was changed"
        )


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]


def _check_documents(
    repository: Repository,
    kept: Kept,
    manifest: Manifest,
    folder: Path,
    is_trial: bool,
) -> None:
    if is_trial:
        found = sum(1 for _ in repository.names(kept.id, "/documents/content"))
    else:
        found = sum(1 for _ in contents(folder / "documents", "content"))
    if found != manifest.documents:
        raise BackupError(
            f"the backup should hold {manifest.documents} documents and holds {found}:"
            " take another one"
        )

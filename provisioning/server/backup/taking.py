# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes a backup while the site is in use.

First everything is put into one folder, as it was at one moment: the database is frozen and the
documents are given second names while nobody may add or remove one, so that each document of
the database is there. Copying then takes as long as it takes.
"""

import shutil
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from provisioning.asterisk.site import CONFIGURATION
from provisioning.server.backup.choices import Choices
from provisioning.server.backup.documents import contents, link_all, unchanging
from provisioning.server.backup.errors import BackupError, as_backup_error
from provisioning.server.backup.frozen_database import (
    count_rows,
    frozen,
    revisions,
    wanted_contents,
)
from provisioning.server.backup.manifest import NAME as MANIFEST
from provisioning.server.backup.manifest import Manifest, owners_below
from provisioning.server.backup.places import FRENCH, Places
from provisioning.server.backup.restic import Kept, Repository
from provisioning.server.backup.result import read_result, write_result
from provisioning.server.backup.site_settings import SiteSettings
from provisioning.server.backup.turns import only_one

PARTS = ("database", "documents", "settings", "key", "prompts")


@dataclass(frozen=True)
class Taken:
    """A backup that was made."""

    kept: Kept
    manifest: Manifest
    seconds: float
    # Why what is too old was not removed this time; empty where it was.
    trouble: str

    def as_json(self) -> dict[str, Any]:
        """Give it as one JSON object."""
        return self.kept.as_json() | {
            "ok": True,
            "seconds": round(self.seconds, 1),
            "version": self.manifest.version,
            "appointments": self.manifest.rows.get("appointment", 0),
            "documents": self.manifest.documents,
            "documents_missing": self.manifest.missing,
            "trouble": self.trouble,
        }


def take_backup(
    places: Places,
    repository: Repository,
    choices: Choices,
    now: Callable[[], datetime],
) -> Taken:
    """Make one, and remove those that are too old; what came of it is written down.

    Raises BackupError; whatever was in the repository before is unharmed then.
    """
    began = time.monotonic()
    with only_one(places):
        before = read_result(places.result_file)
        try:
            kept, manifest = _keep(places, repository, before, now)
        except (BackupError, OSError) as error:
            told = as_backup_error(error)
            _note(places, repository, before, now(), {"ok": False, "error": str(told)})
            raise told from error
        trouble = _forget(repository, choices, now())
        taken = Taken(kept, manifest, time.monotonic() - began, trouble)
        last = {"last_ok_at": now().isoformat()}
        _note(places, repository, before, now(), taken.as_json() | last)
    return taken


def _keep(
    places: Places,
    repository: Repository,
    before: dict[str, Any],
    now: Callable[[], datetime],
) -> tuple[Kept, Manifest]:
    picture = places.work / "picture"
    # Of a run that was killed.
    shutil.rmtree(picture, ignore_errors=True)
    _open(repository, before)
    picture.mkdir(mode=0o700)
    try:
        manifest = _take_picture(places, picture, now)
        names = [name for name in PARTS if (picture / name).exists()]
        kept = repository.add(
            picture, [MANIFEST, *names], socket.gethostname(), manifest.version
        )
        return kept, manifest
    finally:
        shutil.rmtree(picture, ignore_errors=True)


def _open(repository: Repository, before: dict[str, Any]) -> None:
    """Make the repository the first time, and the first time only."""
    was_there = before.get("repository") == repository.shown and "last_ok_at" in before
    if was_there:
        # A new one in the place of a disk that is not mounted would look like success.
        repository.free_of_the_dead()
    elif not repository.ensure():
        repository.free_of_the_dead()


def _take_picture(
    places: Places, picture: Path, now: Callable[[], datetime]
) -> Manifest:
    site = SiteSettings.read(places.settings_file)
    (picture / "database").mkdir()
    with ExitStack() as stack:
        with unchanging(site.documents_dir):
            made_at = now()
            database = stack.enter_context(frozen(make_url(site.database_url)))
            documents = 0
            if site.documents_dir is not None:
                documents = link_all(site.documents_dir, picture / "documents")
        database.write_copy(picture / "database" / database.name)
        wanted = wanted_contents(database)
        if site.documents_dir is not None:
            linked = contents(picture / "documents", "content")
            wanted -= {each.name for each in linked}
        manifest = Manifest(
            version=_version_of_site(places),
            made_at=made_at,
            hostname=socket.gethostname(),
            database=database.name,
            revisions=tuple(revisions(database)),
            rows=count_rows(database),
            documents=documents,
            missing=len(wanted),
            owners=owners_below(places.settings),
        )
    shutil.copytree(places.settings, picture / "settings", symlinks=True)
    key = site.documents_key_file
    if key is not None and not key.is_relative_to(places.settings):
        (picture / "key").mkdir()
        shutil.copy2(key, picture / "key" / key.name)
    for spoken in sorted((CONFIGURATION / "sounds").iterdir()):
        kept = picture / "prompts"
        # Backups that were made before there were others have French alone.
        kept = kept if spoken.name == FRENCH else kept / spoken.name
        _copy_own_prompts(places.prompts_in(spoken.name), spoken / "guichet", kept)
    manifest.write(picture)
    return manifest


def _version_of_site(places: Places) -> str:
    """Give the version of the tables and settings: ours, unless an upgrade is about to begin."""
    try:
        return places.version_file.read_text().strip()
    except FileNotFoundError:
        return version("guichet-virtuel")


def _copy_own_prompts(prompts: Path, stock: Path, target: Path) -> None:
    """Copy the recordings that are not those of our package."""
    for recording in sorted(prompts.glob("*")):
        if recording.is_symlink() or not recording.is_file():
            continue
        shipped = stock / recording.name
        if shipped.exists() and shipped.read_bytes() == recording.read_bytes():
            continue
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(recording, target / recording.name)


def _forget(repository: Repository, choices: Choices, now: datetime) -> str:
    limit = now - timedelta(days=choices.longest_days)
    try:
        # The latest stays, whatever its age: it was made a moment ago.
        too_old = [each.id for each in repository.kept()[1:] if each.at < limit]
        repository.forget(choices, too_old)
    except BackupError as error:
        return str(error)
    return ""


def _note(
    places: Places,
    repository: Repository,
    before: dict[str, Any],
    at: datetime,
    result: dict[str, Any],
) -> None:
    usual = {"repository": repository.shown}
    if "last_ok_at" in before:
        usual["last_ok_at"] = before["last_ok_at"]
    write_result(places.result_file, usual | {"ended_at": at.isoformat()} | result)

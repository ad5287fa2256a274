# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings a server back from a backup: fetched, looked at, put in place, settled, started.

What the machine must do around it is a port: a machine with systemd, or a folder in which a
backup is tried out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from provisioning.server.backup.errors import as_backup_error
from provisioning.server.backup.fetching import Fetched, choose, fetched
from provisioning.server.backup.frozen_database import check_copy
from provisioning.server.backup.places import Places
from provisioning.server.backup.putting_back import PuttingBack, refuse_to_overwrite
from provisioning.server.backup.restic import Kept, Repository
from provisioning.server.backup.site_settings import SiteSettings
from provisioning.server.backup.turns import only_one
from provisioning.server.checks.check import Checked, serves
from provisioning.server.repository.setting_up import RepositoryBack


class Surroundings(Protocol):
    """What is around the files of a server; each may raise ServerError."""

    def make_ready(self, settings: Path) -> None:
        """Have packages, users and folders as these settings want them."""

    def stop(self) -> None:
        """Have nobody use the site."""

    def fill(self, fetched: Fetched, site: SiteSettings) -> None:
        """Put the copy of a PostgreSQL database in its place; what is there goes aside."""

    def empty_again(self) -> None:
        """Undo `fill`."""

    def settle(self, fetched: Fetched) -> dict[str, Any]:
        """Bring the tables to this version, make them fit to go on from; say what was done."""

    def offer_packages(self) -> RepositoryBack | None:
        """Have kiosks find the repository of packages; None where no kiosk asks."""

    def start(self) -> list[Checked]:
        """Start everything and look at it; give the checks."""

    def start_again(self) -> None:
        """Start what ran before, after all was taken back."""


@dataclass(frozen=True)
class Restored:
    """A server that is back."""

    kept: Kept
    made_at: datetime
    version: str
    seconds: float
    # Where what was there before lies, if there was something.
    aside: Path | None
    settled: dict[str, Any] = field(default_factory=dict)
    checks: list[Checked] = field(default_factory=list)
    packages: RepositoryBack | None = None

    @property
    def is_ok(self) -> bool:
        """Tell whether all of it serves again, and kiosks find their repository."""
        if self.packages and self.packages.trouble:
            return False
        return serves(self.checks)

    def as_json(self) -> dict[str, Any]:
        """Give it as one JSON object."""
        return {
            "ok": self.is_ok,
            "backup": self.kept.id,
            "made_at": self.made_at.isoformat(),
            "version": self.version,
            "seconds": round(self.seconds, 1),
            "aside": str(self.aside) if self.aside else None,
            "settled": self.settled,
            "checks": [check.as_json() for check in self.checks],
            "packages": self.packages.as_json() if self.packages else None,
        }


def restore(
    places: Places,
    repository: Repository,
    asked: str,
    surroundings: Surroundings,
    now: Callable[[], datetime],
    *,
    replaces: bool = False,
) -> Restored:
    """Bring the server back; raises ServerError, and then everything is as it was before."""
    began = time.monotonic()
    if not replaces:
        refuse_to_overwrite(places)
    try:
        return _restore(places, repository, asked, surroundings, now, replaces, began)
    except OSError as error:
        raise as_backup_error(error) from error


def _restore(
    places: Places,
    repository: Repository,
    asked: str,
    surroundings: Surroundings,
    now: Callable[[], datetime],
    replaces: bool,
    began: float,
) -> Restored:
    with only_one(places):
        kept = choose(repository, asked)
        with fetched(places, repository, kept) as found:
            surroundings.make_ready(found.folder / "settings")
            check_copy(found.database)
            surroundings.stop()
            putting_back = PuttingBack(places, now())
            try:
                site = putting_back.put(found, now())
                surroundings.fill(found, site)
                settled = surroundings.settle(found)
            except BaseException:
                surroundings.empty_again()
                putting_back.take_back()
                surroundings.start_again()
                raise
            aside = putting_back.keep()
        packages = surroundings.offer_packages()
        checks = surroundings.start()
    return Restored(
        kept,
        found.manifest.made_at,
        found.manifest.version,
        time.monotonic() - began,
        aside if replaces else None,
        settled,
        checks,
        packages,
    )


def try_out(places: Places, repository: Repository, asked: str) -> dict[str, Any]:
    """Open a backup and look whether it could be restored; changes nothing."""
    with only_one(places):
        # Of a backup that was cut off; looking waits for whoever holds the repository.
        repository.free_of_the_dead()
        kept = choose(repository, asked)
        repository.check()
        with fetched(places, repository, kept, is_trial=True) as found:
            manifest = found.manifest
            check_copy(found.database)
            return {
                "ok": manifest.missing == 0,
                "dry_run": True,
                "backup": kept.id,
                "made_at": manifest.made_at.isoformat(),
                "version": manifest.version,
                "hostname": manifest.hostname,
                "appointments": manifest.rows.get("appointment", 0),
                "documents": manifest.documents,
                "documents_missing": manifest.missing,
                "bytes": kept.total_bytes,
                "seconds": round(found.seconds, 1),
            }

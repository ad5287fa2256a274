# SPDX-License-Identifier: AGPL-3.0-or-later
"""A folder in which a backup is tried out: nothing of the machine is touched."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.fetching import Fetched
from provisioning.server.backup.places import Places
from provisioning.server.backup.postgresql_copy import bring_back
from provisioning.server.backup.putting_back import new_database_url
from provisioning.server.backup.site_settings import SiteSettings
from provisioning.server.checks.check import Checked


class FolderAround:
    """The programs of this installation, run on the files below a folder."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def make_ready(self, settings: Path) -> None:
        """Need nothing."""

    def stop(self) -> None:
        """Nobody uses it."""

    def fill(self, fetched: Fetched, site: SiteSettings) -> None:
        """Fill the empty PostgreSQL database that the settings name."""
        if url := new_database_url(fetched, site):
            bring_back(make_url(url), fetched.database)

    def empty_again(self) -> None:
        """A PostgreSQL database that was filled in one go is empty, or is another's."""

    def settle(self, fetched: Fetched) -> dict[str, Any]:
        """Bring the tables to this version and make them fit to go on from."""
        self._run("upgrade-database")
        made_at = fetched.manifest.made_at.isoformat()
        told = self._run("settle-older-copy", "--copied-at", made_at)
        settled: dict[str, Any] = json.loads(told)
        return settled

    def offer_packages(self) -> None:
        """No kiosk asks here."""

    def start(self) -> list[Checked]:
        """Nothing is started here."""
        return []

    def start_again(self) -> None:
        """Nothing ran."""

    def _run(self, *arguments: str) -> str:
        program = Path(sys.executable).with_name("guichet-web")
        done = subprocess.run(
            [program, "--config", self._places.settings_file, *arguments],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise BackupError(f"guichet-web {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

# SPDX-License-Identifier: AGPL-3.0-or-later
"""backup.whole: a first backup of 100,000 appointments and 5 GB of documents, and its like.

The notes have the night after (200 documents more), how long documents could not be filed
meanwhile, a trial, and the restoration on a bare machine's disk.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from measure.backup_ground import APPOINTMENTS, DOCUMENTS, add_documents, make_site
from measure.rows import Figures
from provisioning.server.backup import taking
from provisioning.server.backup.choices import read_choices
from provisioning.server.backup.commands import open_repository
from provisioning.server.backup.documents import unchanging
from provisioning.server.backup.fetching import LATEST
from provisioning.server.backup.folder_around import FolderAround
from provisioning.server.backup.places import Places
from provisioning.server.backup.restoring import restore, try_out
from provisioning.server.backup.taking import Taken, take_backup

NEW_DOCUMENTS = 200


def measure() -> Figures:
    """Make the site, back it up twice, lose it, and bring it back."""
    with tempfile.TemporaryDirectory(prefix="guichet-backup-") as name:
        root = Path(name) / "machine"
        places = make_site(root)
        held: list[float] = []
        with patch.object(taking, "unchanging", _timed(held)):
            first = _take(places)
            _file_more(places)
            second = _take(places)
        repository = open_repository(places, read_choices(places))
        trial = try_out(places, repository, LATEST)
        paper = Path(name) / "paper"
        shutil.copy(places.passphrase_file, paper)
        away = Path(name) / "repository"
        places.repository.rename(away)
        shutil.rmtree(root)
        back = open_repository(places, read_choices(places), str(away), paper)
        restored = restore(places, back, LATEST, FolderAround(places), _now)
        return Figures(
            ours=(first.seconds,),
            notes=(
                _told("first backup", first),
                _told(f"night after, {NEW_DOCUMENTS} documents more", second),
                f"documents could not be filed for {held[0]:.2f} and {held[1]:.2f} s",
                f"trial {trial['seconds']} s, restoration {restored.seconds:.0f} s, of"
                f" {APPOINTMENTS} appointments and {DOCUMENTS + NEW_DOCUMENTS} documents",
            ),
        )


def _take(places: Places) -> Taken:
    choices = read_choices(places)
    return take_backup(places, open_repository(places, choices), choices, _now)


def _file_more(places: Places) -> None:
    numbers = range(DOCUMENTS + 1, DOCUMENTS + NEW_DOCUMENTS + 1)
    with (
        closing(sqlite3.connect(places.state / "guichet.db")) as connection,
        connection,
    ):
        add_documents(connection, places.state / "documents", numbers)


def _timed(held: list[float]) -> object:
    @contextmanager
    def timed(folder: Path | None) -> Iterator[None]:
        with unchanging(folder):
            began = time.monotonic()
            yield
            held.append(time.monotonic() - began)

    return timed


def _told(what: str, taken: Taken) -> str:
    gigabytes, new = taken.kept.total_bytes / 1e9, taken.kept.added_bytes / 1e6
    return f"{what}: {taken.seconds:.0f} s, {gigabytes:.2f} GB, {new:.0f} MB of it new"


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    for note in measure().notes:
        print(note)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small site in a folder of the test's own: database, documents, settings; and a restic."""

import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from booking_web.tables.documents import Document
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from provisioning.directory.entries import planner_of
from provisioning.directory.service import Directory
from provisioning.inventory.reading import read_inventory
from provisioning.server.backup.choices import prepare_backups, read_choices
from provisioning.server.backup.commands import open_repository
from provisioning.server.backup.places import Places
from provisioning.server.backup.restic import Repository
from provisioning.server.backup.taking import Taken, take_backup
from stage.appointments import put_appointment
from stage.postgresql import PrivatePostgres
from stage.quick_restic import Made
from tests.folders import Folders

REPOSITORY = Path(__file__).parents[5]
# Nothing is left there of what was put together.
LEFT_IN_WORK = {"cache", "lock", "passphrase-unwritten"}
DEMO = REPOSITORY / "script" / "demo-inventory.toml"
POSTGRESQL_SETUP = REPOSITORY / ".setup" / "postgresql.json"
SECRET = "a secret of the site that must not be seen anywhere"


@dataclass(frozen=True)
class SmallSite:
    """A site, and what a test does with it."""

    places: Places
    url: str

    @property
    def documents(self) -> Path:
        """The folder of its documents."""
        return self.places.state / "documents"

    @property
    def repository(self) -> Repository:
        """Where its backups go."""
        return open_repository(self.places, read_choices(self.places))

    def back_up(self) -> Taken:
        """Take a backup now."""
        choices = read_choices(self.places)
        return take_backup(
            self.places, self.repository, choices, lambda: datetime.now(UTC)
        )

    def add_document(self, number: int, content: bytes) -> str:
        """File a document as the pages do: its content first, then its row."""
        digest = hashlib.sha256(content).hexdigest()
        shelf = self.documents / "content" / digest[:2]
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
        (shelf / digest).write_bytes(content)
        database = Database(self.url)
        with database.write() as session:
            first = session.execute(
                text("SELECT min(id) FROM appointment")
            ).scalar_one()
            session.add(
                Document(
                    appointment_id=first,
                    number=number,
                    title="Scan",
                    sha256=digest,
                    size=len(content),
                    pages=1,
                    source="scan",
                    created_at=datetime.now(UTC),
                    created_by="kiosk:kiosk-guise",
                )
            )
        database.dispose()
        return digest


def fill(url: str) -> None:
    """Fill a database with the demo inventory and one appointment."""
    upgrade(url)
    database = Database(url)
    Directory(database).apply(planner_of(read_inventory(DEMO)), lambda outcome: None)
    with database.write() as session:
        put_appointment(session, "kiosk-guise", "msa")
    database.dispose()


def make_site(root: Path, url: str) -> SmallSite:
    """Make a site on a database that is filled."""
    site = SmallSite(Places(root), url)
    site.places.settings.mkdir(parents=True)
    site.documents.mkdir(mode=0o700, parents=True)
    values = {
        "database_url": url,
        "secret_key": SECRET,
        "documents_dir": str(site.documents),
        "documents_key_file": str(site.places.settings / "documents.key"),
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
    site.places.settings_file.write_text("".join(lines))
    site.places.settings_file.chmod(0o640)
    (site.places.settings / "documents.key").write_text("a key")
    assert prepare_backups(site.places) is not None
    return site


@pytest.fixture(scope="session", autouse=True)
def _programs() -> Iterator[None]:
    """Put PostgreSQL's programs within reach, wherever script/setup found them."""
    if shutil.which("restic") is None:
        pytest.skip("no restic: run script/setup --test")
    setup = (
        json.loads(POSTGRESQL_SETUP.read_text()) if POSTGRESQL_SETUP.exists() else {}
    )
    with pytest.MonkeyPatch.context() as patch:
        if setup:
            patch.setenv("PATH", f"{setup['bin_dir']}{os.pathsep}{os.environ['PATH']}")
        if setup.get("library_path"):
            patch.setenv("LD_LIBRARY_PATH", setup["library_path"])
        yield


@pytest.fixture(scope="session", autouse=True)
def _repositories_are_made_quickly(
    tmp_path_factory: Folders,
) -> Iterator[None]:
    """Have restic make one repository; the others that are made here are its copies."""
    made = Made(tmp_path_factory.mktemp("restic") / "made")
    run = Repository._run

    def run_quickly(
        self: Repository, *arguments: str, folder: Path | None = None
    ) -> list[dict[str, Any]]:
        if arguments != ("init",):
            return run(self, *arguments, folder=folder)
        passphrase = self.passphrase_file.read_text().strip()
        if made.is_there:
            made.copy(Path(self.address), passphrase)
            return []
        told = run(self, *arguments)
        made.keep(Path(self.address), passphrase)
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repository, "_run", run_quickly)
        yield


@pytest.fixture(scope="session")
def postgresql(
    tmp_path_factory: Folders,
) -> Iterator[Callable[[], str]]:
    """Give a function that makes an empty PostgreSQL database and gives its URL."""
    if not POSTGRESQL_SETUP.exists():
        pytest.skip("no PostgreSQL: run script/setup --test")
    server = PrivatePostgres(tmp_path_factory.mktemp("postgresql"), POSTGRESQL_SETUP)
    server.start()
    yield lambda: server.new_database(f"backup_{uuid.uuid4().hex}")
    server.stop()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: Folders) -> Path:
    """Give an SQLite database that is filled, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    fill(f"sqlite:///{folder}/made.db")
    with closing(sqlite3.connect(folder / "made.db")) as made:
        made.execute("VACUUM INTO ?", [f"{folder}/filled.db"])
    return folder / "filled.db"


@pytest.fixture
def site(tmp_path: Path, filled: Path) -> SmallSite:
    """Give a site on SQLite."""
    root = tmp_path / "machine"
    (root / "var/lib/guichet").mkdir(parents=True)
    shutil.copy(filled, root / "var/lib/guichet/guichet.db")
    return make_site(root, f"sqlite:///{root}/var/lib/guichet/guichet.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def either_site(request: pytest.FixtureRequest, tmp_path: Path) -> SmallSite:
    """Give a site on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        found: SmallSite = request.getfixturevalue("site")
        return found
    url = request.getfixturevalue("postgresql")()
    fill(url)
    return make_site(tmp_path / "machine", url)

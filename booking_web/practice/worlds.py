# SPDX-License-Identifier: AGPL-3.0-or-later
"""The folders in which people practise: one for each account, for one day, then gone."""

import contextlib
import fcntl
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from booking_web.base.local_time import local_day
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.documents.store import DocumentStore
from booking_web.practice.happenings import Happening
from booking_web.practice.seeding import make_template, seed
from provisioning.asterisk.documents_key import ensure_documents_key
from provisioning.database.engine import Database
from provisioning.database.models import DEFAULT_TIME_ZONE

logger = structlog.get_logger(__name__)

# The day that ends is the town hall's.
ZONE = ZoneInfo(DEFAULT_TIME_ZONE)
_DATABASE = "guichet.db"
_DOCUMENTS = "documents"
_KEY = "documents.key"
_STAMP = "stamp"


@dataclass(frozen=True)
class World:
    """What one account practises on; another one after each reset."""

    folder: Path
    # When it was made, and a random word: two worlds of one account are never the same.
    stamp: str

    @property
    def made_at(self) -> datetime:
        """Give when it was made."""
        return datetime.fromisoformat(self.stamp.partition(" ")[0])

    @property
    def database_url(self) -> str:
        """Give the address of its database."""
        return f"sqlite:///{self.folder / _DATABASE}"

    @property
    def documents(self) -> Path:
        """Give the folder of its documents."""
        return self.folder / _DOCUMENTS

    @property
    def documents_key(self) -> Path:
        """Give the file with the key to them."""
        return self.folder / _KEY

    def has(self, happening: Happening) -> bool:
        """Tell whether something that the trainee has happen goes on."""
        return (self.folder / happening).exists()

    def was_mended(self, happening: Happening) -> bool:
        """Tell whether it went on once, and was put right."""
        return (self.folder / f"{happening}.over").exists()

    def begin(self, happening: Happening) -> None:
        """Have it happen."""
        (self.folder / happening).touch()

    def mend(self, happening: Happening) -> None:
        """Put it right; changes nothing where it does not go on."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / happening).rename(self.folder / f"{happening}.over")


class Worlds:
    """The worlds below one folder, which several processes may share."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder = folder
        self._now = now

    def world_of(self, account_id: int) -> World:
        """Give the world of an account; it is made where there is none of today."""
        found = self._read(account_id)
        if found is not None and not self._is_over(found):
            return found
        with self._alone():
            found = self._read(account_id)
            if found is None or self._is_over(found):
                self._make(account_id)
        made = self._read(account_id)
        if made is None:
            raise FileNotFoundError(f"the world of account {account_id}")
        return made

    def reset(self, account_id: int) -> None:
        """Wipe what this account practised on; the next world is as the first one was."""
        with self._alone():
            self._wipe_all(account_id)

    def sweep(self) -> None:
        """Wipe every world of a day that is over."""
        if not self.folder.exists():
            return
        with self._alone():
            for folder in self.folder.glob("of-*"):
                if self._is_over(World(folder, (folder / _STAMP).read_text())):
                    self._wipe(folder)

    def _read(self, account_id: int) -> World | None:
        for folder in self.folder.glob(f"of-{account_id}-*"):
            # Meanwhile another process may have wiped it.
            with contextlib.suppress(FileNotFoundError):
                return World(folder, (folder / _STAMP).read_text())
        return None

    def _is_over(self, world: World) -> bool:
        return local_day(world.made_at, ZONE) != local_day(self._now(), ZONE)

    def _make(self, account_id: int) -> None:
        """Put a world together aside, so that it is there as a whole or not at all."""
        now = self._now().astimezone(UTC)
        folder = self.folder / f"new-{secrets.token_hex(8)}"
        shutil.copytree(self._template(), folder)
        database = Database(f"sqlite:///{folder / _DATABASE}")
        try:
            seed(database, now)
        finally:
            database.dispose()
        (folder / _STAMP).write_text(f"{now.isoformat()} {secrets.token_hex(16)}")
        self._wipe_all(account_id)
        # No two have the same address: what is still open of a former one stays apart.
        folder.rename(self.folder / f"of-{account_id}-{secrets.token_hex(8)}")
        logger.info("practice world made", user=account_id)

    def _template(self) -> Path:
        """Give the folder that each world is a copy of; to make it takes some seconds."""
        template = self.folder / "template"
        if not template.exists():
            making = self.folder / f"new-{secrets.token_hex(8)}"
            making.mkdir(mode=0o700)
            ensure_documents_key(making / _KEY)
            store = DocumentStore(making / _DOCUMENTS, DocumentsKey.read(making / _KEY))
            make_template(f"sqlite:///{making / _DATABASE}", store)
            making.rename(template)
        return template

    def _wipe_all(self, account_id: int) -> None:
        for folder in self.folder.glob(f"of-{account_id}-*"):
            self._wipe(folder)

    def _wipe(self, folder: Path) -> None:
        gone = self.folder / f"gone-{secrets.token_hex(8)}"
        folder.rename(gone)
        shutil.rmtree(gone)
        logger.info("practice world wiped", folder=folder.name)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

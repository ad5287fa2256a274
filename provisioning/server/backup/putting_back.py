# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts a fetched backup where a server has its files, and what was there aside.

Either all of it is in its place at the end, or everything is as it was. Nobody may be using
the site meanwhile.
"""

import json
import os
import pwd
import shutil
import tomllib
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from provisioning.asterisk.certificates import write_private
from provisioning.server.backup.documents import give_to
from provisioning.server.backup.errors import BackupError, RestoreRefused
from provisioning.server.backup.fetching import Fetched
from provisioning.server.backup.manifest import give_back_owners
from provisioning.server.backup.places import FRENCH, Places
from provisioning.server.backup.site_settings import SiteSettings
from provisioning.server.files import PAGES

SQLITE_LEFTOVERS = ("-wal", "-shm", "-journal")


def refuse_to_overwrite(places: Places) -> None:
    """Raise RestoreRefused where this machine has a site already."""
    if places.settings_file.exists():
        raise RestoreRefused(
            f"this machine has a site already ({places.settings_file}): --replace puts it"
            " aside first, and says where"
        )


class PuttingBack:
    """One restoration's files; what was moved can be moved back until `keep`."""

    def __init__(self, places: Places, now: datetime) -> None:
        self._places = places
        stamp = now.strftime("%Y%m%d-%H%M%S")
        self.aside = places.state.with_name(f"{places.state.name}-before-{stamp}")
        self._undo = ExitStack()

    def put(self, fetched: Fetched, restored_at: datetime) -> SiteSettings:
        """Put settings, key, documents, recordings and an SQLite database in their places.

        A PostgreSQL database is the caller's to fill. Raises BackupError, and then all is
        as it was.
        """
        try:
            return self._put(fetched, restored_at)
        except BaseException:
            self.take_back()
            raise

    def take_back(self) -> None:
        """Have everything as it was before."""
        self._undo.close()

    def keep(self) -> Path | None:
        """Leave everything as it is now; give where what was there before lies."""
        self._undo.pop_all()
        return self.aside if self.aside.exists() else None

    def _put(self, fetched: Fetched, restored_at: datetime) -> SiteSettings:
        places = self._places
        self._move_aside(places.settings, "settings")
        shutil.copytree(fetched.folder / "settings", places.settings, symlinks=True)
        if os.geteuid() == 0:
            give_back_owners(places.settings, fetched.manifest.owners)
        site = SiteSettings.read(places.settings_file)
        _note_restoration(places.settings_file, restored_at)
        key, kept_key = site.documents_key_file, fetched.folder / "key"
        if key is not None and kept_key.exists():
            self._move_aside(key, "key")
            key.parent.mkdir(parents=True, exist_ok=True)
            write_private(key, (kept_key / key.name).read_bytes())
            _give_to_pages(key)
        if site.documents_dir is not None:
            self._put_documents(fetched, site.documents_dir)
        self._put_prompts(fetched)
        url = make_url(site.database_url)
        if url.get_backend_name() == "sqlite":
            self._put_sqlite(fetched, Path(url.database or ""))
        return site

    def _put_documents(self, fetched: Fetched, folder: Path) -> None:
        self._move_aside(folder, "documents")
        folder.parent.mkdir(parents=True, exist_ok=True)
        kept = fetched.folder / "documents"
        if kept.exists():
            shutil.move(kept, folder)
        else:
            folder.mkdir(mode=0o700)
        pages = _user(PAGES)
        if pages is not None:
            give_to(folder, pages.pw_uid, pages.pw_gid)

    def _put_prompts(self, fetched: Fetched) -> None:
        kept = fetched.folder / "prompts"
        found = sorted(kept.rglob("*")) if kept.exists() else []
        for recording in filter(Path.is_file, found):
            name = recording.relative_to(kept)
            language = FRENCH if recording.parent == kept else name.parts[0]
            target = self._places.prompts_in(language) / recording.name
            self._move_aside(target, f"prompts/{name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(recording, target)

    def _put_sqlite(self, fetched: Fetched, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        for leftover in SQLITE_LEFTOVERS:
            self._move_aside(Path(f"{file}{leftover}"), f"database{leftover}")
        self._move_aside(file, "database")
        folder = file.parent.stat()
        # New: in a folder of another user its name could lead elsewhere by now.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with (
            fetched.database.open("rb") as copy,
            open(os.open(file, flags, 0o600), "wb") as target,
        ):
            shutil.copyfileobj(copy, target)
            if os.geteuid() == 0:
                # Whoever may write in the folder may write in the database.
                os.fchown(target.fileno(), folder.st_uid, folder.st_gid)
                os.fchmod(target.fileno(), 0o660)

    def _move_aside(self, path: Path, name: str) -> None:
        """Move what is there aside; undone, it is there again, or nothing is."""
        # A link that leads nowhere is there too: what is written would follow it.
        if os.path.lexists(path):
            kept = self.aside / name
            self.aside.mkdir(mode=0o700, exist_ok=True)
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(path, kept)
            self._undo.callback(shutil.move, kept, path)
        self._undo.callback(_remove, path)


def new_database_url(fetched: Fetched, site: SiteSettings) -> str:
    """Give the address of the database that is to be filled; empty where it is a file.

    Raises RestoreRefused where the settings name another kind than the copy's.
    """
    kind = make_url(site.database_url).get_backend_name()
    if (kind == "postgresql") != (fetched.database.suffix == ".dump"):
        raise RestoreRefused(
            f"the settings name a {kind} database, the copy is of another"
        )
    return site.database_url if kind == "postgresql" else ""


def _note_restoration(file: Path, at: datetime) -> None:
    """Write into the settings that an older copy came back."""
    text = file.read_text()
    lines = [each for each in text.splitlines() if not each.startswith("restored_at")]
    lines.append(f"restored_at = {json.dumps(at.isoformat(timespec='seconds'))}")
    changed = "\n".join(lines) + "\n"
    try:
        tomllib.loads(changed)
    except tomllib.TOMLDecodeError as error:
        raise BackupError(f"{file}: {error}") from error
    write_private(file, changed.encode())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _give_to_pages(file: Path) -> None:
    pages = _user(PAGES)
    if pages is not None:
        os.chown(file, pages.pw_uid, pages.pw_gid)


def _user(name: str) -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None

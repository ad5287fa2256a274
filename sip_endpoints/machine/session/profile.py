# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen's browser keeps on the disk: emptied but for what lets it in.

That is the cookie of our site that says which kiosk this is, and nothing of anybody.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from device_bridge.wiping.traces import Cause, NotWiped, Part, cause_of
from sip_endpoints.log import Log

log = Log(__name__)

# Where Chromium keeps its cookies, below the profile.
COOKIES = Path("Default/Cookies")
# Of booking_web/shell/site/host_cookies.py; tests/contracts holds them equal. The other is of a
# server that is older, or of none with HTTPS.
KEPT_COOKIE, FORMER_COOKIE = "__Host-borne", "borne"
_BUSY_SECONDS = 5.0
_KEPT = (KEPT_COOKIE, FORMER_COOKIE)
_OTHERS = "SELECT count(*) FROM cookies WHERE name NOT IN (?, ?)"


class Profile:
    """A folder that the browser may fill; it must not run while this is used."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self._folder = folder
        self._temporary = temporary
        # The same file with that cookie alone, for a browser that was killed as it wrote.
        self._spare = folder.with_name(f"{folder.name}-cookie")

    @property
    def is_kept(self) -> bool:
        """Tell whether what lets the screen in is safe, whatever ends the browser."""
        return self._spare.exists()

    def keep(self) -> bool:
        """Make it safe; False where there is nothing to keep, or no room for it."""
        try:
            return self._keep_cookie() is not None
        except (OSError, sqlite3.Error) as error:
            log.warning("the screen's cookie is not kept", why=str(error))
            return False

    def wipe(self) -> int:
        """Remove all else and give how many files that were; raises NotWiped."""
        try:
            kept = self._keep_cookie()
            found = sum(1 for each in self._files() if each != kept)
            for folder, spared in ((self._folder, kept), (self._temporary, None)):
                _empty(folder, spared)
        except OSError as error:
            cause = cause_of(error)
            raise NotWiped(Part.SCREEN, cause, str(error.strerror)) from error
        except sqlite3.Error as error:
            raise NotWiped(Part.SCREEN, _cause_of(error), str(error)) from error
        return found

    def look_after(self) -> None:
        """Look anew at all of it; raises NotWiped where anything but that cookie is left."""
        try:
            left = [each for each in self._files() if each != self._folder / COOKIES]
            others = self._other_cookies()
        except OSError as error:
            cause = cause_of(error)
            raise NotWiped(Part.SCREEN, cause, str(error.strerror)) from error
        except sqlite3.Error as error:
            raise NotWiped(Part.SCREEN, _cause_of(error), str(error)) from error
        if left or others:
            raise NotWiped(Part.SCREEN, Cause.STILL_THERE)

    def _files(self) -> list[Path]:
        return [
            each
            for folder in (self._folder, self._temporary)
            if folder.exists()
            for each in folder.rglob("*")
            if not each.is_dir() or each.is_symlink()
        ]

    def _keep_cookie(self) -> Path | None:
        """Leave the one cookie alone in Chromium's own file; None: there is none."""
        file = self._folder / COOKIES
        if _reduce(file):
            shutil.copyfile(file, self._spare.with_suffix(".new"))
            self._spare.with_suffix(".new").replace(self._spare)
            return file
        if _reduce(self._spare):
            # The browser was killed as it wrote, or never got to it.
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._spare, file)
            return file
        return None

    def _other_cookies(self) -> int:
        file = self._folder / COOKIES
        if not file.exists():
            return 0
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as cookies:
            return int(cookies.execute(_OTHERS, _KEPT).fetchone()[0])


def _reduce(file: Path) -> bool:
    """Take all but the one cookie out of a file; tell whether that one is in it."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as cookies:
            cookies.execute("DELETE FROM cookies WHERE name NOT IN (?, ?)", _KEPT)
            cookies.commit()
            # What was removed is not to be read out of the file either.
            cookies.execute("VACUUM")
            return bool(cookies.execute("SELECT count(*) FROM cookies").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if _cause_of(error) is not Cause.INTERNAL:
            # A disk that is full, or read only: the file itself may be good.
            raise
        return False


def _cause_of(error: sqlite3.Error) -> Cause:
    causes = {
        sqlite3.SQLITE_READONLY: Cause.READ_ONLY,
        sqlite3.SQLITE_FULL: Cause.DISK_FULL,
    }
    # The upper bytes say more than is wanted here.
    return causes.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, Cause.INTERNAL)


def _empty(folder: Path, spared: Path | None) -> None:
    """Remove all that is below a folder but one file, and the folders that lead to it."""
    if not folder.exists():
        return
    for each in folder.iterdir():
        if spared is not None and spared.is_relative_to(each):
            if each != spared:
                _empty(each, spared)
        elif each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()

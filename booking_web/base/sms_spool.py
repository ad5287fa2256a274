# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory in which SMS lie as files until a modem's program takes them.

What the program has taken lies in directories of its own, of which nothing is known here.
"""

import os
import re
import tempfile
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from booking_web.base.settings import Settings

# `guichet-<number of the message>-<sequence of its appointment>`.
_NAME = re.compile(r"guichet-(\d{1,18})-\d+")
# Of a file that was being written: nobody reads it.
_HALF = ".sms-"


class SpoolUnreachable(Exception):
    """The directory or a file in it can be neither read nor emptied."""


class SmsSpool:
    """One directory; None: this site writes no SMS into files."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of(cls, settings: Settings) -> "SmsSpool":
        """Give the site's, also where it sends its SMS otherwise by now."""
        return cls(Path(settings.sms_spool) if settings.sms_spool else None)

    def put(self, sms_id: str, content: str) -> None:
        """Write a file, which appears under its name only once it is whole.

        One of the same name is written over. Raises SpoolUnreachable.
        """
        if self._folder is None:
            raise SpoolUnreachable
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=_HALF)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._folder / f"guichet-{sms_id}")
        except OSError as error:
            raise SpoolUnreachable from error

    def waiting(self) -> dict[int, str]:
        """Give what lies there, by the number of the message; raises SpoolUnreachable."""
        found: dict[int, str] = {}
        for number, path in self._files():
            try:
                found[number] = path.read_text(encoding="utf-8")
            except FileNotFoundError:
                # The modem's program has taken it meanwhile.
                continue
            except (OSError, UnicodeDecodeError) as error:
                raise SpoolUnreachable from error
        return found

    def numbers(self) -> set[int]:
        """Give the numbers of the messages that lie there; raises SpoolUnreachable."""
        return {number for number, _ in self._files()}

    def remove(self, messages: Collection[int]) -> int:
        """Remove the files of these messages; count them. Raises SpoolUnreachable."""
        gone = [path for number, path in self._files() if number in messages]
        return sum(map(_remove, gone))

    def remove_halves(self, before: datetime) -> int:
        """Remove what a sender that was killed began to write before; count the files."""
        return sum(
            _remove(path)
            for path in self._listed()
            if path.name.startswith(_HALF) and _written_at(path) < before.timestamp()
        )

    def _files(self) -> Iterator[tuple[int, Path]]:
        for path in self._listed():
            if (name := _NAME.fullmatch(path.name)) is not None:
                yield int(name[1]), path

    def _listed(self) -> list[Path]:
        if self._folder is None:
            return []
        try:
            return sorted(self._folder.iterdir())
        except FileNotFoundError:
            # No directory: nothing lies in it.
            return []
        except OSError as error:
            raise SpoolUnreachable from error


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise SpoolUnreachable from error
    return True


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError as error:
        raise SpoolUnreachable from error

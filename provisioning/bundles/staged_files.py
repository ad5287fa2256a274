# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files that hold secrets: written beside their final names, put in place together."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.directory.errors import DirectoryError


class StagedFiles:
    """Files that are written now and put in place, each atomically, by `publish`."""

    def __init__(self) -> None:
        self._staged: list[tuple[Path, Path]] = []

    def add(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Write the content beside `path`; its folder is made (0700) where missing."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        self._staged.append((Path(name), path))
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def publish(self) -> list[Path]:
        """Put every file in place and give their names."""
        published = []
        while self._staged:
            staged, path = self._staged.pop(0)
            os.replace(staged, path)
            published.append(path)
        return published

    def discard(self) -> None:
        """Remove what was written and not published."""
        for staged, _ in self._staged:
            staged.unlink(missing_ok=True)
        self._staged.clear()


@contextmanager
def staged_files() -> Iterator[StagedFiles]:
    """Give a place to stage files; what was not published is gone at the end."""
    files = StagedFiles()
    try:
        yield files
    except OSError as error:
        raise DirectoryError(f"a file cannot be written: {error}") from error
    finally:
        files.discard()

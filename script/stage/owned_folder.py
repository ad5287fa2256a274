# SPDX-License-Identifier: AGPL-3.0-or-later
"""Temporary folders, on the disk or in memory, that go with their process, even a killed one.

Each holds a file that its process keeps locked: the kernel lets go of the lock whatever
ends the process, and no number of a process can be taken for another's.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

OWNER_FILE = "owner"
# A file system in memory; with less room there than this a folder is on the disk.
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 1 << 30


class OwnedFolder:
    """A new folder; first, what dead processes of this user left of its kind goes."""

    def __init__(self, prefix: str, *, in_memory: bool = False) -> None:
        """Make it; in memory where there is room, for files that come and go by the thousand."""
        below = MEMORY if in_memory and _has_room(MEMORY) else temporary_place()
        remove_left_folders(prefix, below)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=below))
        # Locked before it has the name by which others look for it.
        part = self.path / f"{OWNER_FILE}.part"
        self._lock = os.open(part, os.O_CREAT | os.O_WRONLY, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        part.rename(self.path / OWNER_FILE)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def temporary_place() -> Path:
    """Give the system's temporary folder."""
    return Path(tempfile.gettempdir())


def remove_left_folders(prefix: str, below: Path | None = None) -> list[Path]:
    """Remove the folders of this user whose process is gone; give them.

    One without a lock's file is somebody else's, or just being made: it stays.
    """
    removed = []
    for folder in sorted((below or temporary_place()).glob(f"{prefix}*")):
        try:
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                continue
            with (folder / OWNER_FILE).open() as lock:
                if _is_free(lock):
                    shutil.rmtree(folder, ignore_errors=True)
                    removed.append(folder)
        except OSError:
            continue
    return removed


def _has_room(place: Path) -> bool:
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free >= MEMORY_BYTES


def _is_free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The folder of the documents, as backups see it.

The names are those of `booking_web/domain/documents/store.py`; a test holds both equal. Who
has the lock knows that nobody adds or removes a content meanwhile.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of a content and of the picture of its first page. Scans on their way are not kept: the
# kiosk has them until the server has the whole.
KINDS = ("content", "preview")
LOCK = "lock"
_NAME = re.compile(r"[0-9a-f]{64}")


@contextmanager
def unchanging(folder: Path | None) -> Iterator[None]:
    """Keep every process from adding or removing documents meanwhile."""
    if folder is None or not folder.is_dir():
        yield
        return
    # Owned by whom the folder is, or the pages could not lock it any more.
    owner = folder.stat()
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if os.geteuid() == 0:
            os.fchown(lock, owner.st_uid, owner.st_gid)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def contents(folder: Path, kind: str) -> Iterator[Path]:
    """Give the files of a kind: the store's own, and nothing that somebody put there."""
    for shelf in sorted((folder / kind).glob("[0-9a-f][0-9a-f]")):
        with os.scandir(shelf) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)


def link_all(folder: Path, target: Path) -> int:
    """Fill `target` with names of the same files; give how many contents there are.

    No byte is copied where `target` is on the same disk, so that it takes an instant.
    """
    counts = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        (target / kind).mkdir(mode=0o700, parents=True)
        for file in contents(folder, kind):
            shelf = target / kind / file.parent.name
            shelf.mkdir(mode=0o700, exist_ok=True)
            _link(file, shelf / file.name)
            counts[kind] += 1
    return counts["content"]


def give_to(folder: Path, uid: int, gid: int) -> None:
    """Give a brought back folder to the programs that use it, and to nobody else.

    From within outwards, and never by a name that leads elsewhere: whom a folder is given to
    may change what is in it from then on.
    """
    for parent, _folders, files in os.walk(folder, topdown=False):
        for name in files:
            _give(os.path.join(parent, name), uid, gid, stat.S_IRUSR | stat.S_IWUSR)
        _give(parent, uid, gid, stat.S_IRWXU)


def _give(path: str, uid: int, gid: int, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        # A link, which is none of the store's: it stays root's.
        return
    try:
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
            raise
        shutil.copy2(file, target, follow_symlinks=False)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files that are whole or not there: written beside their names, then put in place."""

import errno
import grp
import os
import shutil
import stat
import tempfile
from pathlib import Path

from sip_endpoints.machine.system.errors import MachineError


def write_file(
    path: Path, content: str, *, mode: int = 0o644, group: str | None = None
) -> None:
    """Put a file in place at once, on the disk; its folder is made where missing.

    `group` may read what `mode` lets a group read; a machine without it (no package is
    installed there) keeps the file for its owner.
    """
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise MachineError(f"{path} : {error.strerror}.") from error
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            _own(file.fileno(), mode, group)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise MachineError(f"{path} : {error.strerror}.") from error
    finally:
        staged.unlink(missing_ok=True)


def read_of_another(path: Path, most_bytes: int) -> str:
    """Give the text of a file in a folder of another user, who may do there as he likes.

    What is no plain file of this size is not read, and nobody is waited for. Raises OSError,
    or ValueError where it is no text.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content.decode()


def give_to_folder(path: Path) -> None:
    """Have root's file belong to whose folder it is in; anybody else's is left as it is."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)


def remove_file(path: Path) -> None:
    """Remove a file that may not be there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(f"{path} : {error.strerror}.") from error


def shred_file(path: Path) -> None:
    """Write over a file that held a secret, then remove it.

    A disk that remaps its blocks may keep the old ones: whoever gives a machine away
    revokes the kiosk too.
    """
    try:
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except OSError as error:
        raise MachineError(f"{path} : {error.strerror}.") from error
    remove_file(path)


def empty_folder(folder: Path) -> None:
    """Remove all that is in a folder; the folder, and who may write there, stays."""
    if not folder.is_dir():
        return
    try:
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()
    except OSError as error:
        raise MachineError(f"{folder} : {error.strerror}.") from error


def _own(descriptor: int, mode: int, group: str | None) -> None:
    if group is not None and os.geteuid() == 0:
        try:
            os.fchown(descriptor, 0, grp.getgrnam(group).gr_gid)
        except KeyError:
            mode &= 0o700
    os.fchmod(descriptor, mode)


def _sync_folder(folder: Path) -> None:
    """Have the new name survive a power cut, not only the content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

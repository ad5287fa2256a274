# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can go wrong with backups, in words for who administers the site."""

import errno

from provisioning.server.errors import ServerError


class BackupError(ServerError):
    """A backup, or what was asked of one, failed; the backups that were there are unharmed."""


class AnotherIsRunning(BackupError):
    """A backup or a restoration is under way on this machine."""


class WrongPassphrase(BackupError):
    """The repository does not open with this passphrase."""


class NoRepository(BackupError):
    """There is no repository at this place."""


class NoRoom(BackupError):
    """A disk is full."""


class RestoreRefused(BackupError):
    """The backup cannot be restored here as things are; nothing was changed."""


def as_backup_error(error: BackupError | OSError) -> BackupError:
    """Say what the system's error means for backups."""
    if isinstance(error, BackupError):
        return error
    if error.errno == errno.ENOSPC:
        return NoRoom(
            f"there is no room left on the disk of {error.filename or 'this machine'}: the"
            " backups that are there are unharmed"
        )
    return BackupError(f"{error.filename or 'the system'}: {error.strerror}")

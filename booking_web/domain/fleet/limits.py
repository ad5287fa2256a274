# SPDX-License-Identifier: AGPL-3.0-or-later
"""From when on something about a machine is wrong. Pure.

Each of disk and certificate has two bounds: what has gone wrong is right again only well past
the first one, so that nobody is told twice of what swings around it.
"""

from datetime import datetime, timedelta

GIGABYTE = 1_000_000_000
# Below the first something is wrong, above the second it is right again.
FREE_BYTES = (2 * GIGABYTE, 3 * GIGABYTE)
# Of a disk on which so much would be most of it.
FREE_SHARE = (0.10, 0.15)
CERTIFICATE_LEFT = (timedelta(days=14), timedelta(days=15))
# A nightly backup that took place has its mark younger than this.
BACKUP_GOOD_FOR = timedelta(hours=36)
# Debian signs the list of its security updates anew every few days.
SECURITY_GOOD_FOR = timedelta(days=14)


def is_disk_low(
    free_bytes: int | None, disk_bytes: int | None, *, was: bool = False
) -> bool:
    """Tell whether so little is free that the machine will soon stand still.

    `was`: it was so before.
    """
    if free_bytes is None or not disk_bytes:
        return False
    bound = int(was)
    return free_bytes < min(FREE_BYTES[bound], disk_bytes * FREE_SHARE[bound])


def ends_soon(ends: datetime | None, now: datetime, *, was: bool = False) -> bool:
    """Tell whether a certificate ends within two weeks, or has ended."""
    return ends is not None and ends - now < CERTIFICATE_LEFT[int(was)]


def is_security_old(signed_at: datetime | None, told_at: datetime) -> bool:
    """Tell whether a list of security updates was too old, or none, when a machine told.

    A machine that is off reads none, and needs none.
    """
    return signed_at is None or told_at - signed_at > SECURITY_GOOD_FOR


def is_backup_old(backed_up_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last backup is too old, or there was none."""
    return backed_up_at is None or now - backed_up_at > BACKUP_GOOD_FOR

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Facts about the machine that this program runs on: disk, boot, certificate, backup, checks."""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from cryptography import x509

# It looks every three minutes.
LOOKED_WITHIN = timedelta(minutes=20)
NOBODY_LOOKS = "watch"


def product_version() -> str:
    """Give the version that is installed."""
    return version("guichet-virtuel")


def booted_at(now: datetime) -> datetime:
    """Give when the machine was started."""
    return now - timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


def disk_of(path: Path) -> tuple[int, int] | None:
    """Give the free and all bytes of the disk on which the path lies; None: no such path."""
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return None
    return usage.free, usage.total


def certificate_end(file: Path) -> datetime | None:
    """Give when the first certificate of a PEM file ends; None where there is none."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def last_backup(file: Path) -> datetime | None:
    """Give when the last backup that went well ended, as `guichet-server backup` left it."""
    try:
        told = json.loads(file.read_text())
        at = datetime.fromisoformat(told["last_ok_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def failing_checks(file: Path, now: datetime) -> tuple[str, ...]:
    """Name what fails as `guichet-server watch` left it; `NOBODY_LOOKS` where that is old."""
    try:
        told = json.loads(file.read_text())
        looked_at = datetime.fromisoformat(told["looked_at"])
        names = tuple(str(name) for name in told["believed"])
        if abs(now - looked_at) <= LOOKED_WITHIN:
            return names
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return (NOBODY_LOOKS,)

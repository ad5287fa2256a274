# SPDX-License-Identifier: AGPL-3.0-or-later
"""Facts about the machine that this program runs on: disk, boot, certificate, last backup."""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from cryptography import x509


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

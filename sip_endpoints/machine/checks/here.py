# SPDX-License-Identifier: AGPL-3.0-or-later
"""Screens, disk and telephone: what this machine can say by itself."""

import shutil
from pathlib import Path
from typing import Any

from sip_endpoints.machine.checks.check import Check, CheckName, failed, passed
from sip_endpoints.machine.session.browsing import BROWSER
from sip_endpoints.machine.session.outputs import Session, SessionAway

# Room for a day of scans and for an update.
MIN_FREE_BYTES = 1_000_000_000


def check_screens(session: Session, wanted: int) -> Check:
    """Count the screens that are on, and look for the browser on one of them."""
    name = CheckName.SCREENS
    try:
        outputs, pages = session.outputs(), session.windows_of(BROWSER)
    except SessionAway as error:
        return failed(name, "session_stopped", why=str(error))
    details = {
        "screens": [f"{each.name} {each.width}x{each.height}" for each in outputs]
    }
    if not outputs:
        return failed(name, "no_screen")
    if len(outputs) < wanted:
        return failed(name, "one_screen", **details)
    if not pages:
        return failed(name, "no_browser", **details)
    return passed(name, **details)


def check_disk(folder: Path) -> Check:
    """Look for room."""
    usage = shutil.disk_usage(folder)
    details = {"free_bytes": usage.free, "total_bytes": usage.total}
    if usage.free < min(MIN_FREE_BYTES, usage.total // 10):
        return failed(CheckName.DISK, "disk_full", **details)
    return passed(CheckName.DISK, **details)


def check_phone(status: dict[str, Any] | None) -> Check:
    """Judge by what the running telephone says; None where none runs."""
    name = CheckName.PHONE
    if status is None:
        return failed(name, "phone_stopped")
    registration = status.get("registration") or {}
    details = {key: registration.get(key) for key in ("since", "code", "reason")}
    if not status.get("registered"):
        return failed(name, "not_registered", **details)
    return passed(name, **details)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of when Debian's security updates are that apt knows here: the date of their signed list."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from sip_endpoints.machine.system.places import Places

# Each archive's own name, whatever mirror it comes by (https://wiki.debian.org/DebianRepository/Format).
_LABEL = re.compile(rb"(?m)^Label: Debian-Security$")
_DATE = re.compile(rb"(?m)^Date: (.+)$")
# What names an archive stands at its beginning; the sums of its files are long.
_BEGINNING_BYTES = 4096


def security_signed_at(places: Places) -> datetime | None:
    """Give when the newest of these lists was signed; None where apt has none."""
    found = []
    for pattern in ("*_InRelease", "*_Release"):
        for file in places.apt_lists.glob(pattern):
            if signed := _signed_at(file):
                found.append(signed)
    return max(found, default=None)


def _signed_at(file: Path) -> datetime | None:
    try:
        with file.open("rb") as stream:
            beginning = stream.read(_BEGINNING_BYTES)
        date = _DATE.search(beginning)
        if date is None or not _LABEL.search(beginning):
            return None
        return parsedate_to_datetime(date[1].decode()).astimezone(UTC)
    except (OSError, ValueError):
        return None

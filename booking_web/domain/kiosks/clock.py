# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's clock against the server's: it is told what is wrong, and believed in nothing."""

from datetime import datetime, timedelta

# A heartbeat takes its time, and a minute more harms nobody.
TOLERANCE = timedelta(minutes=2)


def seconds_ahead(told_at: datetime | None, now: datetime) -> int:
    """Give by how much a kiosk's clock is ahead, in whole minutes; 0 where it is right."""
    if told_at is None or abs(told_at - now) <= TOLERANCE:
        return 0
    return round((told_at - now) / timedelta(minutes=1)) * 60

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether what is written of presence may be believed now."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.readiness.models import THE_WATCH, PresenceWatch

# The dispatcher gives a sign of life this often; after so long without one it is down.
SIGN_EVERY_SECONDS = 5.0
WATCH_STALE_AFTER = timedelta(seconds=16)
# A server whose clock is ahead of the database's writer by no more than this is believed.
CLOCKS_DIFFER_BY = timedelta(minutes=2)


def is_watched(session: Session, now: datetime) -> bool:
    """Tell whether a dispatcher hears Asterisk, so that presence is up to date."""
    watch = session.get(PresenceWatch, THE_WATCH)
    if watch is None or watch.heard_at is None:
        return False
    return -CLOCKS_DIFFER_BY <= now - watch.heard_at <= WATCH_STALE_AFTER

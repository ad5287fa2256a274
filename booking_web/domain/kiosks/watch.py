# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether what is written of presence may be believed now."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.presence import (
    THE_WATCH,
    EndpointPresence,
    Presence,
    PresenceWatch,
)
from provisioning.database.models import Kiosk

# The dispatcher gives a sign of life this often; after so long without one it is down.
SIGN_EVERY_SECONDS = 5.0
WATCH_STALE_AFTER = timedelta(seconds=16)
# A server whose clock is ahead of the database's writer by no more than this is believed.
CLOCKS_DIFFER_BY = timedelta(minutes=2)


def is_watched(session: Session, now: datetime) -> bool:
    """Tell whether a dispatcher hears Asterisk, so that presence is up to date."""
    return bool(is_heard(session, now))


def is_heard(session: Session, now: datetime) -> bool | None:
    """Tell the same; None where there never was a dispatcher."""
    watch = session.get(PresenceWatch, THE_WATCH)
    if watch is None:
        return None
    if watch.heard_at is None:
        return False
    return -CLOCKS_DIFFER_BY <= now - watch.heard_at <= WATCH_STALE_AFTER


def kiosks_switched_off(
    session: Session, kiosk_ids: Collection[int], now: datetime
) -> set[int]:
    """Give those of the kiosks that are not there; none where nobody knows."""
    if not is_watched(session, now):
        return set()
    there = session.scalars(
        select(Kiosk.id)
        .join(EndpointPresence, EndpointPresence.slug == Kiosk.slug)
        .where(Kiosk.id.in_(kiosk_ids), EndpointPresence.state != str(Presence.OFFLINE))
    )
    return set(kiosk_ids) - set(there)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Remembers each purge: the officer reads when the last one was, and what it took away."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.tables.purges import Purge

KEPT = timedelta(days=400)


def note_purge(session: Session, counts: Mapping[str, int], now: datetime) -> None:
    """Write one down, and forget those of long ago."""
    session.execute(delete(Purge).where(Purge.at < now - KEPT))
    session.add(Purge(at=now, counts=dict(counts)))


def last_purge(session: Session) -> Purge | None:
    """Give the latest one; None: there was none yet."""
    return session.scalar(select(Purge).order_by(Purge.at.desc()).limit(1))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deletes the journal's lines that have had their term: who looked at what, long ago.

What was done stays. The database itself refuses to delete a line before its term.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.restriction import (
    is_of_unrestricted,
    is_unrestricted,
)
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.journal_links import JournalLink

# By the database's clock, which its triggers go by too.
HAD_THEIR_TERM = (
    select(JournalEntry.id)
    .join(JournalLink, JournalLink.entry_id == JournalEntry.id)
    .where(
        JournalLink.term <= func.now(),
        is_unrestricted(JournalEntry.resident_id),
        is_of_unrestricted(JournalEntry.appointment_id),
    )
)


def forget_readings(
    session: Session, actor: str, now: datetime, *, dry_run: bool = False
) -> int:
    """Delete them, and write down how many there were; with `dry_run` only count."""
    query = select(func.count()).select_from(HAD_THEIR_TERM.subquery())
    count = session.scalar(query) or 0
    if not count or dry_run:
        return count
    # First: so the latest line stays, and its number is given to no other.
    write_down(
        session, Act.READINGS_FORGOTTEN, actor=actor, at=now, detail=f"{count} lines"
    )
    session.flush()
    session.execute(
        delete(JournalEntry)
        .where(JournalEntry.id.in_(HAD_THEIR_TERM))
        .execution_options(synchronize_session=False)
    )
    return count

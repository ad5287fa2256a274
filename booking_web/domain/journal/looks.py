# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps what a look at the journal's chain found, for whoever is told of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.verifying import Verified
from booking_web.tables.journal_looks import THE_LOOK, JournalLook


def keep_look(session: Session, verified: Verified, now: datetime) -> None:
    """Keep it in place of the look before."""
    session.merge(
        JournalLook(
            id=THE_LOOK,
            looked_at=now,
            wrong=verified.wrong,
            last_sound=verified.last_sound,
        )
    )


def last_look(session: Session) -> JournalLook | None:
    """Give it; None where nobody has looked yet."""
    return session.get(JournalLook, THE_LOOK)

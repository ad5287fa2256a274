# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes a second factor away from who has lost it, and writes down who did."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.second_factors import turn_off
from booking_web.domain.rights.web_sessions import end_web_sessions_of
from booking_web.tables.journal_acts import Act
from provisioning.database.models import User


def reset_second_factor_of(
    session: Session, user: User, actor: str, now: datetime
) -> bool:
    """Take it away and end the person's sign-ins; False where there was none."""
    if not turn_off(session, user.id):
        return False
    end_web_sessions_of(session, user.id)
    detail = f"user:{user.id}"
    write_down(session, Act.SECOND_FACTOR_RESET, actor=actor, at=now, detail=detail)
    return True

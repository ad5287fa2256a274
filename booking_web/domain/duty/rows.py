# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's duty in the database: read, made, and told of."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell_duty, tell_readiness
from booking_web.tables.duty import CounsellorDuty, DutyState


def duty_to_change(
    session: Session, counsellor_id: int, now: datetime
) -> CounsellorDuty:
    """Give the counsellor's row, locked; made where there is none: they are available."""
    row = session.get(CounsellorDuty, counsellor_id, with_for_update=True)
    if row is None:
        row = CounsellorDuty(
            counsellor_id=counsellor_id,
            state=DutyState.AVAILABLE,
            reason="",
            since=now,
            applied_at=now,
            missed_rings=0,
            missed_channel="",
        )
        session.add(row)
    return row


def tell_of(
    session: Session, row: CounsellorDuty, organisation_id: int, now: datetime
) -> None:
    """Have open pages look again: the organisation's own and, of a pause, the desks.

    A wrap-up needs no more: the desks are told by the presence that comes with it.
    """
    tell_duty(session, organisation_id, now)
    if row.state == DutyState.PAUSED:
        tell_readiness(session, None, now)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What hosts look at before the first resident comes: written down, taken back, forgotten.

Each works in the caller's transaction.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.opening_checks import Found, OpeningCheck, Step

KEPT = timedelta(days=90)


def note_check(
    session: Session,
    kiosk_id: int,
    step: Step,
    found: Found,
    *,
    day: date,
    user_id: int,
    now: datetime,
) -> None:
    """Write down what was found; what was found before on that day counts no more."""
    row = session.get(OpeningCheck, (kiosk_id, day, step))
    if row is None:
        row = OpeningCheck(kiosk_id=kiosk_id, day=day, step=step)
        session.add(row)
    row.found, row.checked_at, row.checked_by_id = found, now, user_id
    tell_readiness(session, kiosk_id, now)


def take_back_check(
    session: Session, kiosk_id: int, step: Step, *, day: date, now: datetime
) -> None:
    """Have it as if nobody had looked on that day; twice changes nothing."""
    row = session.get(OpeningCheck, (kiosk_id, day, step))
    if row is not None:
        session.delete(row)
        tell_readiness(session, kiosk_id, now)


def checks_on(session: Session, kiosk_id: int, day: date) -> dict[Step, OpeningCheck]:
    """Give what was looked at on that day, each with who did."""
    query = select(OpeningCheck).where(
        OpeningCheck.kiosk_id == kiosk_id, OpeningCheck.day == day
    )
    rows = session.scalars(query.options(joinedload(OpeningCheck.checked_by)))
    return {Step(row.step): row for row in rows}


def last_checked_days(session: Session, kiosk_ids: Collection[int]) -> dict[int, date]:
    """Give for each kiosk that was ever looked at the last day on which it was."""
    query = select(OpeningCheck.kiosk_id, func.max(OpeningCheck.day))
    query = query.where(OpeningCheck.kiosk_id.in_(kiosk_ids))
    rows = session.execute(query.group_by(OpeningCheck.kiosk_id))
    return {kiosk_id: day for kiosk_id, day in rows}


def forget_old_checks(session: Session, now: datetime) -> None:
    """Remove what was looked at long ago, but the last look at each kiosk's paper."""
    newer = select(func.max(OpeningCheck.day).label("day"), OpeningCheck.kiosk_id)
    last = newer.where(OpeningCheck.step == Step.PAPER).group_by(OpeningCheck.kiosk_id)
    kept = last.subquery()
    is_last = (
        select(kept.c.kiosk_id)
        .where(kept.c.kiosk_id == OpeningCheck.kiosk_id, kept.c.day == OpeningCheck.day)
        .exists()
    )
    old = OpeningCheck.day < now.date() - KEPT
    session.execute(delete(OpeningCheck).where(old, ~is_last))

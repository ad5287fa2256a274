# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellors' duties in the database, as the dispatcher needs them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.dispatcher.duty.seeing import MissedRing
from booking_web.domain.duty.rows import duty_to_change, tell_of
from booking_web.domain.duty.standing import (
    Held,
    Limits,
    Seen,
    end_wrap_up,
    held_in,
    is_held,
    miss_ring,
    settle,
)
from booking_web.tables.duty import CounsellorDuty
from provisioning.database.models import Counsellor, Organisation

logger = structlog.get_logger(__name__)

_AVAILABLE = Held(False)
# In one order, so that two dispatchers never wait for each other.
_TO_CHANGE = (
    select(CounsellorDuty).order_by(CounsellorDuty.counsellor_id).with_for_update()
)


@dataclass(frozen=True)
class Order:
    """What Asterisk is still to be told of a counsellor."""

    counsellor_id: int
    queue: str
    endpoint: str
    held: Held
    # False: the queue does not know them, so nothing can be told.
    is_member: bool


def is_anything_to_do(session: Session, now: datetime) -> bool:
    """Tell whether something was asked for, or a wrap-up is over."""
    query = select(CounsellorDuty.counsellor_id).where(
        or_(CounsellorDuty.applied_at.is_(None), CounsellorDuty.until <= now)
    )
    return session.scalar(query.limit(1)) is not None


def settle_all(
    session: Session,
    seen: Mapping[tuple[str, str], Seen],
    missed: Collection[MissedRing],
    now: datetime,
) -> list[Order]:
    """Bring every row to what was seen; gives what Asterisk is to be told after the commit."""
    rings: dict[tuple[str, str], list[str]] = {}
    for ring in missed:
        rings.setdefault((ring.queue, ring.endpoint), []).append(ring.channel)
    rows = {row.counsellor_id: row for row in session.scalars(_TO_CHANGE)}
    orders = []
    for counsellor_id, endpoint, queue, organisation_id, wrap_up, most in _members(
        session
    ):
        at = seen.get((queue, endpoint))
        channels = rings.get((queue, endpoint), [])
        row = rows.get(counsellor_id)
        if row is None:
            if not channels and (at is None or _is_usual(at)):
                continue
            # Made before what was seen, so that it gives way to it.
            made_at = now if at is None else at.asked_at
            row = duty_to_change(session, counsellor_id, made_at)
        limits = Limits(timedelta(seconds=wrap_up), most)
        before = _shown(row)
        if at is not None:
            settle(row, at, limits, now)
        for channel in channels:
            miss_ring(row, channel, limits, now)
        end_wrap_up(row, now)
        if _shown(row) != before:
            _tell(session, row, endpoint, organisation_id, now)
        if row.applied_at is None:
            order = Order(counsellor_id, queue, endpoint, held_in(row), at is not None)
            orders.append(order)
    return orders


def mark_applied(session: Session, order: Order, now: datetime) -> None:
    """Note that Asterisk holds it, where nothing else was asked for meanwhile."""
    row = session.get(CounsellorDuty, order.counsellor_id, with_for_update=True)
    if row is None or row.applied_at is not None or not is_held(row, order.held):
        return
    row.applied_at = now
    organisation = select(Counsellor.organisation_id).where(
        Counsellor.id == order.counsellor_id
    )
    tell_of(session, row, session.scalars(organisation).one(), now)


def _members(
    session: Session,
) -> list[tuple[int, str, str, int, int, int]]:
    found = session.execute(
        select(
            Counsellor.id,
            Counsellor.slug,
            Organisation.slug,
            Organisation.id,
            Organisation.wrap_up_seconds,
            Organisation.missed_rings_allowed,
        ).join(Organisation, Organisation.id == Counsellor.organisation_id)
    )
    return [(a, b, c, d, e, f) for a, b, c, d, e, f in found]


def _is_usual(seen: Seen) -> bool:
    """Tell whether nothing need be written of who has no row."""
    return seen.held == _AVAILABLE and not seen.is_in_call


def _shown(row: CounsellorDuty) -> tuple[object, ...]:
    is_in_call = row.call_since is not None
    return row.state, row.reason, row.until, row.applied_at is None, is_in_call


def _tell(
    session: Session,
    row: CounsellorDuty,
    endpoint: str,
    organisation_id: int,
    now: datetime,
) -> None:
    logger.info(
        "duty changed",
        endpoint=endpoint,
        state=str(row.state),
        reason=row.reason,
        is_applied=row.applied_at is not None,
        is_in_call=row.call_since is not None,
    )
    tell_of(session, row, organisation_id, now)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the last update that each kiosk tried ended. Kiosks choose the hour, and tell.

Each works in the caller's writing transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.orders import OPEN, settle_order
from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.fleet import KioskOrder, KioskUpdate, OrderKind, UpdateState

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class TellsOfUpdate:
    """What a kiosk tells of the last update that it tried; versions are its package's."""

    state: UpdateState
    from_version: str
    to_version: str
    tried_at: datetime | None = None
    cause: str = ""


def take_update(
    session: Session, kiosk_id: int, told: TellsOfUpdate | None, now: datetime
) -> None:
    """Keep what the kiosk tells; None: it never tried any, as one that was made anew."""
    kept = session.get(KioskUpdate, kiosk_id)
    if told is None:
        if kept is not None:
            session.delete(kept)
            tell_readiness(session, kiosk_id, now)
        return
    if told.tried_at is not None:
        _settle_order(session, kiosk_id, told.tried_at, now)
    if kept is not None and _told_by(kept) == told:
        return
    session.merge(
        KioskUpdate(
            kiosk_id=kiosk_id,
            state=told.state,
            from_version=told.from_version,
            to_version=told.to_version,
            tried_at=told.tried_at,
            cause=told.cause,
        )
    )
    session.flush()
    tell_readiness(session, kiosk_id, now)
    logger.info(
        "kiosk updated",
        kiosk=kiosk_id,
        state=str(told.state),
        version=told.to_version,
        cause=told.cause,
    )


def last_updates(
    session: Session, kiosk_ids: Collection[int]
) -> dict[int, KioskUpdate]:
    """Give the last update of each of these kiosks that ever tried one."""
    query = select(KioskUpdate).where(KioskUpdate.kiosk_id.in_(kiosk_ids))
    return {each.kiosk_id: each for each in session.scalars(query)}


def _told_by(kept: KioskUpdate) -> TellsOfUpdate:
    return TellsOfUpdate(
        state=UpdateState(kept.state),
        from_version=kept.from_version,
        to_version=kept.to_version,
        tried_at=kept.tried_at,
        cause=kept.cause,
    )


def _settle_order(
    session: Session, kiosk_id: int, tried_at: datetime, now: datetime
) -> None:
    """Note that the kiosk did it, where it was asked to before it tried."""
    query = select(KioskOrder.id).where(
        KioskOrder.kiosk_id == kiosk_id,
        KioskOrder.kind == OrderKind.UPDATE,
        KioskOrder.state.in_(OPEN),
        KioskOrder.taken_at <= tried_at,
    )
    for order_id in session.scalars(query).all():
        settle_order(session, kiosk_id, order_id, now)

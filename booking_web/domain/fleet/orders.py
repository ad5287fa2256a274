# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's machine is asked to do: asked once, handed out, settled or given up.

Each works in the caller's writing transaction. A kiosk comes for its orders; nothing calls it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.fleet import KioskOrder, OrderKind, OrderState

# Of an order that a kiosk took and told nothing of: its machine may have been switched off.
HANDED_AGAIN_AFTER = timedelta(minutes=10)
# Whoever asked has long found another way.
GOOD_FOR = timedelta(days=1)
KEPT = timedelta(days=90)
OPEN = (OrderState.WAITING, OrderState.TAKEN)

logger = structlog.get_logger(__name__)


def ask_kiosk(
    session: Session, kiosk_id: int, kind: OrderKind, actor: str, now: datetime
) -> KioskOrder:
    """Ask the kiosk's machine for something; where it is asked already, that order counts."""
    expire_orders(session, now, kiosk_id)
    order = session.scalar(_open_orders(kiosk_id).where(KioskOrder.kind == kind))
    if order is not None:
        return order
    order = KioskOrder(
        kiosk_id=kiosk_id,
        kind=kind,
        asked_by=actor,
        asked_at=now,
        state=OrderState.WAITING,
    )
    session.add(order)
    session.flush()
    tell_readiness(session, kiosk_id, now)
    logger.info("kiosk asked", kiosk=kiosk_id, kind=str(kind), order=order.id)
    return order


def hand_out(session: Session, kiosk_id: int, now: datetime) -> list[KioskOrder]:
    """Give the kiosk the orders that it does not have, the first asked for first."""
    expire_orders(session, now, kiosk_id)
    handed = []
    for order in session.scalars(_open_orders(kiosk_id)):
        is_lost = order.taken_at is not None and (
            now - order.taken_at >= HANDED_AGAIN_AFTER
        )
        if order.state == OrderState.WAITING or is_lost:
            order.state, order.taken_at = OrderState.TAKEN, now
            handed.append(order)
    if handed:
        tell_readiness(session, kiosk_id, now)
    return handed


def settle_order(
    session: Session, kiosk_id: int, order_id: int, now: datetime
) -> KioskOrder | None:
    """Note that the kiosk did what it was asked; None for an order that is not its own.

    One that was given up meanwhile is done all the same.
    """
    order = session.get(KioskOrder, order_id)
    if order is None or order.kiosk_id != kiosk_id:
        return None
    if order.state != OrderState.DONE:
        order.state, order.settled_at = OrderState.DONE, now
        tell_readiness(session, kiosk_id, now)
    return order


def expire_orders(session: Session, now: datetime, kiosk_id: int | None = None) -> None:
    """Give up the orders, of one kiosk or of all, that are too old to be wanted still."""
    statement = update(KioskOrder).where(
        KioskOrder.state.in_(OPEN), KioskOrder.asked_at <= now - GOOD_FOR
    )
    if kiosk_id is not None:
        statement = statement.where(KioskOrder.kiosk_id == kiosk_id)
    session.execute(statement.values(state=OrderState.EXPIRED, settled_at=now))


def forget_old_orders(session: Session, now: datetime) -> int:
    """Remove the orders of long ago; tells how many."""
    old = KioskOrder.asked_at < now - KEPT
    gone = session.scalars(delete(KioskOrder).where(old).returning(KioskOrder.id))
    return len(gone.all())


def open_orders(session: Session, kiosk_ids: Sequence[int]) -> list[KioskOrder]:
    """List what these kiosks are asked to do and have not done, the first asked first."""
    query = select(KioskOrder).where(
        KioskOrder.kiosk_id.in_(kiosk_ids), KioskOrder.state.in_(OPEN)
    )
    return list(session.scalars(query.order_by(KioskOrder.id)))


def _open_orders(kiosk_id: int) -> Select[KioskOrder]:
    return (
        select(KioskOrder)
        .where(KioskOrder.kiosk_id == kiosk_id, KioskOrder.state.in_(OPEN))
        .order_by(KioskOrder.id)
        .with_for_update()
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the machine that reports is the one that was enrolled, and whether it is to rotate.

Each works in the caller's writing transaction.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.machines import note_stranger
from booking_web.domain.fleet.orders import OPEN, ask_kiosk, settle_order
from booking_web.tables.fleet import KioskOrder, OrderKind
from provisioning.database.models import Kiosk

# Who asked for a rotation by `guichet-provision rotate`.
_ACTOR = "provisioning"


def is_enrolled_machine(
    session: Session, kiosk_id: int, machine_id: str, address: str, now: datetime
) -> bool:
    """Tell whether this is the kiosk's machine; another one is written down.

    A kiosk whose machine is not known yet (its bundle was carried there) takes the first
    one that reports.
    """
    kiosk = session.get_one(Kiosk, kiosk_id)
    if kiosk.machine_id is None:
        kiosk.machine_id = machine_id
    if kiosk.machine_id == machine_id:
        return True
    note_stranger(session, kiosk_id, machine_id, address, now)
    return False


def ask_for_wanted_rotation(session: Session, kiosk_id: int, now: datetime) -> None:
    """Ask the kiosk to take new secrets where IT wants it, until it has shown them."""
    if session.get_one(Kiosk, kiosk_id).rotation_wanted_at is not None:
        ask_kiosk(session, kiosk_id, OrderKind.ROTATE, _ACTOR, now)


def settle_rotation(session: Session, kiosk_id: int, now: datetime) -> None:
    """Note that the kiosk has shown its new secrets."""
    query = select(KioskOrder.id).where(
        KioskOrder.kiosk_id == kiosk_id,
        KioskOrder.kind == OrderKind.ROTATE,
        KioskOrder.state.in_(OPEN),
    )
    for order_id in session.scalars(query).all():
        settle_order(session, kiosk_id, order_id, now)

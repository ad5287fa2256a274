# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk takes new secrets by itself: only where IT wants it, and its own machine alone.

Who read a kiosk's token once could else make it his own for ever. Each works in the
caller's writing transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.enrolled_machine import is_enrolled_machine
from booking_web.domain.fleet.machines import note_misused_token
from booking_web.domain.fleet.orders import expire_orders
from booking_web.domain.journal.entries import write_down
from booking_web.tables.fleet import KioskOrder, OrderKind, OrderState
from booking_web.tables.journal_acts import Act
from provisioning.database.models import Kiosk
from provisioning.directory.kiosk_secrets import rotate_secrets
from provisioning.directory.machine_access import outcome_with
from provisioning.directory.service import Outcome

logger = structlog.get_logger(__name__)


class Refusal(Enum):
    """Why no new secrets were given."""

    OTHER_MACHINE = auto()
    NOT_ORDERED = auto()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks in a kiosk's name: which machine, from where, with which token (a digest)."""

    machine_id: str
    address: str
    token_digest: str


def take_new_secrets(
    session: Session, kiosk_id: int, asker: Asker, now: datetime
) -> Outcome | Refusal:
    """Give the kiosk new secrets; what is refused is written down and told.

    Asked again before the new ones were shown they are given again: an answer may be lost.
    """
    kiosk = session.get_one(Kiosk, kiosk_id)
    actor = f"kiosk:{kiosk.slug}"
    machine_id, address = asker.machine_id, asker.address
    # One whose machine is not known yet was told nothing, and takes none by this.
    is_known = kiosk.machine_id is not None
    is_own = not is_known or is_enrolled_machine(
        session, kiosk_id, machine_id, address, now
    )
    if is_known and is_own and _was_told_to(session, kiosk_id, now):
        write_down(session, Act.SECRETS_RENEWED, actor=actor, at=now)
        secret = rotate_secrets(session, kiosk, now)
        return outcome_with(session, secret)
    logger.warning("new secrets refused", kiosk=kiosk_id, own_machine=is_own)
    # Where IT wants it still, its order ended before it came, and it gets another one.
    if kiosk.rotation_wanted_at is None and note_misused_token(
        session, kiosk_id, asker.token_digest, address, now
    ):
        write_down(session, Act.SECRETS_REFUSED, actor=actor, at=now)
    return Refusal.NOT_ORDERED if is_own else Refusal.OTHER_MACHINE


def _was_told_to(session: Session, kiosk_id: int, now: datetime) -> bool:
    expire_orders(session, now, kiosk_id)
    query = select(KioskOrder.id).where(
        KioskOrder.kiosk_id == kiosk_id,
        KioskOrder.kind == OrderKind.ROTATE,
        KioskOrder.state == OrderState.TAKEN,
    )
    return session.scalar(query.with_for_update()) is not None

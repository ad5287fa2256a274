# SPDX-License-Identifier: AGPL-3.0-or-later
"""Archives that kiosks collect when they are asked to: kept until fetched, once, or old.

Each works in the caller's writing transaction.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.orders import settle_order
from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.fleet import Diagnosis, KioskOrder, OrderKind, OrderState

MAX_ARCHIVE_BYTES = 5 * 1024 * 1024
KEPT = timedelta(days=7)
# RFC 1952, section 2.3.1.
GZIP_MAGIC = b"\x1f\x8b"

logger = structlog.get_logger(__name__)


class ArchiveRefused(Exception):
    """What came is no archive, or nobody asked this kiosk for one."""


class NothingAsked(ArchiveRefused):
    """No order of this kiosk wants an archive."""


class NoGzip(ArchiveRefused):
    """The content is no gzip."""


def wanted_archive(session: Session, kiosk_id: int, order_id: int) -> KioskOrder:
    """Give the order that asks this kiosk for an archive. Raises NothingAsked."""
    order = session.get(KioskOrder, order_id)
    is_asked = order is not None and order.kind == OrderKind.DIAGNOSE
    if order is None or order.kiosk_id != kiosk_id or not is_asked:
        raise NothingAsked
    return order


def keep_archive(
    session: Session, kiosk_id: int, order_id: int, content: bytes, now: datetime
) -> None:
    """Keep what a kiosk collected, in the place of its former ones. Raises ArchiveRefused.

    The same archive brought again, because the answer was lost, changes nothing.
    """
    order = wanted_archive(session, kiosk_id, order_id)
    if not content.startswith(GZIP_MAGIC):
        raise NoGzip
    # One that was fetched meanwhile is gone for good: this order brings no second one.
    was_brought = order.state == OrderState.DONE
    settle_order(session, kiosk_id, order_id, now)
    if was_brought:
        return
    session.execute(delete(Diagnosis).where(Diagnosis.kiosk_id == kiosk_id))
    session.add(
        Diagnosis(
            order_id=order_id,
            kiosk_id=kiosk_id,
            size=len(content),
            received_at=now,
            content=content,
        )
    )
    session.flush()
    logger.info("diagnosis kept", kiosk=kiosk_id, order=order_id, bytes=len(content))


def fetch_archive(
    session: Session, kiosk_id: int, order_id: int, now: datetime
) -> bytes | None:
    """Give an archive and keep it no longer; None where there is none (any more)."""
    found = session.scalar(
        select(Diagnosis)
        .where(Diagnosis.order_id == order_id, Diagnosis.kiosk_id == kiosk_id)
        .with_for_update()
    )
    if found is None:
        return None
    content = found.content
    session.delete(found)
    tell_readiness(session, kiosk_id, now)
    logger.info("diagnosis fetched", kiosk=kiosk_id, order=order_id)
    return content


def archive_of(session: Session, kiosk_id: int) -> Diagnosis | None:
    """Give what is known of the archive that lies ready for this kiosk, if one does."""
    query = select(Diagnosis).where(Diagnosis.kiosk_id == kiosk_id)
    return session.scalar(query.order_by(Diagnosis.order_id.desc()).limit(1))


def forget_old_archives(session: Session, now: datetime) -> int:
    """Remove the archives that nobody fetched in time; tells how many."""
    old = Diagnosis.received_at < now - KEPT
    gone = session.scalars(delete(Diagnosis).where(old).returning(Diagnosis.order_id))
    return len(gone.all())

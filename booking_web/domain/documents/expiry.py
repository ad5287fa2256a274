# SPDX-License-Identifier: AGPL-3.0-or-later
"""Removes the documents of appointments that are long over, and what arranged ones were."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select

from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.keeping import COMES_BACK_WITHIN, Keeper
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import DocumentOriginal
from booking_web.tables.documents import Document
from booking_web.tables.mandates import Mandate
from booking_web.tables.states import ON_THE_LINE
from provisioning.database.engine import Database

REASON = "expired"
ACTOR = "prune"


def expired_documents(older_than_days: int, now: datetime) -> Select[int]:
    """Choose the documents of appointments that ended before so many days.

    The signed paper of a mandate stays as long as somebody may act by it: a year at most.
    """
    # Days of a relay, wherever it is.
    yesterday = now.date() - timedelta(days=1)
    acted_by = select(Mandate.signed_document_id).where(
        Mandate.signed_document_id.is_not(None),
        Mandate.revoked_at.is_(None),
        Mandate.ends_on >= yesterday,
    )
    return (
        select(Document.id)
        .join(Appointment, Appointment.id == Document.appointment_id)
        .where(
            Document.removed_at.is_(None),
            Document.id.not_in(acted_by),
            Appointment.ends_at < now - timedelta(days=older_than_days),
            Appointment.state.not_in(ON_THE_LINE),
            is_unrestricted(Appointment.resident_id),
        )
    )


def expired_originals(now: datetime) -> Select[int]:
    """Choose the documents whose original can no longer come back."""
    return (
        select(DocumentOriginal.document_id)
        .join(Document, Document.id == DocumentOriginal.document_id)
        .join(Appointment, Appointment.id == Document.appointment_id)
        .where(
            DocumentOriginal.arranged_at <= now - COMES_BACK_WITHIN,
            Appointment.state.not_in(ON_THE_LINE),
            is_unrestricted(Appointment.resident_id),
        )
    )


def expire_documents(
    database: Database,
    archive: Archive,
    older_than_days: int,
    now: datetime,
    *,
    dry_run: bool = False,
) -> int:
    """Remove them, contents and all; give how many. With `dry_run` they are counted only."""
    with database.read() as session:
        found = session.scalars(expired_documents(older_than_days, now)).all()
    if not dry_run:
        for document_id in found:
            archive.remove(document_id, REASON, ACTOR)
    return len(found)


def expire_originals(
    database: Database, keeper: Keeper, now: datetime, *, dry_run: bool = False
) -> int:
    """Erase the scans that can no longer come back; give how many.

    With `dry_run` they are counted only.
    """
    with database.read() as session:
        found = session.scalars(expired_originals(now)).all()
    if not dry_run:
        for document_id in found:
            keeper.erase_original(document_id, ACTOR)
    return len(found)

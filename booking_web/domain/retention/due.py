# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the next purge would take away, by kind: how much, and how old the oldest of it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking_web.domain.documents.expiry import expired_documents, expired_originals
from booking_web.domain.journal.forgetting import HAD_THEIR_TERM
from booking_web.domain.residents.retention import old_entries, old_residents
from booking_web.domain.retention.cvs import old_cvs
from booking_web.domain.retention.drafts import old_drafts
from booking_web.domain.retention.periods import Held
from booking_web.domain.retention.pruning import named_before
from booking_web.domain.retention.terms import Terms
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.arrangements import DocumentOriginal
from booking_web.tables.cv import Cv
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft


@dataclass(frozen=True)
class Due:
    """So much of a kind has had its term; None: nothing has."""

    held: Held
    count: int
    oldest: datetime | None


def due(session: Session, terms: Terms, now: datetime) -> list[Due]:
    """Tell it of every kind."""
    limit = now - timedelta(days=terms.residents)
    entries = old_entries(session, limit)
    residents = old_residents(session, limit, entries)
    drafts = old_drafts(session, limit, residents, now, terms.drafts)
    cvs = old_cvs(session, limit, residents, now)
    appointments = session.scalars(select(Appointment.id).where(*named_before(limit)))
    documents = session.scalars(expired_documents(terms.documents, now)).all()
    of = select(Document.appointment_id).where(Document.id.in_(documents))
    ended = session.scalar(
        select(func.min(Appointment.ends_at)).where(Appointment.id.in_(of))
    )
    originals = session.scalars(expired_originals(now)).all()
    readings = session.scalars(HAD_THEIR_TERM).all()
    return [
        _of(session, Held.RESIDENT, appointments.all(), Appointment.ends_at),
        Due(Held.DOCUMENTS, len(documents), ended),
        _of(session, Held.DRAFTS, drafts, Draft.changed_at),
        _of(session, Held.CVS, cvs, Cv.changed_at),
        _of(session, Held.READINGS, readings, JournalEntry.at),
        _of(
            session,
            Held.ORIGINAL_SCANS,
            originals,
            DocumentOriginal.arranged_at,
            DocumentOriginal.document_id,
        ),
    ]


def _of(
    session: Session,
    held: Held,
    numbers: Sequence[int],
    since: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int] | None = None,
) -> Due:
    if not numbers:
        return Due(held, 0, None)
    column = key if key is not None else since.class_.id
    oldest = session.scalar(select(func.min(since)).where(column.in_(numbers)))
    return Due(held, len(numbers), oldest)

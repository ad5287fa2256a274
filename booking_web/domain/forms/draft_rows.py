# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of drafts: found, emptied, and what is told of them; their values stay sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.forms.errors import DraftGone
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.kept_documents import is_own
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.forms import Draft, DraftChange, Form, FormEdition
from booking_web.tables.journal_acts import Act


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list."""

    id: int
    title: str
    edition: int
    revision: int
    held_by: str
    held_since: datetime | None
    changed_at: datetime
    changed_by: str


def drafts_of(session: Session, appointment_id: int) -> list[DraftLine]:
    """List the drafts that are filled in during an appointment, the oldest first."""
    its = Draft.appointment_id == appointment_id
    return _lines(
        session, and_(its, is_own(Draft.organisation_id, Draft.appointment_id))
    )


def waiting_drafts(session: Session, appointment: Appointment) -> list[DraftLine]:
    """List the drafts that wait for an appointment of this resident, the oldest first."""
    return _lines(session, Draft.id.in_(waiting(session, appointment)))


def _lines(session: Session, which: ColumnElement[bool]) -> list[DraftLine]:
    query = (
        select(
            Draft.id,
            Form.title,
            FormEdition.number,
            Draft.revision,
            Draft.held_by,
            Draft.held_since,
            Draft.changed_at,
            Draft.changed_by,
        )
        .join(FormEdition, FormEdition.id == Draft.edition_id)
        .join(Form, Form.id == FormEdition.form_id)
        .where(which, Draft.erased_at.is_(None))
        .order_by(Draft.id)
    )
    return [DraftLine(*row) for row in session.execute(query)]


def history(session: Session, draft_id: int) -> list[DraftChange]:
    """List the changes of a draft, also of an erased one, the oldest first."""
    query = select(DraftChange).where(DraftChange.draft_id == draft_id)
    return list(session.scalars(query.order_by(DraftChange.revision)))


def found(session: Session, draft_id: int) -> tuple[Draft, bytes]:
    """Give a draft, alone until the end of the transaction, and its sealed values.

    Raises DraftGone.
    """
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None or draft.sealed_values is None:
        raise DraftGone(str(draft_id))
    return draft, draft.sealed_values


def waiting(session: Session, appointment: Appointment) -> list[int]:
    """List the drafts that wait for an appointment of this resident, the oldest first."""
    resident = resident_of(session, appointment)
    if resident is None:
        return []
    # A double's drafts are those of the resident that it was merged into.
    doubles = select(Resident.id).where(Resident.merged_into_id == resident.id)
    query = select(Draft.id).where(
        Draft.appointment_id.is_(None),
        Draft.erased_at.is_(None),
        Draft.organisation_id == appointment.organisation_id,
        or_(Draft.resident_id == resident.id, Draft.resident_id.in_(doubles)),
    )
    return list(session.scalars(query.order_by(Draft.id)))


def changed_since(session: Session, draft_id: int, revision: int) -> tuple[str, ...]:
    """Give the fields that were changed after a revision, each once."""
    query = (
        select(DraftChange.field)
        .where(DraftChange.draft_id == draft_id, DraftChange.revision > revision)
        .order_by(DraftChange.revision)
    )
    return tuple(dict.fromkeys(session.scalars(query)))


def erase_draft(session: Session, draft: Draft, actor: str, at: datetime) -> None:
    """Empty a draft for good; that it was, and which fields changed when, stays."""
    draft.sealed_values = None
    draft.erased_at = at
    draft.current_field = ""
    draft.held_by, draft.held_since = "", None
    tell_of_draft(session, Act.DRAFT_ERASED, draft, actor, at)


def tell_of_draft(
    session: Session, act: Act, draft: Draft, actor: str, at: datetime
) -> None:
    """Write an act on a draft into the journal, without anything that was filled in."""
    detail = f"draft {draft.id}, edition {draft.edition_id}"
    if draft.appointment_id is None:
        write_down(session, act, actor=actor, at=at, detail=detail)
        return
    appointment = session.get_one(Appointment, draft.appointment_id)
    tell(session, act, appointment, actor=actor, at=at, detail=detail)

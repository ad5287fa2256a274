# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of CVs: found, changed, emptied, and what is told of them; the content is sealed."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from booking_web.domain.cv.errors import CvGone
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.domain.rights.kept_documents import is_own
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.cv import Cv, CvChange
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE

# A field that goes on being typed is told of once.
GOES_ON_FOR = timedelta(seconds=2)
# Without the resident's agreement a CV outlives its appointment so long and no longer:
# time to print it, and to call again where the call broke.
KEPT_AFTER = timedelta(hours=2)
# A change of which entries there are, or in what order.
STRUCTURE = "structure"


def found(session: Session, cv_id: int) -> tuple[Cv, bytes]:
    """Give a CV, alone until the end of the transaction, and its sealed content.

    Raises CvGone.
    """
    cv = session.get(Cv, cv_id, with_for_update=True)
    if cv is None or cv.sealed_content is None:
        raise CvGone(str(cv_id))
    return cv, cv.sealed_content


def of_appointment(session: Session, appointment_id: int) -> Cv | None:
    """Give the CV that is written in an appointment."""
    query = select(Cv).where(
        Cv.appointment_id == appointment_id,
        Cv.erased_at.is_(None),
        is_own(Cv.organisation_id, Cv.appointment_id),
    )
    return session.scalar(query)


def waiting(session: Session, appointment: Appointment) -> list[Cv]:
    """List the CVs that this resident agreed to have kept by this organisation.

    The one that was changed last comes first.
    """
    resident = resident_of(session, appointment)
    if resident is None:
        return []
    # A double's CVs are those of the resident that it was merged into.
    doubles = select(Resident.id).where(Resident.merged_into_id == resident.id)
    query = select(Cv).where(
        Cv.appointment_id != appointment.id,
        Cv.agreed_at.is_not(None),
        Cv.erased_at.is_(None),
        Cv.organisation_id == appointment.organisation_id,
        or_(Cv.resident_id == resident.id, Cv.resident_id.in_(doubles)),
    )
    return list(session.scalars(query.order_by(Cv.changed_at.desc(), Cv.id)))


def unwanted(session: Session, now: datetime) -> list[int]:
    """List the CVs whose appointment is over and whose resident did not agree."""
    query = (
        select(Cv.id)
        .join(Appointment, Appointment.id == Cv.appointment_id)
        .where(
            Cv.erased_at.is_(None),
            Cv.agreed_at.is_(None),
            Appointment.state.not_in(ON_THE_LINE),
            Appointment.ends_at < now - KEPT_AFTER,
            Cv.changed_at < now - KEPT_AFTER,
            is_unrestricted(Appointment.resident_id),
        )
    )
    return list(session.scalars(query))


def changed_since(session: Session, cv_id: int, revision: int) -> tuple[str, ...]:
    """Give the fields that were changed after a revision, each once."""
    query = (
        select(CvChange.field)
        .where(CvChange.cv_id == cv_id, CvChange.revision > revision)
        .order_by(CvChange.revision)
    )
    return tuple(dict.fromkeys(session.scalars(query)))


def history(session: Session, cv_id: int) -> list[CvChange]:
    """List the changes of a CV, the oldest first."""
    query = select(CvChange).where(CvChange.cv_id == cv_id)
    return list(session.scalars(query.order_by(CvChange.revision)))


def note_change(
    session: Session, cv: Cv, field: str, actor: str, now: datetime
) -> None:
    """Give the CV its next revision, and write down which field was changed by whom.

    What is typed without a pause is one change.
    """
    is_same = cv.current_field == field and cv.changed_by == actor
    goes_on = field != STRUCTURE and is_same and now - cv.changed_at <= GOES_ON_FOR
    before = cv.revision
    cv.revision += 1
    cv.current_field = field
    cv.changed_at, cv.changed_by = now, actor
    if not (goes_on and _stretch(session, cv.id, before, cv.revision, now)):
        session.add(
            CvChange(cv_id=cv.id, revision=cv.revision, field=field, at=now, by=actor)
        )
    if not goes_on:
        tell_pages(session, News.DRAFT_WENT_ON, cv.appointment, now)


def erase_cv(session: Session, cv: Cv, actor: str, at: datetime) -> None:
    """Empty a CV for good; that it was, and which fields changed when, stays."""
    cv.sealed_content = None
    cv.erased_at = at
    cv.agreed_at = None
    cv.current_field = ""
    cv.held_by, cv.held_since = "", None
    tell_of_cv(session, Act.CV_ERASED, cv, actor, at)


def tell_of_cv(
    session: Session, act: Act, cv: Cv, actor: str, at: datetime, detail: str = ""
) -> None:
    """Write an act on a CV into the journal, without anything that was written."""
    appointment = session.get_one(Appointment, cv.appointment_id)
    words = f"cv {cv.id}{', ' if detail else ''}{detail}"
    tell(session, act, appointment, actor=actor, at=at, detail=words)


def _stretch(
    session: Session, cv_id: int, before: int, revision: int, now: datetime
) -> bool:
    """Have the last change last until now; tell whether there was one."""
    stretched = session.execute(
        update(CvChange)
        .where(CvChange.cv_id == cv_id, CvChange.revision == before)
        .values(revision=revision, at=now)
    )
    return bool(cast("CursorResult[Any]", stretched).rowcount)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""That a field of a draft was changed: noted without its content, and told to open pages."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.forms import Draft, DraftChange

# A field that goes on being typed is told of once: every other page on which the draft is
# open then asks again by itself until nothing changed for longer than this
# (static/counsellor/filling/draft-changes.js), so that it shows the end of it as well.
GOES_ON_FOR = timedelta(seconds=2)


def note_change(
    session: Session,
    draft: Draft,
    field: str,
    actor: str,
    now: datetime,
    begins: bool = False,
) -> None:
    """Give the draft its next revision, and write down which field was changed by whom.

    What is typed without a pause is one change. `begins`: a page begins to change the
    field; the pages of one person know nothing of each other otherwise.
    """
    is_same = draft.current_field == field and draft.changed_by == actor
    goes_on = is_same and now - draft.changed_at <= GOES_ON_FOR
    before = draft.revision
    draft.revision += 1
    draft.current_field = field
    draft.changed_at, draft.changed_by = now, actor
    if not (goes_on and _stretch(session, draft.id, before, draft.revision, now)):
        session.add(
            DraftChange(
                draft_id=draft.id,
                revision=draft.revision,
                field=field,
                at=now,
                by=actor,
            )
        )
    if begins or not goes_on:
        tell_went_on(session, draft, now)


def tell_went_on(session: Session, draft: Draft, now: datetime) -> None:
    """Have open pages look again at a draft; the journal keeps nothing of it."""
    if draft.appointment is not None:
        tell_pages(session, News.DRAFT_WENT_ON, draft.appointment, now)


def _stretch(
    session: Session, draft_id: int, before: int, revision: int, now: datetime
) -> bool:
    """Have the last change last until now; tell whether there was one."""
    stretched = session.execute(
        update(DraftChange)
        .where(DraftChange.draft_id == draft_id, DraftChange.revision == before)
        .values(revision=revision, at=now)
    )
    return bool(cast("CursorResult[Any]", stretched).rowcount)

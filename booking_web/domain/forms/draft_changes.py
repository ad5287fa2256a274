# SPDX-License-Identifier: AGPL-3.0-or-later
"""That a field of a draft was changed: noted without its content, and told to open pages."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.forms import Draft, DraftChange

# A field that goes on being typed is told of once: whoever looks on asks again by
# themselves, as long as it goes on (static/counsellor/filling/looking-on.js).
GOES_ON_FOR = timedelta(seconds=1)


def note_change(
    session: Session, draft: Draft, field: str, actor: str, now: datetime
) -> None:
    """Give the draft its next revision, and write down which field was changed by whom."""
    goes_on = draft.current_field == field and now - draft.changed_at <= GOES_ON_FOR
    draft.revision += 1
    draft.current_field = field
    draft.changed_at, draft.changed_by = now, actor
    session.add(
        DraftChange(
            draft_id=draft.id, revision=draft.revision, field=field, at=now, by=actor
        )
    )
    if not goes_on and draft.appointment is not None:
        tell_pages(session, News.DRAFT_WENT_ON, draft.appointment, now)

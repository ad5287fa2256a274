# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which drafts of forms need not be kept any longer, and erasing them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from booking_web.domain.forms.draft_rows import erase_draft
from booking_web.domain.rights.restriction import (
    is_of_unrestricted,
    is_unrestricted,
)
from booking_web.tables.forms import Draft

# Where the site says nothing else: who has not come back by then begins anew.
DRAFT_DAYS = 90
ACTOR = "prune"


def old_drafts(
    session: Session,
    limit: datetime,
    residents: Sequence[int],
    now: datetime,
    days: int = DRAFT_DAYS,
) -> list[int]:
    """List the drafts last changed before the limit, or those of `residents`."""
    kept_since = max(limit, now - timedelta(days=days))
    query = select(Draft.id).where(
        Draft.erased_at.is_(None),
        is_unrestricted(Draft.resident_id),
        is_of_unrestricted(Draft.appointment_id),
        or_(Draft.changed_at < kept_since, Draft.resident_id.in_(residents)),
    )
    return list(session.scalars(query))


def erase_drafts(
    session: Session,
    drafts: Sequence[int],
    residents: Sequence[int],
    now: datetime,
    actor: str = ACTOR,
) -> None:
    """Erase them, and have no draft refer to `residents`, who are about to be forgotten."""
    for draft in session.scalars(select(Draft).where(Draft.id.in_(drafts))).all():
        erase_draft(session, draft, actor, now)
    session.execute(
        update(Draft).where(Draft.resident_id.in_(residents)).values(resident_id=None)
    )

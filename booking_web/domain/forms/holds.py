# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who alone may write into a draft, and for how long; pure but for the row that is changed."""

from datetime import datetime, timedelta

from booking_web.domain.forms.draft_outcomes import Taken
from booking_web.tables.forms import Draft

# Who wrote nothing for so long has gone: a colleague goes on without asking. Who was only
# reading goes on as well, as long as nobody else has begun.
LAPSES_AFTER = timedelta(minutes=10)


def holder(
    held_by: str, held_since: datetime | None, changed_at: datetime, now: datetime
) -> str:
    """Give who alone may write; empty where nobody does any more."""
    if held_since is None or now - max(held_since, changed_at) > LAPSES_AFTER:
        return ""
    return held_by


def taken(draft: Draft, actor: str, now: datetime) -> Taken | None:
    """Tell who else fills the draft in, if anybody does."""
    held_by = holder(draft.held_by, draft.held_since, draft.changed_at, now)
    if draft.held_since is None or held_by in ("", actor):
        return None
    return Taken(held_by, draft.held_since, draft.revision)


def hold(draft: Draft, actor: str, now: datetime) -> bool:
    """Have `actor` fill it in; tell whether somebody else did before."""
    if draft.held_by == actor:
        return False
    is_from_another = bool(draft.held_by)
    draft.held_by, draft.held_since = actor, now
    return is_from_another

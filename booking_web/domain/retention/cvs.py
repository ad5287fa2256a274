# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which CVs need not be kept any longer, and erasing them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from booking_web.domain.cv.cv_rows import erase_cv, unwanted
from booking_web.domain.rights.restriction import (
    is_of_unrestricted,
    is_unrestricted,
)
from booking_web.tables.cv import Cv

# However long the site keeps the rest: so long was told to who agreed.
CV_DAYS = 365
ACTOR = "prune"


def old_cvs(
    session: Session, limit: datetime, residents: Sequence[int], now: datetime
) -> list[int]:
    """List those without agreement whose appointment is over, the old, those of `residents`."""
    kept_since = max(limit, now - timedelta(days=CV_DAYS))
    query = select(Cv.id).where(
        Cv.erased_at.is_(None),
        is_unrestricted(Cv.resident_id),
        is_of_unrestricted(Cv.appointment_id),
        or_(Cv.changed_at < kept_since, Cv.resident_id.in_(residents)),
    )
    return sorted({*session.scalars(query), *unwanted(session, now)})


def erase_cvs(
    session: Session,
    cvs: Sequence[int],
    residents: Sequence[int],
    now: datetime,
    actor: str = ACTOR,
) -> None:
    """Erase them, and have no CV refer to `residents`, who are about to be forgotten."""
    for cv in session.scalars(select(Cv).where(Cv.id.in_(cvs))).all():
        erase_cv(session, cv, actor, now)
    session.execute(
        update(Cv).where(Cv.resident_id.in_(residents)).values(resident_id=None)
    )

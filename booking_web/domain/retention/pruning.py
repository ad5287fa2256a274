# SPDX-License-Identifier: AGPL-3.0-or-later
"""Removes what need not be kept: residents long gone, old wishes, drafts and live events.

Appointments stay, nameless, because statistics and the journal refer to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.screen_row import forget_ended
from booking_web.domain.residents.retention import (
    forget,
    forget_addresses,
    old_entries,
    old_residents,
)
from booking_web.domain.retention.cvs import erase_cvs, old_cvs
from booking_web.domain.retention.drafts import erase_drafts, old_drafts
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.journal_acts import Act
from booking_web.tables.rate_limits import RateLimit
from booking_web.tables.sent_forms import SentForm
from booking_web.tables.states import ON_THE_LINE

# Longer than any page stays away and still asks for what it missed.
LIVE_EVENT_DAYS = 2
# No page goes on sending a form for longer.
SENT_FORM_DAYS = 1


@dataclass(frozen=True)
class Pruned:
    """How much went."""

    appointments_anonymised: int
    live_events_deleted: int
    rate_limits_deleted: int
    residents_forgotten: int = 0
    waiting_entries_deleted: int = 0
    drafts_erased: int = 0
    cvs_erased: int = 0


def prune(
    session: Session, older_than_days: int, now: datetime, *, dry_run: bool = False
) -> Pruned:
    """Forget residents whose appointment ended more than `older_than_days` days ago.

    With `dry_run` nothing is written, only counted.
    """
    limit = now - timedelta(days=older_than_days)
    past = Appointment.ends_at < limit
    named = or_(Appointment.resident_name != "", Appointment.reason != "")
    appointments = session.scalars(
        select(Appointment).where(past, named, Appointment.state.not_in(ON_THE_LINE))
    ).all()
    old_events = LiveEvent.at < now - timedelta(days=LIVE_EVENT_DAYS)
    old_limits = RateLimit.expires_at < now
    entries = old_entries(session, limit)
    residents = old_residents(session, limit, entries)
    drafts = old_drafts(session, limit, residents, now)
    cvs = old_cvs(session, limit, residents, now)
    pruned = Pruned(
        len(appointments),
        session.scalar(select(func.count()).where(old_events)) or 0,
        session.scalar(select(func.count()).where(old_limits)) or 0,
        len(residents),
        len(entries),
        len(drafts),
        len(cvs),
    )
    if dry_run:
        return pruned
    for appointment in appointments:
        appointment.resident_name = ""
        appointment.reason = ""
        tell(session, Act.ANONYMISED, appointment, actor="prune", at=now)
    erase_drafts(session, drafts, residents, now)
    erase_cvs(session, cvs, residents, now)
    forget_addresses(session, limit)
    forget(session, entries, residents, now)
    forget_ended(session)
    old_forms = SentForm.at < now - timedelta(days=SENT_FORM_DAYS)
    session.execute(delete(SentForm).where(old_forms))
    session.execute(delete(LiveEvent).where(old_events))
    session.execute(delete(RateLimit).where(old_limits))
    return pruned

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Removes what need not be kept: residents long gone, old wishes, drafts and live events.

Appointments stay, nameless, because statistics and the journal refer to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.conclusions import forget_notes
from booking_web.domain.appointments.guests.retention import (
    forget_guests,
    forget_numbers,
)
from booking_web.domain.appointments.handing_over.reading import (
    forget_handover_notes,
)
from booking_web.domain.consents.answers import (
    forget_consent_readings,
    forget_consents,
)
from booking_web.domain.journal.forgetting import forget_readings
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.screen_row import forget_ended
from booking_web.domain.kiosks.sentences import forget_sentences
from booking_web.domain.mandates.keeping import forget_mandates
from booking_web.domain.residents.retention import (
    forget,
    forget_addresses,
    old_entries,
    old_residents,
)
from booking_web.domain.retention.cvs import erase_cvs, old_cvs
from booking_web.domain.retention.drafts import DRAFT_DAYS, erase_drafts, old_drafts
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.journal_acts import Act
from booking_web.tables.rate_limits import RateLimit
from booking_web.tables.sent_forms import KEPT_FOR, KeptForm, SentForm
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
    readings_forgotten: int = 0


def named_before(limit: datetime) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions of an appointment that ended before, and still says whose it was."""
    return (
        Appointment.ends_at < limit,
        or_(Appointment.resident_name != "", Appointment.reason != ""),
        Appointment.state.not_in(ON_THE_LINE),
        is_unrestricted(Appointment.resident_id),
    )


def prune(
    session: Session,
    older_than_days: int,
    now: datetime,
    *,
    draft_days: int = DRAFT_DAYS,
    dry_run: bool = False,
) -> Pruned:
    """Forget residents whose appointment ended more than `older_than_days` days ago.

    Drafts go after `draft_days`, if that is sooner. Of who is restricted nothing goes. With
    `dry_run` nothing is written, only counted.
    """
    limit = now - timedelta(days=older_than_days)
    past = Appointment.ends_at < limit
    appointments = session.scalars(
        select(Appointment).where(*named_before(limit))
    ).all()
    old_events = LiveEvent.at < now - timedelta(days=LIVE_EVENT_DAYS)
    old_limits = RateLimit.expires_at < now
    entries = old_entries(session, limit)
    residents = old_residents(session, limit, entries)
    drafts = old_drafts(session, limit, residents, now, draft_days)
    cvs = old_cvs(session, limit, residents, now)
    pruned = Pruned(
        len(appointments),
        session.scalar(select(func.count()).where(old_events)) or 0,
        session.scalar(select(func.count()).where(old_limits)) or 0,
        len(residents),
        len(entries),
        len(drafts),
        len(cvs),
        forget_readings(session, "prune", now, dry_run=dry_run),
    )
    if dry_run:
        return pruned
    for appointment in appointments:
        appointment.resident_name = ""
        appointment.reason = ""
        tell(session, Act.ANONYMISED, appointment, actor="prune", at=now)
    # The notes look for those that are nameless by now.
    session.flush()
    nameless = select(Appointment.id).where(past, Appointment.resident_name == "")
    forget_notes(session, nameless)
    forget_handover_notes(session, nameless)
    forget_guests(session, nameless)
    forget_sentences(session, nameless)
    forget_consents(session, nameless)
    forget_consent_readings(session, now)
    forget_mandates(session, nameless, residents)
    forget_numbers(session, now)
    erase_drafts(session, drafts, residents, now)
    erase_cvs(session, cvs, residents, now)
    ended = select(Appointment.id).where(
        past,
        Appointment.state.not_in(ON_THE_LINE),
        is_unrestricted(Appointment.resident_id),
    )
    forget_addresses(session, ended)
    forget(session, entries, residents, now)
    forget_ended(session)
    old_forms = SentForm.at < now - timedelta(days=SENT_FORM_DAYS)
    session.execute(delete(SentForm).where(old_forms))
    session.execute(delete(KeptForm).where(KeptForm.at < now - KEPT_FOR))
    session.execute(delete(LiveEvent).where(old_events))
    session.execute(delete(RateLimit).where(old_limits))
    return pruned

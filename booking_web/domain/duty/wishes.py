# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor asks for on a page. It counts once the dispatcher has carried it out."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.domain.duty.rows import duty_to_change, tell_of
from booking_web.domain.duty.standing import ask_for
from booking_web.tables.duty import CHOSEN_REASONS, DutyState, PauseReason
from provisioning.database.models import Counsellor

PROLONGED_BY = timedelta(minutes=2)
# A wrap-up that is prolonged again and again is a pause, and should be called so.
LONGEST_WRAP_UP = timedelta(hours=1)


class WrapUpOver(Exception):
    """There is no wrap-up that could be prolonged: it has ended by itself."""


class WrapUpLongEnough(Exception):
    """The wrap-up has been prolonged to the longest that it may last."""


def pause(
    session: Session, counsellor: Counsellor, reason: PauseReason, now: datetime
) -> None:
    """Ask to be rung no more; a call that rings already goes on ringing."""
    if reason not in CHOSEN_REASONS:
        raise ValueError(f"{reason} is not for a person to choose")
    _ask(session, counsellor, DutyState.PAUSED, reason, now)


def be_available(session: Session, counsellor: Counsellor, now: datetime) -> None:
    """Ask to be rung: a pause or a wrap-up ends."""
    _ask(session, counsellor, DutyState.AVAILABLE, None, now)


def prolong_wrap_up(session: Session, counsellor: Counsellor, now: datetime) -> None:
    """Have the wrap-up end later; raises WrapUpOver or WrapUpLongEnough."""
    row = duty_to_change(session, counsellor.id, now)
    if row.state != DutyState.WRAP_UP or row.until is None:
        raise WrapUpOver
    until = max(row.until, now) + PROLONGED_BY
    if until > row.since + LONGEST_WRAP_UP:
        raise WrapUpLongEnough
    row.until = until
    tell_of(session, row, counsellor.organisation_id, now)


def _ask(
    session: Session,
    counsellor: Counsellor,
    state: DutyState,
    reason: PauseReason | None,
    now: datetime,
) -> None:
    row = duty_to_change(session, counsellor.id, now)
    if (row.state, row.reason) == (state, str(reason or "")):
        # Pressed twice, or in a second tab: since when stays true.
        return
    ask_for(row, state, now, reason)
    tell_of(session, row, counsellor.organisation_id, now)

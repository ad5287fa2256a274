# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the first organisation notes of its own part, once another one has the appointment.

In the caller's writing transaction; lock the hand-over's row before.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.conclusions import NOTE_LENGTH, Outcome
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.journal_acts import Act


class NothingToNote(Exception):
    """The appointment is still the organisation's own, or whose it was is forgotten."""


def note_own_part(
    session: Session,
    row: Handover,
    outcome: Outcome,
    note: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Note it in place of what was noted; raises NothingToNote, ValueError for a long note."""
    if len(note) > NOTE_LENGTH:
        raise ValueError(f"the note is longer than {NOTE_LENGTH} characters")
    is_gone = row.state not in (HandoverState.ASKED, HandoverState.UNDONE)
    if not is_gone or not row.appointment.resident_name:
        raise NothingToNote
    if (row.outcome, row.outcome_note) == (outcome, note):
        # A second click.
        return
    row.outcome, row.outcome_note = outcome, note
    tell(
        session,
        Act.OUTCOME_NOTED,
        row.appointment,
        actor=actor,
        at=now,
        detail=f"{outcome}, handover {row.id}",
    )

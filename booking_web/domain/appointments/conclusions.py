# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came of an appointment: its outcome and the counsellor's note.

In the caller's writing transaction; lock the appointment's row before.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, update
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import NOTE_LENGTH, Conclusion, Outcome
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState

_S = AppointmentState
# Somebody was spoken to.
CONCLUDED_IN = frozenset({_S.IN_CALL, _S.DONE, _S.INTERRUPTED})


class ConclusionRefused(Exception):
    """It is not written down; the classes below say why."""


class NothingToConclude(ConclusionRefused):
    """Nobody was spoken to, or whose it was is forgotten already."""


class NotedMeanwhile(ConclusionRefused):
    """Somebody else has written it since it was read."""


@dataclass(frozen=True)
class Ending:
    """What is known of an appointment's end; `outcome` is None before anybody noted one."""

    outcome: Outcome | None = None
    note: str = ""
    # 0: nothing was noted yet.
    version: int = 0
    noted_at: datetime | None = None
    # As the journal names them.
    noted_by: str = ""


def can_conclude(appointment: Appointment) -> bool:
    """Tell whether an outcome can be noted: somebody was spoken to, and is still known."""
    state = AppointmentState(appointment.state)
    return state in CONCLUDED_IN and bool(appointment.resident_name)


def ending_of(session: Session, appointment_id: int) -> Ending:
    """Give what was noted of the appointment's end."""
    row = session.get(Conclusion, appointment_id)
    if row is None:
        return Ending()
    return Ending(
        Outcome(row.outcome), row.note, row.version, row.noted_at, row.noted_by
    )


def conclude(
    session: Session,
    appointment: Appointment,
    outcome: Outcome,
    note: str,
    *,
    version: int,
    actor: str,
    now: datetime,
) -> None:
    """Note what came of it, in place of what was noted as `version`.

    Raises ConclusionRefused; ValueError for a note that is too long.
    """
    if len(note) > NOTE_LENGTH:
        raise ValueError(f"the note is longer than {NOTE_LENGTH} characters")
    if not can_conclude(appointment):
        raise NothingToConclude
    row = session.get(Conclusion, appointment.id)
    if row is not None and (row.outcome, row.note) == (outcome, note):
        # A second click.
        return
    if (row.version if row is not None else 0) != version:
        raise NotedMeanwhile
    if row is None:
        row = Conclusion(appointment_id=appointment.id)
        session.add(row)
    row.outcome = outcome
    row.note = note
    row.version = version + 1
    row.noted_at = now
    row.noted_by = actor
    tell(
        session,
        Act.OUTCOME_NOTED,
        appointment,
        actor=actor,
        at=now,
        detail=str(outcome),
    )


def forget_notes(session: Session, nameless: Select[int]) -> None:
    """Empty the notes of these appointments."""
    session.execute(
        update(Conclusion)
        .where(Conclusion.appointment_id.in_(nameless), Conclusion.note != "")
        .values(note="")
    )

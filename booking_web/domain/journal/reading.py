# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads what the journal holds of appointments; what it holds is never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import TOLD
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState


@dataclass(frozen=True)
class WrittenMove:
    """A move from state to state, as the journal has it."""

    before: AppointmentState
    after: AppointmentState
    reason: str
    actor: str
    at: datetime


def last_moves(
    session: Session, appointment_ids: Collection[int]
) -> dict[int, WrittenMove]:
    """Give the last move of each of the appointments that was moved at all."""
    last = (
        select(func.max(JournalEntry.id))
        .where(
            JournalEntry.appointment_id.in_(appointment_ids),
            JournalEntry.act == Act.MOVED,
        )
        .group_by(JournalEntry.appointment_id)
    )
    found = session.scalars(select(JournalEntry).where(JournalEntry.id.in_(last)))
    return {entry.appointment_id or 0: _move_of(entry) for entry in found}


def moves_of(session: Session, appointment: Appointment) -> list[WrittenMove]:
    """List the moves of an appointment, the last one first."""
    query = (
        select(JournalEntry)
        .where(
            JournalEntry.appointment_id == appointment.id, JournalEntry.act == Act.MOVED
        )
        .order_by(JournalEntry.id.desc())
    )
    return [_move_of(entry) for entry in session.scalars(query)]


def acts_on(session: Session, appointment: Appointment) -> set[str]:
    """Give what was ever done to, or with, an appointment."""
    query = select(JournalEntry.act).where(
        JournalEntry.appointment_id == appointment.id
    )
    return set(session.scalars(query))


def details_of(
    session: Session, appointment_ids: Collection[int], acts: Collection[Act]
) -> list[tuple[int, str, str]]:
    """List these acts on the appointments in order: the number, the act, its detail."""
    if not appointment_ids:
        return []
    query = (
        select(JournalEntry.appointment_id, JournalEntry.act, JournalEntry.detail)
        .where(
            JournalEntry.appointment_id.in_(appointment_ids), JournalEntry.act.in_(acts)
        )
        .order_by(JournalEntry.id)
    )
    return [
        (number or 0, act, detail) for number, act, detail in session.execute(query)
    ]


def is_written(
    session: Session, act: Act, appointment: Appointment, detail: str
) -> bool:
    """Tell whether the journal has this very line already, of whatever time."""
    query = select(JournalEntry.id).where(
        JournalEntry.appointment_id == appointment.id,
        JournalEntry.act == act,
        JournalEntry.detail == detail,
    )
    return session.scalar(query.limit(1)) is not None


def last_was(act: Act, *, among: Collection[Act]) -> ColumnElement[bool]:
    """Give the condition of the appointments on which `act` was the last of these acts."""
    last = (
        select(JournalEntry.act)
        .where(
            JournalEntry.appointment_id == Appointment.id, JournalEntry.act.in_(among)
        )
        .order_by(JournalEntry.id.desc())
        .limit(1)
        .correlate(Appointment)
        .scalar_subquery()
    )
    return last == act


def changed_since(since: datetime) -> ColumnElement[bool]:
    """Give the condition of the appointments that programs would see changed."""
    return exists().where(
        JournalEntry.appointment_id == Appointment.id,
        JournalEntry.at >= since,
        JournalEntry.act.in_(_SEEN_BY_PROGRAMS),
    )


# What webhooks tell; and a name that is gone, of which nobody is told.
_SEEN_BY_PROGRAMS = [
    Act.ANONYMISED,
    *(act for act, told in TOLD.items() if told.webhooks),
]


def _move_of(entry: JournalEntry) -> WrittenMove:
    # As `lifecycle` writes it: `calling -> queued`, and a reason's code where there is one.
    before, _, rest = entry.detail.partition(" -> ")
    after, _, reason = rest.partition(" ")
    return WrittenMove(
        AppointmentState(before),
        AppointmentState(after),
        reason,
        entry.actor,
        entry.at,
    )

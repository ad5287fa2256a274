# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes down what was done, and tells open pages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_row
from booking_web.tables.appointment import Appointment, JournalEntry, LiveEvent


def record(
    session: Session,
    appointment: Appointment,
    actor: str,
    act: str,
    at: datetime,
    detail: str = "",
) -> None:
    """Append an act to the journal; `detail` must hold nothing personal."""
    session.add(
        JournalEntry(
            at=at,
            actor=actor,
            act=act,
            appointment_id=appointment.id,
            detail=detail.strip(),
        )
    )


def record_and_announce(
    session: Session, appointment: Appointment, actor: str, act: str, at: datetime
) -> None:
    """Append an act to the journal and tell open pages, at once: somebody waits."""
    insert_row(
        session,
        JournalEntry,
        at=at,
        actor=actor,
        act=act,
        appointment_id=appointment.id,
    )
    insert_row(
        session,
        LiveEvent,
        at=at,
        kiosk_id=appointment.kiosk_id,
        appointment_id=appointment.id,
        state=appointment.state,
    )


def record_listing(
    session: Session, appointment_ids: Sequence[int], actor: str, at: datetime
) -> None:
    """Append to the journal that somebody read whose appointments these are."""
    if not appointment_ids:
        return
    first, last = min(appointment_ids), max(appointment_ids)
    session.add(
        JournalEntry(
            at=at,
            actor=actor,
            act="listed",
            appointment_id=None,
            detail=f"{len(appointment_ids)} appointments, {first} to {last}",
        )
    )


def announce(session: Session, appointment: Appointment, at: datetime) -> None:
    """Tell open pages that the appointment changed."""
    session.add(
        LiveEvent(
            at=at,
            kiosk_id=appointment.kiosk_id,
            appointment_id=appointment.id,
            state=appointment.state,
        )
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes down who looks at what: once for each person and thing in a quarter of an hour.

A page that is open asks for changes many times; that is one reading.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import LOCKED_ATTEMPTS, in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import READINGS, Act
from provisioning.database.engine import Database

ONE_READING = timedelta(minutes=15)
# Of one process: more are forgotten and asked for in the journal again.
KEPT_IN_MIND = 5000


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Somebody looks at something."""

    actor: str
    act: Act = Act.VIEWED
    appointment_id: int | None = None
    resident_id: int | None = None
    detail: str = ""


class Readings:
    """Remembers what was written down lately, so that few requests ask the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lately: dict[Reading, datetime] = {}
        self._lock = threading.Lock()

    def note(self, reading: Reading, now: datetime) -> None:
        """Write it down, where it was not done lately; raises DatabaseBusy.

        That a list was opened waits less long for its line than what tells of one person.
        """
        with self._lock:
            noted_at = self._lately.get(reading)
        if noted_at is not None and timedelta() <= now - noted_at < ONE_READING:
            return
        with self._database.read() as session:
            written_at = last_written(session, reading, now)
        if written_at is None:
            in_transaction(
                self._database,
                lambda session: _write(session, reading, now),
                locked_attempts=1 if reading.act is Act.LISTED else LOCKED_ATTEMPTS,
            )
        with self._lock:
            if len(self._lately) >= KEPT_IN_MIND:
                self._lately.clear()
            self._lately[reading] = written_at or now


def last_written(session: Session, reading: Reading, now: datetime) -> datetime | None:
    """Tell when this person was last seen to look at it, within the quarter of an hour.

    Whatever way it was read: who takes a document away has seen it.
    """
    query = select(JournalEntry.at, JournalEntry.act, JournalEntry.detail).where(
        JournalEntry.actor == reading.actor,
        JournalEntry.at > now - ONE_READING,
        JournalEntry.at <= now,
        JournalEntry.act.in_(READINGS),
        JournalEntry.appointment_id == reading.appointment_id,
        JournalEntry.resident_id == reading.resident_id,
    )
    for at, act, detail in session.execute(query.order_by(JournalEntry.id.desc())):
        is_of_it = f"{detail},".startswith(f"{reading.detail},")
        if act == Act.CONSOLE_OPENED:
            is_of_it = not reading.detail
        if is_of_it and (act == reading.act or reading.act is Act.VIEWED):
            read_at: datetime = at
            return read_at
    return None


def _write(session: Session, reading: Reading, now: datetime) -> None:
    number = reading.appointment_id
    if number is not None and session.get(Appointment, number) is None:
        return
    write_down(
        session,
        reading.act,
        actor=reading.actor,
        at=now,
        detail=reading.detail,
        appointment_id=reading.appointment_id,
        resident_id=reading.resident_id,
    )

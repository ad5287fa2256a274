# SPDX-License-Identifier: AGPL-3.0-or-later
"""What changed, for open pages: the rows of `live_event`, each read once.

The server that brings them to the pages is `booking_web.live_server`.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.live_kind import Kind
from booking_web.tables.states import AppointmentState
from provisioning.database.engine import Database
from provisioning.database.models import Counter

# How long a transaction on PostgreSQL may hold an id back while higher ones are visible.
LATE_IDS_SECONDS = 10.0
LATE_IDS = 200
# A page that was away for longer than so many changes is drawn anew.
MISSED_AT_MOST = 1000


@dataclass(frozen=True)
class Change:
    """One row of `live_event`, or without a number (0) what the clock alone has changed."""

    id: int
    # None: of no kiosk in particular.
    kiosk_id: int | None
    # Both None for news of no appointment.
    appointment_id: int | None
    state: AppointmentState | None
    at: datetime
    kind: Kind = Kind.APPOINTMENT
    # Of the appointment, or whose news it is without one; None: everybody's.
    organisation_id: int | None = None
    # The relay whose town hall booked the appointment, wherever its kiosk is.
    booked_at: int | None = None
    # The service of interpreters whose interpreter is in it.
    interpreted_by: int | None = None


class Cursor:
    """Reads each row of `live_event` once, also one whose id becomes visible late.

    PostgreSQL gives ids out before the commit, so a lower id may appear after a higher one:
    the last seconds are read again and what was seen is remembered. SQLite has one writer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keep_seconds = (
            0.0 if database.engine.dialect.name == "sqlite" else LATE_IDS_SECONDS
        )
        self._floor = 0
        self._seen: dict[int, float] = {}

    def start(self) -> None:
        """Begin after what is there now."""
        with self._database.read() as session:
            last = session.scalar(select(func.max(LiveEvent.id))) or 0
            self._floor = max(0, last - LATE_IDS) if self._keep_seconds else last
            ids = session.scalars(
                select(LiveEvent.id).where(LiveEvent.id > self._floor)
            )
            self._seen = {event_id: time.monotonic() for event_id in ids}

    def advance(self) -> list[Change]:
        """Give the rows that were not seen before."""
        query = _CHANGES.where(LiveEvent.id > self._floor)
        with self._database.read() as session:
            changes = [
                _change(*row)
                for row in session.execute(query)
                if row[0].id not in self._seen
            ]
        now = time.monotonic()
        self._seen.update((change.id, now) for change in changes)
        settled = [
            event_id
            for event_id, seen_at in self._seen.items()
            if seen_at <= now - self._keep_seconds
        ]
        if settled:
            self._floor = max(self._floor, *settled)
            self._seen = {
                event_id: seen_at
                for event_id, seen_at in self._seen.items()
                if event_id > self._floor
            }
        return changes


def last_event_id(session: Session) -> int:
    """Give the id of the latest change: the one that a page was drawn after."""
    return session.scalar(select(func.max(LiveEvent.id))) or 0


def changes_since(session: Session, event_id: int) -> list[Change] | None:
    """List what happened after `event_id`; None where that is too much to tell."""
    if event_id and session.get(LiveEvent, event_id) is None:
        # Forgotten long ago, or told before an older copy of the database came back.
        return None
    is_new: ColumnElement[bool] = LiveEvent.id > event_id
    if session.get_bind().dialect.name != "sqlite":
        # Lower ids that became visible only while nobody listened; some are told again.
        recent = datetime.now(UTC) - timedelta(seconds=LATE_IDS_SECONDS)
        is_late = (LiveEvent.id > event_id - LATE_IDS) & (LiveEvent.at > recent)
        is_new = or_(is_new, is_late)
    query = _CHANGES.where(is_new).limit(MISSED_AT_MOST + 1)
    changes = [_change(*row) for row in session.execute(query)]
    return changes if len(changes) <= MISSED_AT_MOST else None


def changes_of(session: Session, event_ids: Collection[int]) -> list[Change]:
    """Give these changes, in their order; those that do not exist are left out."""
    query = _CHANGES.where(LiveEvent.id.in_(event_ids))
    return [_change(*row) for row in session.execute(query)]


_CHANGES = (
    select(
        LiveEvent,
        Appointment.organisation_id,
        Appointment.town_hall_id,
        Counter.organisation_id,
    )
    .outerjoin(Appointment, Appointment.id == LiveEvent.appointment_id)
    .outerjoin(Counter, Counter.id == Appointment.interpreter_counter_id)
    .order_by(LiveEvent.id)
)


def _change(
    row: LiveEvent,
    organisation_id: int | None,
    booked_at: int | None,
    interpreted_by: int | None,
) -> Change:
    return Change(
        id=row.id,
        kiosk_id=row.kiosk_id,
        appointment_id=row.appointment_id,
        state=AppointmentState(row.state) if row.state else None,
        at=row.at,
        kind=Kind(row.kind),
        organisation_id=(
            row.organisation_id if organisation_id is None else organisation_id
        ),
        booked_at=booked_at,
        interpreted_by=interpreted_by,
    )

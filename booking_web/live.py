# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings changes to open pages: one poller per worker, server-sent events on the wire.

The poller lives only while a stream is open, so that no thread exists before a fork and a
worker that nobody watches leaves the database alone.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from booking_web.models import Appointment, LiveEvent
from booking_web.states import AppointmentState
from provisioning.database import Database
from provisioning.models import User

POLL_SECONDS = 0.1
HEARTBEAT_SECONDS = 15.0
# How long a transaction on PostgreSQL may hold an id back while higher ones are visible.
LATE_IDS_SECONDS = 10.0
LATE_IDS = 200
STREAMS_PER_VIEWER = 6

logger = structlog.get_logger(__name__)


class TooManyStreams(Exception):
    """This viewer, or this worker, has as many open streams as it may."""


class Kind(StrEnum):
    """What a change is about."""

    APPOINTMENT = "appointment"
    DOCUMENT = "document"
    DEVICE = "device"
    # What a kiosk's second screen shows.
    SCREEN = "screen"
    # Whether kiosks and counsellors are there, or somebody asks for help.
    READINESS = "readiness"


OF_APPOINTMENTS = frozenset({Kind.APPOINTMENT})
OF_THE_DAY = frozenset({Kind.APPOINTMENT, Kind.READINESS})
EVERYTHING = frozenset(Kind)


@dataclass(frozen=True)
class Change:
    """One row of `live_event`."""

    id: int
    # None: of no kiosk in particular.
    kiosk_id: int | None
    # Both None for news of no appointment.
    appointment_id: int | None
    state: AppointmentState | None
    at: datetime
    kind: Kind = Kind.APPOINTMENT
    # The relay whose town hall booked the appointment, wherever its kiosk is.
    booked_at: int | None = None


class Subscription:
    """The changes that one open page still has to show; a context manager."""

    def __init__(
        self,
        close: Callable[["Subscription"], None],
        is_stopping: Callable[[], bool],
        viewer: str,
        kiosk_ids: Collection[int] | None,
        kinds: Collection[Kind],
        booked_at: int | None,
    ) -> None:
        self.viewer = viewer
        self._booked_at = booked_at
        self._kinds = kinds
        self._kiosk_ids = None if kiosk_ids is None else frozenset(kiosk_ids)
        self._changes: deque[Change] = deque()
        self._arrived = threading.Condition()
        self._close = close
        self._is_stopping = is_stopping

    def wait(self, timeout_seconds: float) -> list[Change]:
        """Give what changed; empty after `timeout_seconds` or when the worker stops."""
        deadline = time.monotonic() + timeout_seconds
        with self._arrived:
            while not self._changes and not self._is_stopping():
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._arrived.wait(min(left, 0.5))
            changes = list(self._changes)
            self._changes.clear()
        return changes

    @property
    def is_stopping(self) -> bool:
        """Tell whether the worker wants its streams to end."""
        return self._is_stopping()

    def close(self) -> None:
        """Take no more changes; closing twice is no error."""
        self._close(self)

    def deliver(self, changes: Collection[Change]) -> None:
        """Hand over those changes that concern this page (called by the poller)."""
        with self._arrived:
            for change in changes:
                is_here = (
                    self._kiosk_ids is None
                    or change.kiosk_id is None
                    or change.kiosk_id in self._kiosk_ids
                    or (
                        change.booked_at is not None
                        and change.booked_at == self._booked_at
                    )
                )
                if is_here and change.kind in self._kinds:
                    self._changes.append(change)
            if self._changes:
                self._arrived.notify()


class LiveEvents:
    """Hands the rows that appear in `live_event` to the open pages of this worker."""

    def __init__(self, database: Database, max_streams: int) -> None:
        self._database = database
        self._max_streams = max_streams
        self._lock = threading.Lock()
        self._open: set[Subscription] = set()
        self._poller: threading.Thread | None = None
        self._cursor = _Cursor(database)
        # Replaced by the server's worker, which knows when it was told to stop.
        self.is_stopping: Callable[[], bool] = lambda: False

    def subscribe(
        self,
        viewer: str,
        kiosk_ids: Collection[int] | None,
        kinds: Collection[Kind] = OF_APPOINTMENTS,
        booked_at: int | None = None,
    ) -> Subscription:
        """Open a stream of changes of these kiosks (None: of all); raises TooManyStreams.

        Those of appointments that the relay `booked_at` booked elsewhere come too. Nothing
        that is committed after the return is missed.
        """
        with self._lock:
            mine = Counter(each.viewer for each in self._open)[viewer]
            if mine >= STREAMS_PER_VIEWER or len(self._open) >= self._max_streams:
                raise TooManyStreams
            subscription = Subscription(
                self._close,
                lambda: self.is_stopping(),
                viewer,
                kiosk_ids,
                kinds,
                booked_at,
            )
            self._open.add(subscription)
            if self._poller is None:
                self._cursor.start()
                self._poller = threading.Thread(
                    target=self._poll, name="live-events", daemon=True
                )
                self._poller.start()
        return subscription

    @property
    def open_streams(self) -> int:
        """Tell how many pages are watching through this worker."""
        return len(self._open)

    def since(
        self,
        event_id: int,
        kiosk_ids: Collection[int] | None,
        kinds: Collection[Kind] = OF_APPOINTMENTS,
        booked_at: int | None = None,
    ) -> list[Change]:
        """List what happened after `event_id`, for a page that was away for a moment."""
        query = _CHANGES.where(LiveEvent.id > event_id, LiveEvent.kind.in_(kinds))
        if kiosk_ids is not None:
            query = query.where(
                or_(
                    LiveEvent.kiosk_id.is_(None),
                    LiveEvent.kiosk_id.in_(kiosk_ids),
                    User.relay_id == booked_at,
                )
            )
        with self._database.read() as session:
            return [_change(*row) for row in session.execute(query.limit(1000))]

    def last_id(self) -> int:
        """Give the id of the latest change, to start a page's stream from."""
        with self._database.read() as session:
            return session.scalar(select(func.max(LiveEvent.id))) or 0

    def _close(self, subscription: Subscription) -> None:
        with self._lock:
            self._open.discard(subscription)

    def _poll(self) -> None:
        while True:
            with self._lock:
                if not self._open or self.is_stopping():
                    self._poller = None
                    return
                watching = list(self._open)
            try:
                changes = self._cursor.advance()
            except SQLAlchemyError:
                logger.exception("live events not read")
                time.sleep(1)
                continue
            if changes:
                for subscription in watching:
                    subscription.deliver(changes)
            time.sleep(POLL_SECONDS)


class _Cursor:
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
                _change(row, booked_at)
                for row, booked_at in session.execute(query)
                if row.id not in self._seen
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


_CHANGES = (
    select(LiveEvent, User.relay_id)
    .outerjoin(Appointment, Appointment.id == LiveEvent.appointment_id)
    .outerjoin(User, User.id == Appointment.created_by_id)
    .order_by(LiveEvent.id)
)


def _change(row: LiveEvent, booked_at: int | None) -> Change:
    state = AppointmentState(row.state) if row.state else None
    kind = Kind(row.kind)
    return Change(
        row.id, row.kiosk_id, row.appointment_id, state, row.at, kind, booked_at
    )


def server_sent(event: str, data: str, event_id: int | None = None) -> str:
    """Write one server-sent event (WHATWG HTML, section 9.2)."""
    lines = [] if event_id is None else [f"id: {event_id}"]
    lines.append(f"event: {event}")
    lines.extend(f"data: {line}" for line in data.splitlines() or [""])
    return "\n".join(lines) + "\n\n"


HEARTBEAT = ": battement\n\n"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one thread of the process that asks the database: what changed, who may still read."""

import asyncio
import threading
import time
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.domain.journal.live_events import Change, Cursor
from booking_web.live_server.clock import Clock
from booking_web.live_server.hub import ENDED, Hub, Stream
from booking_web.tables.live_kind import Kind
from provisioning.database.engine import Database

POLL_SECONDS = 0.1
# While somebody types before a resident's eyes, and so long after the last key.
TYPING_SECONDS = 0.02
TYPING_LASTS_SECONDS = 10.0
# While nobody looks; whoever comes wakes it.
IDLE_SECONDS = 2.0
AFTER_ERROR_SECONDS = 1.0
# Each reader is asked for again within so long: who signs out hears nothing 5 s later.
CHECK_SECONDS = 3.0
HEARTBEAT_SECONDS = 15.0
# As often it is looked for what the clock alone has changed: whoever reads that a resident
# sees something reads it no longer 5 s after that was said last.
CLOCK_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class Watch:
    """Feeds the hub of an event loop; started once, stopped once."""

    def __init__(
        self,
        database: Database,
        keeping: Keeping,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._cursor = Cursor(database)
        self._clock = Clock(database, keeping)
        self._hub = hub
        self._loop = loop
        self._is_stopping = False
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._beats_at = time.monotonic() + HEARTBEAT_SECONDS
        self._clock_at = 0.0
        self._typing_until = 0.0
        self._checked_at: dict[Stream, float] = {}

    def start(self) -> None:
        """Begin after what has happened by now."""
        self._cursor.start()
        self._thread.start()

    def wake(self) -> None:
        """Look at once: somebody came."""
        self._news.set()

    def stop(self) -> None:
        """End the thread, and return once it has ended."""
        self._is_stopping = True
        self.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping:
            is_watched = bool(self._hub.streams)
            try:
                changes = self._cursor.advance() + self._by_the_clock()
                if any(each.kind is Kind.MIRROR for each in changes):
                    self._typing_until = time.monotonic() + TYPING_LASTS_SECONDS
                if changes:
                    self._loop.call_soon_threadsafe(self._hub.tell, changes)
                self._check_readers()
            except SQLAlchemyError:
                logger.exception("live events not read")
                time.sleep(AFTER_ERROR_SECONDS)
                continue
            if time.monotonic() >= self._beats_at:
                self._beats_at = time.monotonic() + HEARTBEAT_SECONDS
                self._loop.call_soon_threadsafe(self._hub.beat)
            self._news.wait(self._pause() if is_watched else IDLE_SECONDS)
            self._news.clear()

    def _pause(self) -> float:
        is_typed = time.monotonic() < self._typing_until
        return TYPING_SECONDS if is_typed else POLL_SECONDS

    def _by_the_clock(self) -> list[Change]:
        if time.monotonic() < self._clock_at:
            return []
        self._clock_at = time.monotonic() + CLOCK_SECONDS
        return self._clock.advance(datetime.now(UTC))

    def _check_readers(self) -> None:
        """Ask for some readers again, so that each one's turn comes in time."""
        now = time.monotonic()
        streams = self._hub.streams.copy()
        self._checked_at = {each: self._checked_at.get(each, now) for each in streams}
        due = [e for e, at in self._checked_at.items() if at <= now - CHECK_SECONDS]
        for stream in due:
            self._checked_at[stream] = now
            if stream.ask_again() != stream.reader:
                self._loop.call_soon_threadsafe(_end, stream)


def _end(stream: Stream) -> None:
    stream.put(ENDED)
    stream.end()

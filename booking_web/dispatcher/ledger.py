# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dispatcher's one thread for the database.

A locked or absent database stalls this thread, never the manager interface. What was
heard meanwhile waits here in order; none of it is dropped.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import FactRefused, apply
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

T = TypeVar("T")
RETRY_SECONDS = 0.2
_FACTS_PER_TRANSACTION = 40


class Ledger:
    """Reads and writes appointments for the event loop, one thing after the other.

    `on_change` is called in the event loop after facts moved an appointment, and
    `on_refused` for each direct call that cannot belong to its appointment.
    """

    def __init__(
        self,
        database: Database,
        on_change: Callable[[], None],
        on_refused: Callable[[CallFact], None],
    ) -> None:
        self._database = database
        self._on_change = on_change
        self._on_refused = on_refused
        self._facts: deque[tuple[CallFact, datetime]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._loop = asyncio.get_running_loop()
        self._applying: asyncio.Future[None] | None = None
        self._closing = threading.Event()

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run the work in one write transaction; raises what it or the database does."""
        return await self._loop.run_in_executor(self._thread, self._write, work)

    async def write_where(
        self, is_wanted: Callable[[Session], bool], work: Callable[[Session], T]
    ) -> T | None:
        """Run the work like `write` where a look says so; the write lock is taken only then."""
        return await self._loop.run_in_executor(
            self._thread, self._write_where, is_wanted, work
        )

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run the work on a reading session, after all facts posted before."""
        return await self._loop.run_in_executor(self._thread, self._read, work)

    def post(self, facts: Iterable[CallFact]) -> None:
        """Have the facts applied, in order, as heard now; returns at once."""
        heard_at = datetime.now(UTC)
        self._facts.extend((fact, heard_at) for fact in facts)
        self._apply_soon()

    async def close(self, timeout_seconds: float) -> None:
        """Apply what is still waiting, but no longer than the time given."""
        if self._applying is not None:
            await asyncio.wait({self._applying}, timeout=timeout_seconds)
        self._closing.set()
        await asyncio.to_thread(self._thread.shutdown)
        if self._facts:
            logger.error("facts not written", count=len(self._facts))

    def _apply_soon(self) -> None:
        if self._facts and self._applying is None and not self._closing.is_set():
            self._applying = self._loop.run_in_executor(self._thread, self._apply_next)
            self._applying.add_done_callback(self._applied)

    def _applied(self, done: asyncio.Future[None]) -> None:
        self._applying = None
        if error := done.exception():
            logger.error("facts failed", exc_info=error)
        self._apply_soon()

    def _apply_next(self) -> None:
        """Apply a batch in the database thread; retries until the database lets it."""
        count = min(len(self._facts), _FACTS_PER_TRANSACTION)
        batch = [self._facts[i] for i in range(count)]
        while not self._closing.is_set():
            try:
                self._apply_all(batch)
                break
            except OperationalError:
                logger.warning("database not available", waiting=len(self._facts))
                self._closing.wait(RETRY_SECONDS)
        else:
            return
        for _ in batch:
            self._facts.popleft()

    def _apply_all(self, batch: list[tuple[CallFact, datetime]]) -> None:
        try:
            with self._database.write() as session:
                changed = apply(session, batch)
        except (IntegrityError, FactRefused) as error:
            if len(batch) > 1:
                # One of them is impossible: let it fail alone.
                for one in batch:
                    self._apply_all([one])
                return
            refused = batch[0][0]
            logger.warning(
                "fact refused", call=refused.call.text, error=type(error).__name__
            )
            self._loop.call_soon_threadsafe(self._on_refused, refused)
            return
        if changed:
            self._loop.call_soon_threadsafe(self._on_change)

    def _write(self, work: Callable[[Session], T]) -> T:
        with self._database.write() as session:
            return work(session)

    def _write_where(
        self, is_wanted: Callable[[Session], bool], work: Callable[[Session], T]
    ) -> T | None:
        return self._write(work) if self._read(is_wanted) else None

    def _read(self, work: Callable[[Session], T]) -> T:
        with self._database.read() as session:
            return work(session)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""journal.rate: lines a second of eight writers, linked without a gap, beside bare inserts.

Each writer is a process and each line a transaction, on PostgreSQL. Ours counts until the last
line is linked by the process that does it; a gap, or a line that does not verify, fails the row.
"""

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from sqlalchemy import func, select, text

from booking_web.base.clock import utc_now
from booking_web.domain.journal.chaining import Chain, head_of
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.verifying import verify
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_acts import Act
from measure.booking_ground import POSTGRESQL_SETUP
from measure.rows import Figures
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from stage.postgresql import PrivatePostgres

WRITERS = 8
LINES_EACH = 400
RUNS = 5
KEY = "a key of the bench"
# Forked: to import the product takes each longer than to write its lines.
PROCESSES = multiprocessing.get_context("fork")
BARE = text(
    "INSERT INTO journal (at, actor, act, detail) VALUES (now(), 'user:1', 'viewed', '')"
)


class Gap(RuntimeError):
    """The chain lacks a line, or one of them does not verify."""


def measure() -> Figures:
    """Measure in turns; give lines a second of each run."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        server = PrivatePostgres(Path(folder) / "postgresql", POSTGRESQL_SETUP)
        server.start()
        try:
            url, peer_url = server.new_database("ours"), server.new_database("peer")
            upgrade(url)
            upgrade(peer_url)
            ours, peer = [], []
            for _ in range(RUNS):
                peer.append(_bare_rate(peer_url))
                ours.append(_linked_rate(url))
            return Figures(tuple(ours), tuple(peer), (_verified(url),))
        finally:
            server.stop()


def _linked_rate(url: str) -> float:
    """Write while another process links, until it has linked all."""
    database = Database(url, signing_key=KEY)
    with _linking(url), database.read() as session:
        before = head_of(session).position
        wanted = before + WRITERS * LINES_EACH
        began = _write(url, _write_line)
        while head_of(session).position < wanted:
            time.sleep(0.01)
        took = time.monotonic() - began
    database.dispose()
    return WRITERS * LINES_EACH / took


def _bare_rate(url: str) -> float:
    began = _write(url, _write_bare)
    return WRITERS * LINES_EACH / (time.monotonic() - began)


def _write(url: str, write: Callable[[Database], None]) -> float:
    """Have the writers write; give when they were let go."""
    ready, go = PROCESSES.Barrier(WRITERS + 1), PROCESSES.Event()
    arguments = (url, write, ready, go)
    writers = [
        PROCESSES.Process(target=_writer, args=arguments) for _ in range(WRITERS)
    ]
    for each in writers:
        each.start()
    ready.wait()
    began = time.monotonic()
    go.set()
    for each in writers:
        each.join()
        if each.exitcode:
            raise RuntimeError("a writer failed")
    return began


def _writer(
    url: str, write: Callable[[Database], None], ready: Barrier, go: Event
) -> None:
    database = Database(url, signing_key=KEY)
    with database.read() as session:
        session.scalar(select(func.count(JournalEntry.id)))
    ready.wait()
    go.wait()
    for _ in range(LINES_EACH):
        write(database)
    database.dispose()


def _write_bare(database: Database) -> None:
    with database.write() as session:
        session.execute(BARE)


def _write_line(database: Database) -> None:
    with database.write() as session:
        at = utc_now()
        write_down(session, Act.BOOKED, actor="user:1", at=at, detail="bench")


@contextmanager
def _linking(url: str) -> Iterator[None]:
    """Have a process link meanwhile, as `guichet-messages` does."""
    linking = PROCESSES.Process(target=_link, args=(url,))
    linking.start()
    try:
        yield
    finally:
        linking.terminate()
        linking.join()


def _link(url: str) -> None:
    Chain(Database(url, signing_key=KEY), utc_now).keep_up(threading.Event())


def _verified(url: str) -> str:
    """Say that nothing is missing; raises Gap."""
    database = Database(url, signing_key=KEY)
    with database.read() as session:
        began = time.monotonic()
        verified = verify(session, [KEY], utc_now())
        took = time.monotonic() - began
        lines = session.scalar(select(func.count(JournalEntry.id)))
    database.dispose()
    if not verified.is_sound or verified.linked != lines:
        raise Gap(str(verified.first))
    return f"{lines} lines without a gap, verified in {took:.1f} s"

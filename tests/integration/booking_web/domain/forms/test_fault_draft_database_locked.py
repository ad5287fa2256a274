# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: another process holds the database for three seconds."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import make_url, text

from booking_web.domain.forms.draft_outcomes import Saved
from booking_web.domain.forms.draft_rows import history
from provisioning.database.engine import Database
from stage.waiting import wait_for
from tests.factories.drafts import ANNE

# The fault itself, well within the five seconds for which SQLite is asked again.
LOCKED_SECONDS = 3.0


@dataclass
class Lock:
    """What a change of a draft needs, held by somebody else until it is told to end."""

    ends: threading.Event = field(default_factory=threading.Event)
    # Told before it is let go: who has written by then did not wait for it.
    is_over: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Hold it on for a while once it is told to end."""
        self.ends.wait()
        time.sleep(LOCKED_SECONDS)
        self.is_over.set()


@contextmanager
def locked(database: Database) -> Iterator[Lock]:
    """Hold it in the background."""
    is_held, lock = threading.Event(), Lock()

    def hold() -> None:
        if database.url.drivername == "sqlite":
            connection = sqlite3.connect(make_url(database.url).database or "")
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            is_held.set()
            lock.wait()
            connection.close()
            return
        with database.engine.begin() as other:
            other.execute(text("LOCK TABLE draft IN EXCLUSIVE MODE"))
            is_held.set()
            lock.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    wait_for(is_held.is_set, "the database is locked")
    try:
        yield lock
    finally:
        lock.ends.set()
        holder.join()


def test_a_key_waits_and_is_kept_once(drafts, begun, either_database) -> None:
    with locked(either_database) as lock:
        # What was kept is still read meanwhile.
        assert drafts.read(begun).values == {}
        assert not lock.is_over.is_set()
        lock.ends.set()
        assert drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE) == Saved(1)
        assert lock.is_over.is_set()
    assert drafts.read(begun).values == {"nom": "Lefèvre"}
    with either_database.read() as session:
        assert [each.field for each in history(session, begun)] == ["nom"]

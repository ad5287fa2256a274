# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counts of attempts, shared by every worker through the database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.tables.rate_limits import RateLimit


def test_two_workers_count_together(database) -> None:
    one, other = (DatabaseStorage(database=database) for _ in range(2))
    counts = [
        storage.incr("key", 60, amount)
        for storage, amount in ((one, 1), (other, 1), (one, 2))
    ]
    assert counts == [1, 2, 4]
    assert other.get("key") == 4
    other.clear("key")
    assert one.get("key") == 0


def test_a_window_that_ended_counts_no_more(database) -> None:
    storage = DatabaseStorage(database=database)
    storage.incr("key", 60, 5)
    with database.write() as session:
        row = session.scalars(select(RateLimit)).one()
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    assert storage.get("key") == 0
    assert storage.incr("key", 60) == 1


def test_nobody_can_be_read_from_the_table(database) -> None:
    storage = DatabaseStorage(database=database)
    storage.incr("account:mairie@wassigny.example", 60)
    with database.read() as session:
        [key] = session.scalars(select(RateLimit.key))
    assert len(key) == 64 and set(key) <= set("0123456789abcdef")
    assert storage.reset() == 1
    assert storage.check() is True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A made-up region for the search of slots: counters, kiosks, half a million appointments.

Written with the driver in a few bulk statements, in the order of the keys. The days of held
slots are filled in afterwards, by the statements of the migration.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from booking_web.tables.held_days import (
    filling_statements,
    removing_statements,
    trigger_statements,
)
from provisioning.database.schema import upgrade

COUNTERS, KIOSKS, DAYS = 200, 100, 60
APPOINTMENTS = 500_000
STEP = timedelta(minutes=30)
SLOT = timedelta(minutes=5)
# On the wall in Paris, in winter: UTC + 1. The peer's SQL knows no summer time.
OPENS_MINUTE, CLOSES_MINUTE = 8 * 60, 18 * 60
UTC_OFFSET = timedelta(hours=1)
# A Monday; the 60 days end before summer time begins.
NOW = datetime(2027, 1, 4, 5, 2, tzinfo=UTC)
SEED = 20270104
ORGANISATION = 1


@dataclass(frozen=True)
class Ground:
    """A database file in which `share` of the places to come are taken."""

    path: Path
    share: float

    @property
    def url(self) -> str:
        """Give the address for SQLAlchemy."""
        return f"sqlite:///{self.path}"


def make_ground(path: Path, share: float) -> Ground:
    """Make the database: `share` of all places on the kiosks of 60 days are taken."""
    ground = Ground(path, share)
    upgrade(ground.url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA cache_size=-200000")
        with connection:
            _write_directory(connection)
            _write_hours(connection)
            for statement in removing_statements("sqlite"):
                connection.execute(statement)
            _write_appointments(connection, share)
            for statement in filling_statements("sqlite"):
                connection.execute(statement)
            for statement in trigger_statements("sqlite"):
                connection.execute(statement)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode=WAL")
    return ground


def taken_until() -> datetime:
    """Give the midnight, UTC, after the last of the days to come."""
    return datetime.combine(NOW.date() + timedelta(days=DAYS), time(0), UTC)


def _write_directory(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO relay (id, slug, name, commune, address, time_zone)"
        " VALUES (?, ?, ?, ?, '', 'Europe/Paris')",
        [(n, f"relay-{n}", f"Relay {n}", f"Commune {n}") for n in _kiosks()],
    )
    connection.executemany(
        "INSERT INTO kiosk (id, slug, relay_id, token_digest) VALUES (?, ?, ?, ?)",
        [(n, f"kiosk-{n}", n, f"digest-{n}") for n in _kiosks()],
    )
    connection.execute(
        "INSERT INTO organisation (id, slug, name, short_name, abandon_after_seconds,"
        " appointment_minutes) VALUES (?, 'msa', 'MSA', 'MSA', 300, 30)",
        (ORGANISATION,),
    )
    connection.executemany(
        "INSERT INTO counter (id, slug, name, organisation_id) VALUES (?, ?, ?, ?)",
        [(n, f"counter-{n}", f"Counter {n}", ORGANISATION) for n in _counters()],
    )
    connection.execute(
        "INSERT INTO user_account (id, email, name, password, active, session_key,"
        " role) VALUES (1, 'a@b.example', 'A', '', 1, 'a', 'administrator')"
    )


def _write_hours(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO opening (counter_id, first_day, weekdays, every_weeks,"
        " opens_minute, closes_minute) VALUES (?, '2026-01-01', 127, 1, ?, ?)",
        [(n, OPENS_MINUTE, CLOSES_MINUTE) for n in _counters()],
    )


def _write_appointments(connection: sqlite3.Connection, share: float) -> None:
    chance = random.Random(SEED)
    to_come = [place for place in _places() if chance.random() < share]
    to_come.sort(key=lambda place: (place[1], place[0]))
    first = APPOINTMENTS - len(to_come)
    connection.executemany(
        "INSERT INTO appointment (submission, kiosk_id, counter_id, organisation_id,"
        " resident_name, reason, starts_at, ends_at, state, state_reason, state_since,"
        " attempt, created_by_id, created_at)"
        " VALUES (?, ?, ?, ?, '', '', ?, ?, ?, '', ?, 1, 1, ?)",
        (_old_appointment(n) for n in range(first)),
    )
    connection.executemany(
        "INSERT INTO appointment (id, submission, kiosk_id, counter_id,"
        " organisation_id, resident_name, reason, starts_at, ends_at, state,"
        " state_reason, state_since, attempt, created_by_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, '', '', ?, ?, 'booked', '', ?, 0, 1, ?)",
        (
            (n, f"new-{n}", kiosk, counter, ORGANISATION, stored(at), stored(at + STEP))
            + (stored(NOW), stored(NOW))
            for n, (at, kiosk, counter) in enumerate(to_come, first + 1)
        ),
    )
    for table, owner in (("kiosk_slot", 1), ("counter_slot", 2)):
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?)",
            (
                (place[owner], stored(place[0] + number * SLOT), n)
                for n, place in enumerate(to_come, first + 1)
                for number in range(STEP // SLOT)
            ),
        )


def _places() -> Iterator[tuple[datetime, int, int]]:
    """Give start, kiosk and a counter of each place to come, in order of time."""
    at = datetime.combine(NOW.date(), time(0), UTC)
    while at < taken_until():
        local = at + UTC_OFFSET
        minute = local.hour * 60 + local.minute
        if OPENS_MINUTE <= minute < CLOSES_MINUTE:
            for kiosk in _kiosks():
                yield at, kiosk, 2 * kiosk
        at += STEP


def _old_appointment(number: int) -> tuple[object, ...]:
    at = NOW - timedelta(days=1) - number * timedelta(minutes=3)
    kiosk, counter = 1 + number % KIOSKS, 1 + number % COUNTERS
    ended = stored(at + STEP)
    return (f"old-{number}", kiosk, counter, ORGANISATION, stored(at), ended) + (
        "done",
        ended,
        stored(at),
    )


def stored(instant: datetime) -> str:
    """Write an instant as the schema does on SQLite."""
    return f"{instant:%Y-%m-%d %H:%M:%S}.000000"


def _kiosks() -> range:
    return range(1, KIOSKS + 1)


def _counters() -> range:
    return range(1, COUNTERS + 1)

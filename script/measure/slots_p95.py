# SPDX-License-Identifier: AGPL-3.0-or-later
"""slots.p95: the search for free slots in a region, beside the same query in plain SQL.

Both answer the same list of questions on the same file, in turns, and must give the same
hours: a wrong answer fails the row.
"""

import random
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from booking_web.domain.places.search import SlotSearch, find_slots
from measure.rows import Figures
from measure.slots_ground import (
    COUNTERS,
    DAYS,
    KIOSKS,
    NOW,
    ORGANISATION,
    make_ground,
    stored,
    taken_until,
)
from provisioning.database.engine import Database

SHARE_TAKEN = 0.97
QUESTIONS = 40
RUNS = 5
# The plain SQL takes seconds where nearly all is full.
PEER_RUNS = 2
SEED = 4
LIMIT = 12
# Half of the residents need no more than the usual length. Three free half hours in a row
# are so rare in a calendar this full that a search for them reads the whole 60 days.
LENGTHS = (15, 30, 30, 30, 45, 60, 90)

# Starts come in the order of time, so LIMIT ends the work: as quick as one writes it.
PEER = """
WITH RECURSIVE
start(at) AS (
    SELECT :first
    UNION ALL
    SELECT strftime('%Y-%m-%d %H:%M:%S.000000', at, '+30 minutes') FROM start
    WHERE at < :end
)
SELECT at, kiosk_id, counter_id FROM (
    SELECT
        start.at AS at,
        (
            SELECT kiosk.id FROM wanted JOIN kiosk ON kiosk.relay_id = wanted.relay_id
            WHERE NOT EXISTS (
                SELECT 1 FROM kiosk_slot AS s WHERE s.kiosk_id = kiosk.id
                AND s.starts_at >= start.at
                AND s.starts_at
                    < strftime('%Y-%m-%d %H:%M:%S.000000', start.at, :length)
            )
            ORDER BY wanted.place LIMIT 1
        ) AS kiosk_id,
        (
            SELECT counter.id FROM counter
            JOIN opening ON opening.counter_id = counter.id
            WHERE counter.organisation_id = :organisation_id
            AND date(start.at, '+1 hour') >= opening.first_day
            AND (opening.last_day IS NULL
                OR date(start.at, '+1 hour') <= opening.last_day)
            AND opening.weekdays
                >> ((strftime('%w', start.at, '+1 hour') + 6) % 7) & 1 = 1
            AND strftime('%H', start.at, '+1 hour') * 60
                + strftime('%M', start.at, '+1 hour')
                BETWEEN opening.opens_minute
                AND opening.closes_minute - :minutes
            AND NOT EXISTS (
                SELECT 1 FROM counter_slot AS s WHERE s.counter_id = counter.id
                AND s.starts_at >= start.at
                AND s.starts_at
                    < strftime('%Y-%m-%d %H:%M:%S.000000', start.at, :length)
            )
            ORDER BY counter.id LIMIT 1
        ) AS counter_id
    FROM start
    WHERE time(start.at) BETWEEN '07:00:00' AND '16:30:00'
)
WHERE kiosk_id IS NOT NULL AND counter_id IS NOT NULL
LIMIT :limit
"""


@dataclass(frozen=True)
class Question:
    """What one secretary looks for."""

    relay_ids: list[int]
    minutes: int
    after: datetime


def measure() -> Figures:
    """Make the region, ask, and give the 95th percentile of each run in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        began = time.monotonic()
        ground = make_ground(Path(folder) / "region.db", SHARE_TAKEN)
        made = time.monotonic() - began
        database = Database(ground.url)
        with closing(sqlite3.connect(ground.path)) as connection:
            connection.execute("CREATE TEMP TABLE wanted (place, relay_id)")
            figures = _asked(database, connection, made)
        database.dispose()
        return figures


def _asked(database: Database, connection: sqlite3.Connection, made: float) -> Figures:
    questions = _questions()
    for question in questions:
        _compare(database, connection, question)
    ours: list[float] = []
    peer: list[float] = []
    slowest = 0.0
    for run in range(RUNS):
        if run < PEER_RUNS:
            peer.append(_p95([_timed_peer(connection, each) for each in questions]))
        times = [_timed(database, each) for each in questions]
        slowest = max(slowest, *times)
        ours.append(_p95(times))
    full = [_timed(database, each) for each in _hopeless_questions()]
    notes = (
        f"{QUESTIONS} questions a run, {COUNTERS} counters, {KIOSKS} kiosks, {DAYS} days,"
        f" {SHARE_TAKEN:.0%} taken; made in {made:.1f} s; seed {SEED}",
        f"slowest {slowest:.1f} ms; nothing free in {DAYS} days: {_p95(full):.1f} ms (p95)",
    )
    return Figures(tuple(ours), tuple(peer), notes)


def _questions() -> list[Question]:
    chance = random.Random(SEED)
    return [
        Question(
            # The resident's own relay first, then all the others; or the own one alone.
            chance.sample(range(1, KIOSKS + 1), chance.choice((1, KIOSKS))),
            chance.choice(LENGTHS),
            NOW + timedelta(minutes=chance.randrange(0, 20 * 1440)),
        )
        for _ in range(QUESTIONS)
    ]


def _hopeless_questions() -> list[Question]:
    """Ask for eight hours in a row: every day is read, and none has them."""
    everywhere = list(range(1, KIOSKS + 1))
    return [Question(everywhere, 480, NOW) for _ in range(20)]


def _timed(database: Database, question: Question) -> float:
    began = time.perf_counter()
    with database.read() as session:
        find_slots(session, _search(question), NOW)
    return (time.perf_counter() - began) * 1000


def _search(question: Question) -> SlotSearch:
    return SlotSearch(
        organisation_id=ORGANISATION,
        relay_ids=question.relay_ids,
        length=timedelta(minutes=question.minutes),
        after=question.after,
        until=taken_until(),
        limit=LIMIT,
    )


def _timed_peer(connection: sqlite3.Connection, question: Question) -> float:
    began = time.perf_counter()
    _ask_peer(connection, question)
    return (time.perf_counter() - began) * 1000


def _ask_peer(
    connection: sqlite3.Connection, question: Question
) -> list[tuple[str, int, int]]:
    connection.execute("DELETE FROM wanted")
    connection.executemany(
        "INSERT INTO wanted VALUES (?, ?)", enumerate(question.relay_ids)
    )
    half_hour = timedelta(minutes=30)
    late = (question.after - NOW.replace(minute=0)) % half_hour
    first = question.after + (half_hour - late if late else timedelta(0))
    rows: list[tuple[str, int, int]] = connection.execute(
        PEER,
        {
            "first": stored(first),
            "end": stored(taken_until() - half_hour),
            "length": f"+{question.minutes} minutes",
            "minutes": question.minutes,
            "organisation_id": ORGANISATION,
            "limit": LIMIT,
        },
    ).fetchall()
    connection.rollback()
    return rows


def _compare(
    database: Database, connection: sqlite3.Connection, question: Question
) -> None:
    """Raise unless both give the same hours at the same relays."""
    with database.read() as session:
        found = find_slots(session, _search(question), NOW)
    ours = [(stored(slot.starts_at), slot.kiosk_id) for slot in found.slots]
    theirs = [(at, kiosk) for at, kiosk, _ in _ask_peer(connection, question)]
    if ours != theirs:
        raise RuntimeError(f"the answers differ for {question}: {ours} and {theirs}")


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]

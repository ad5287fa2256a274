# SPDX-License-Identifier: AGPL-3.0-or-later
"""stats.p95: a page of statistics over five million periods, beside its SQL by hand.

Both answer the same questions on the same PostgreSQL, in turns, and must give the same
figures: a wrong answer fails the row.
"""

import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import psycopg

from booking_web.domain.statistics.asking import Asked, By
from booking_web.domain.statistics.reading import Line, read_figures
from booking_web.tables.statistics import Result
from measure.rows import Figures
from measure.stats_ground import (
    DAYS,
    FIRST_DAY,
    ORGANISATIONS,
    RELAYS,
    SUPERVISOR,
    Ground,
    make_ground,
)
from provisioning.database.engine import Database
from stage.postgresql import PrivatePostgres
from stage.site import WebServer
from stage.web_browser import WebBrowser

POSTGRESQL_SETUP = Path(__file__).resolve().parents[2] / ".setup" / "postgresql.json"
QUESTIONS = 40
RUNS = 5
SEED = 15
# Half of the questions are of a whole year, most of the whole site.
STRETCHES = (84, 84, 365, 366)
_WORDS = {
    By.WEEK: "semaine",
    By.RELAY: "relais",
    By.ORGANISATION: "organisme",
    By.REASON: "motif",
}
_COLUMNS = {
    By.WEEK: "week",
    By.RELAY: "f.relay_id",
    By.ORGANISATION: "f.organisation_id",
    By.REASON: "visit_reason_id",
}
# One statement: counts, percentiles and kilometres of each line and of all.
PEER = """
SELECT {key}, count(*),
    count(*) FILTER (WHERE result = 'honoured'),
    count(*) FILTER (WHERE result = 'absent'),
    count(*) FILTER (WHERE result = 'abandoned'),
    count(*) FILTER (WHERE result = 'cancelled'),
    percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited_seconds),
    percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY call_seconds),
    sum(queued), sum(answered_in_time), sum(pages_printed), sum(pages_scanned),
    sum(useful), sum(useless), sum(resolved),
    coalesce(sum(2 * kilometres) FILTER (WHERE result = 'honoured'), 0)
FROM appointment_figures AS f
LEFT JOIN travel_distance AS t
    ON t.relay_id = f.relay_id AND t.organisation_id = f.organisation_id
WHERE day BETWEEN %(first)s AND %(last)s
    AND (%(relay)s::int IS NULL OR f.relay_id = %(relay)s)
    AND (%(organisation)s::int IS NULL OR f.organisation_id = %(organisation)s)
GROUP BY GROUPING SETS (({key}), ())
"""


@dataclass(frozen=True)
class Question:
    """What one supervisor looks at."""

    asked: Asked
    by: By

    @property
    def address(self) -> str:
        """Give the page's address; slugs are counted from nought, numbers from one."""
        values = {
            "du": self.asked.first.isoformat(),
            "au": self.asked.last.isoformat(),
            "par": _WORDS[self.by],
        }
        if self.asked.relay_id:
            values["relais"] = f"relay-{self.asked.relay_id - 1:02}"
        if self.asked.organisation_id:
            values["organisme"] = f"organisation-{self.asked.organisation_id - 1:02}"
        return f"/statistiques?{urlencode(values)}"


def measure() -> Figures:
    """Make the region, ask, and give the 95th percentile of each run in milliseconds."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-"))
        )
        folder.chmod(0o755)
        server = PrivatePostgres(folder / "postgresql", POSTGRESQL_SETUP)
        server.start()
        stack.callback(server.stop)
        began = time.monotonic()
        ground = make_ground(server.new_database("region"), folder)
        made = time.monotonic() - began
        pages = WebServer(
            *(ground.url, folder, "--workers", "1", "--threads", "4"),
            secret_key="a secret of the bench alone",
        )
        stack.callback(pages.program.stop)
        pages.start()
        browser = stack.enter_context(WebBrowser(pages.url))
        browser.sign_in(SUPERVISOR, ground.password)
        connection = stack.enter_context(psycopg.connect(ground.plain_url))
        return _asked(ground, browser, connection, made)


def _asked(
    ground: Ground,
    browser: WebBrowser,
    connection: psycopg.Connection[Any],
    made: float,
) -> Figures:
    questions = _questions()
    database = Database(ground.url)
    for question in questions:
        _compare(database, connection, question)
    database.dispose()
    ours: list[float] = []
    peer: list[float] = []
    slowest = 0.0
    for _ in range(RUNS):
        peer.append(_p95([_timed_peer(connection, each) for each in questions]))
        times = [_timed(browser, each) for each in questions]
        slowest = max(slowest, *times)
        ours.append(_p95(times))
    note = (
        f"{ground.periods} periods, {RELAYS} relays, {ORGANISATIONS} organisations,"
        f" {QUESTIONS} questions a run; made in {made:.0f} s; slowest {slowest:.0f} ms"
    )
    return Figures(tuple(ours), tuple(peer), (note,))


def _questions() -> list[Question]:
    chance = random.Random(SEED)
    found = []
    for number in range(QUESTIONS):
        days = chance.choice(STRETCHES)
        first = FIRST_DAY + timedelta(days=chance.randrange(DAYS - days))
        relay = chance.randint(1, RELAYS) if number % 4 == 1 else None
        organisation = chance.randint(1, ORGANISATIONS) if number % 4 == 2 else None
        asked = Asked(first, first + timedelta(days=days - 1), relay, organisation)
        found.append(Question(asked, list(By)[number // 4 % 4]))
    return found


def _timed(browser: WebBrowser, question: Question) -> float:
    began = time.perf_counter()
    browser.get(question.address)
    return (time.perf_counter() - began) * 1000


def _timed_peer(connection: psycopg.Connection[Any], question: Question) -> float:
    began = time.perf_counter()
    _ask_peer(connection, question)
    return (time.perf_counter() - began) * 1000


def _ask_peer(
    connection: psycopg.Connection[Any], question: Question
) -> list[tuple[Any, ...]]:
    asked = question.asked
    statement = PEER.format(key=_COLUMNS[question.by])
    rows = connection.execute(
        statement.encode(),
        {
            "first": asked.first,
            "last": asked.last,
            "relay": asked.relay_id,
            "organisation": asked.organisation_id,
        },
    ).fetchall()
    connection.rollback()
    return rows


def _compare(
    database: Database, connection: psycopg.Connection[Any], question: Question
) -> None:
    """Raise unless both give the same figures, line by line and in all."""
    with database.read() as session:
        found = read_figures(session, question.asked, question.by)
    ours: dict[date | int | None, tuple[Any, ...]] = {
        key: _told(line)  # type: ignore[misc]
        for key, line in found.lines.items()
    }
    ours[None] = _told(found.total)
    theirs = {key: _plain(rest) for key, *rest in _ask_peer(connection, question)}
    if ours != theirs:
        raise RuntimeError(f"the answers differ for {question}")


def _told(line: Line) -> tuple[Any, ...]:
    results, sums = line.results, line.sums
    return (
        line.booked,
        *(
            results[each]
            for each in (
                Result.HONOURED,
                Result.ABSENT,
                Result.ABANDONED,
                Result.CANCELLED,
            )
        ),
        *(
            (each.percentile(50), each.percentile(95))
            for each in (line.waited, line.spoken)
        ),
        *(sums[name] for name in ("queued", "answered_in_time")),
        *(sums[name] for name in ("pages_printed", "pages_scanned")),
        *(sums[name] for name in ("useful", "useless", "resolved")),
        line.kilometres,
    )


def _plain(row: list[Any]) -> tuple[Any, ...]:
    return tuple(_cell(cell) for cell in row)


def _cell(cell: Any) -> Any:
    if cell is None:
        # Percentiles of nothing.
        return (None, None)
    return tuple(map(int, cell)) if isinstance(cell, list) else int(cell)


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""purge.rate: appointments whose residents are forgotten, a second, beside bare statements.

A made-up site on PostgreSQL, all of it long over. Ours is what `guichet-web prune` does with
the database; the peer empties as many rows and writes as many lines of the journal by itself.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import func, select

from booking_web.base.clock import utc_now
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment, Resident
from measure.booking_ground import POSTGRESQL_SETUP
from measure.rows import Figures
from measure.stats_ground import make_site, plain
from provisioning.database.engine import Database
from stage.postgresql import PrivatePostgres

APPOINTMENTS = 4000
RUNS = 3
DAYS = 1000
KEY = "a key of the bench"
FILL = f"""
SET session_replication_role = replica;
INSERT INTO resident (id, relay_id, name, search_key, telephone, email, created_at,
    created_by_id, seen_at, street, postcode, commune)
SELECT n, 1, 'Mme Durand ' || n, 'durand mme ' || n, '', '', now() - interval '5 years', 1,
    now() - interval '5 years', '', '', ''
FROM generate_series(1, {APPOINTMENTS}) AS n;
INSERT INTO appointment (submission, kiosk_id, counter_id, organisation_id, resident_id,
    resident_name, reason, starts_at, ends_at, state, state_reason, state_since, attempt,
    created_by_id, created_at)
SELECT 'made-' || n, 1, 1, 1, n, 'Mme Durand ' || n, 'Carte grise',
    now() - interval '5 years', now() - interval '1800 days', 'done', '',
    now() - interval '5 years', 1, 1, now() - interval '5 years'
FROM generate_series(1, {APPOINTMENTS}) AS n;
SET session_replication_role = DEFAULT;
"""
EMPTY = "UPDATE appointment SET resident_name = '', reason = '' WHERE id = %s"
TELL = """INSERT INTO journal (at, actor, act, detail, appointment_id)
    VALUES (now(), 'prune', 'anonymised', '', %s)"""
FORGET = "UPDATE appointment SET resident_id = NULL WHERE resident_id = %s"
REMOVE = "DELETE FROM resident WHERE id = %s"


class NotForgotten(RuntimeError):
    """A name is there after the purge."""


def measure() -> Figures:
    """Fill and purge in turns; give appointments a second of each run."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        server = PrivatePostgres(Path(folder) / "postgresql", POSTGRESQL_SETUP)
        server.start()
        try:
            make_site(server.new_database("ground"), Path(folder))
            ours: list[float] = []
            peer: list[float] = []
            for number in range(RUNS):
                for rates, work in ((peer, _bare), (ours, _pruned)):
                    name = f"{work.__name__}_{number}"
                    rates.append(_rate(server.new_database(name, "ground"), work))
            return Figures(tuple(ours), tuple(peer))
        finally:
            server.stop()


def _rate(url: str, work: Callable[[str], None]) -> float:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(FILL)
        connection.execute("VACUUM ANALYZE")
    began = time.monotonic()
    work(url)
    took = time.monotonic() - began
    database = Database(url)
    with database.read() as session:
        named = select(func.count(Appointment.id)).where(
            Appointment.resident_name != ""
        )
        left = session.scalar(named) or session.scalar(select(func.count(Resident.id)))
    database.dispose()
    if left:
        raise NotForgotten(f"{left} names are left by {work.__name__}")
    return APPOINTMENTS / took


def _pruned(url: str) -> None:
    database = Database(url, signing_key=KEY)
    with database.write() as session:
        prune(session, DAYS, utc_now())
    database.dispose()


def _bare(url: str) -> None:
    with psycopg.connect(plain(url)) as connection, connection.cursor() as cursor:
        for number, _name in cursor.execute(
            "SELECT id, resident_name FROM appointment"
        ).fetchall():
            for statement in (EMPTY, TELL, FORGET, REMOVE):
                cursor.execute(statement, (number,))

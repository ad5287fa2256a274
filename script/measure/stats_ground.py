# SPDX-License-Identifier: AGPL-3.0-or-later
"""A made-up region for the statistics: five years of appointments, five million periods.

Written by the database itself, in a few statements, by arithmetic on the appointments' numbers.
"""

import sys
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from provisioning.database.schema import upgrade
from stage.processes import run_once

RELAYS, ORGANISATIONS, REASONS = 60, 12, 5
APPOINTMENTS = 1_920_000
# Working days and Saturdays of five years.
FIRST_DAY, DAYS = date(2021, 1, 4), 1820
SUPERVISOR = "supervisor@bench.example"

# Of twenty appointments seventeen are honoured (three periods each), one is abandoned (two).
_STATE = (
    "CASE n % 20 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'no_show'"
    " WHEN 2 THEN 'abandoned' ELSE 'done' END"
)
_NUMBERS = f"generate_series(1, {APPOINTMENTS}) AS n"
_STARTS = (
    f"timestamp '{FIRST_DAY} 07:00' + (n::bigint * {DAYS} / {APPOINTMENTS})"
    " * interval '1 day' + (n * 13 % 36) * interval '15 minutes'"
)
# In seconds: from the hour to the queue, in the queue, in call.
_CALLED, _QUEUED, _SPOKEN = "n * 37 % 900", "n * 11 % 120", "300 + n * 53 % 2400"

_FILLING = (
    # Foreign keys and triggers would only slow down what is known to be right.
    "SET session_replication_role = replica",
    "SET TIME ZONE 'UTC'",
    f"""INSERT INTO appointment (id, submission, kiosk_id, counter_id, organisation_id,
        visit_reason_id, resident_name, reason, starts_at, ends_at, state, state_reason,
        state_since, attempt, created_by_id, created_at, was_useful)
    SELECT n, 'made-' || n, 1 + n * 7 % {RELAYS}, 1 + n % {ORGANISATIONS},
        1 + n % {ORGANISATIONS}, 1 + n % {ORGANISATIONS * REASONS}, '', '',
        {_STARTS}, {_STARTS} + interval '30 minutes', {_STATE}, '', {_STARTS}, 1, 1,
        {_STARTS}, CASE n % 3 WHEN 0 THEN NULL ELSE n % 7 > 0 END
    FROM {_NUMBERS}""",
    f"""INSERT INTO period (appointment_id, kind, started_at, ended_at)
    SELECT n, kind,
        {_STARTS} + began * interval '1 second', {_STARTS} + ended * interval '1 second'
    FROM {_NUMBERS} CROSS JOIN LATERAL (VALUES
        ('waiting', 0, {_CALLED}),
        ('queued', {_CALLED}, {_CALLED} + {_QUEUED}),
        ('in_call', {_CALLED} + {_QUEUED}, {_CALLED} + {_QUEUED} + {_SPOKEN})
    ) AS stretch (kind, began, ended)
    WHERE n % 20 > 2 OR n % 20 = 2 AND kind <> 'in_call'""",
    # As a night makes them of the periods, but by the database.
    """INSERT INTO appointment_figures (appointment_id, day, week, relay_id,
        organisation_id, visit_reason_id, result, waited_seconds, call_seconds, queued,
        answered_in_time, pages_printed, pages_scanned, useful, useless, resolved,
        concluded)
    SELECT a.id, (a.starts_at AT TIME ZONE 'Europe/Paris')::date,
        date_trunc('week', a.starts_at AT TIME ZONE 'Europe/Paris')::date,
        a.kiosk_id, a.organisation_id, a.visit_reason_id,
        CASE a.state WHEN 'done' THEN 'honoured' WHEN 'no_show' THEN 'absent'
            ELSE a.state END,
        floor((extract(epoch FROM c.started_at - a.starts_at) + 5) / 10) * 10,
        floor((extract(epoch FROM c.ended_at - c.started_at) + 5) / 10) * 10,
        (q.id IS NOT NULL)::int,
        coalesce(c.started_at - q.started_at <= interval '60 seconds', false)::int,
        a.id % 4, a.id % 3, coalesce(a.was_useful, false)::int,
        coalesce(NOT a.was_useful, false)::int, 0, 0
    FROM appointment AS a
    LEFT JOIN period AS q ON q.appointment_id = a.id AND q.kind = 'queued'
    LEFT JOIN period AS c ON c.appointment_id = a.id AND c.kind = 'in_call'""",
    "INSERT INTO figures_refresh (id, refreshed_at) VALUES (1, now() + interval '1 day')",
    # How far it is, for two relays of three.
    """INSERT INTO travel_distance (relay_id, organisation_id, kilometres)
    SELECT relay.id, organisation.id, 5 + (relay.id * 7 + organisation.id * 11) % 60
    FROM relay CROSS JOIN organisation WHERE relay.id % 3 > 0""",
    "SET session_replication_role = DEFAULT",
)


@dataclass(frozen=True)
class Ground:
    """The region's database, and its supervisor's password."""

    url: str
    password: str
    periods: int

    @property
    def plain_url(self) -> str:
        """Give the address for the driver alone."""
        return plain(self.url)


def make_ground(url: str, folder: Path) -> Ground:
    """Fill an empty database of PostgreSQL."""
    password = make_site(url, folder)
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for statement in _FILLING:
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")
        row = connection.execute("SELECT count(*) FROM period").fetchone()
    assert row is not None
    return Ground(url, password, row[0])


def make_site(url: str, folder: Path) -> str:
    """Have the tables and the region's directory in an empty database; give the password."""
    upgrade(url)
    path, secrets = folder / "inventory.toml", folder / "secrets"
    path.write_text(_inventory())
    run_once(
        [str(Path(sys.executable).with_name("guichet-provision"))]
        + ["--database-url", url, "apply", str(path)]
        + ["--secrets-dir", str(secrets), "--sip-server", "127.0.0.1"],
        directory=folder,
    )
    passwords = tomllib.loads((secrets / "accounts.toml").read_text())
    return str(passwords[SUPERVISOR])


def plain(url: str) -> str:
    """Give an address of SQLAlchemy's as the driver reads it."""
    return url.replace("postgresql+psycopg", "postgresql")


def _inventory() -> str:
    lines = [
        f'[[users]]\nemail = "{SUPERVISOR}"\nname = "Bench"\nrole = "supervisor"',
    ]
    for number in range(RELAYS):
        slug = f"relay-{number:02}"
        lines += [
            f'[[relays]]\nslug = "{slug}"\nname = "{slug}"\ncommune = "{slug}"',
            f'[[kiosks]]\nslug = "kiosk-{slug}"\nrelay = "{slug}"',
        ]
    for number in range(ORGANISATIONS):
        slug = f"organisation-{number:02}"
        lines += [
            f'[[organisations]]\nslug = "{slug}"\nname = "{slug}"',
            f'[[counters]]\nslug = "counter-{number:02}"\nname = "1"\n'
            f'organisation = "{slug}"',
        ]
        lines += [
            f'[[reasons]]\nslug = "reason-{number:02}-{each}"\nname = "Reason {each}"\n'
            f'organisation = "{slug}"'
            for each in range(REASONS)
        ]
    return "\n".join(lines)

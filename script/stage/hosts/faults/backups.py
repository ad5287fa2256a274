# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: one that the plug interrupts, and some of other versions that are put back."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.server_database import downgrade, revisions, run_in_database

BACKUP_SECONDS = 240.0
RESTORE_SECONDS = 300.0
UP_SECONDS = 60.0
REPOSITORY = "/var/backups/guichet"
# A recording by a person is kept too: this one takes a while.
RECORDING = "/var/lib/guichet-asterisk/data/sounds/fr/guichet/long.wav"
RECORDING_MEGABYTES = 600
DAYS_LATER = 3
# Every moment that the server wrote down, so many days earlier.
_DAYS_EARLIER = """
from sqlalchemy.exc import DBAPIError
columns = session.execute(text("SELECT table_name, string_agg(column_name, ' ')"
    " FROM information_schema.columns JOIN information_schema.tables USING (table_name)"
    " WHERE columns.table_schema = 'public' AND table_type = 'BASE TABLE'"
    " AND data_type LIKE 'timestamp%' GROUP BY 1 ORDER BY 1"))
# By way of another age: a key that is unique meets no row that was not moved yet.
AGE = 400_000
for table, names in columns.all():
    try:
        with session.begin_nested():
            for by in (AGE, -AGE - {days}):
                moved = ", ".join(f'"{{n}}" = "{{n}}" + make_interval(days => {{by}})'
                    for n in names.split())
                session.execute(text(f'UPDATE "{{table}}" SET {{moved}}'))
    except DBAPIError:
        print(table)
# Places are freed and held, never moved.
for table in ("counter_slot", "kiosk_slot"):
    session.execute(text(f"CREATE TEMPORARY TABLE held AS SELECT * FROM {{table}}"))
    session.execute(text("UPDATE held SET starts_at = starts_at - make_interval(days => {days})"))
    session.execute(text(f"DELETE FROM {{table}}"))
    session.execute(text(f"INSERT INTO {{table}} SELECT * FROM held"))
    session.execute(text("DROP TABLE held"))
"""
_UNALTERED = {"counter_slot", "directory_act", "journal", "journal_link", "kiosk_slot"}
# One revision back: what the version before had.
BEFORE, LATER = "appointments@-1", "appointments_9999"


def backup_interrupted(ground: Ground) -> None:
    """The server's plug is pulled while it is backed up: earlier and later ones are whole."""
    server = ground.server
    first = backup(ground)
    server.run("sh", "-c", f"head -c {RECORDING_MEGABYTES}M /dev/urandom >{RECORDING}")
    try:
        before = _kilobytes(ground)
        running = subprocess.Popen(
            [*server.enter(), "guichet-server", "backup"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ground.wait(
            lambda: _kilobytes(ground) > before + 50_000,
            "the backup is under way",
            BACKUP_SECONDS,
            0.1,
        )
        ground.expect(running.poll() is None, "the backup ended before the plug")
        server.pull_plug()
        running.wait(UP_SECONDS)
        server.boot()
        kept = [each["id"] for each in _asked(ground, "backups")["backups"]]
        ground.expect(kept and kept[0] == first, f"{first} is not the latest: {kept}")
        _try_out(ground)
    finally:
        server.run("rm", "--force", RECORDING)
    with ground.timed("next_backup_seconds"):
        second = backup(ground)
    ground.expect(second != first, "no new backup was made")
    _try_out(ground)


def other_versions_restored(ground: Ground) -> None:
    """A backup of a later version is refused, one of an earlier is brought to this one."""
    server = ground.server
    present = revisions(ground.server)
    with later_tables(ground):
        later = backup(ground)
    ground.expect(
        revisions(ground.server) == present, "the revisions are not what they were"
    )
    appointment = ground.begin_call()
    refused = server.ask(
        *("guichet-server", "restore", later, "--replace"),
        timeout_seconds=RESTORE_SECONDS,
    )
    said = (refused.stdout + refused.stderr).decode().strip()
    ground.expect(refused.returncode == 1, f"a later backup was taken: {said}")
    ground.seen["later"] = said.splitlines()[-1]
    # Nothing was stopped for it.
    ground.expect_call(appointment)
    ground.end_call(appointment)
    _restore_earlier(ground, present)


def restored_on_another_day(ground: Ground) -> None:
    """A server is lost in a call, and is restored days later from the backup of that moment."""
    server = ground.server
    broken = ground.begin_call()
    # Nobody writes down how the call ends.
    server.run("systemctl", "stop", "guichet-dispatcher.service")
    server.run("systemctl", "kill", "--signal=KILL", "guichet-asterisk.service")
    server.run("systemctl", "stop", "guichet-server.target")
    left = run_in_database(server, _DAYS_EARLIER.format(days=DAYS_LATER)).split()
    # What triggers let nobody alter.
    ground.expect(set(left) == _UNALTERED, f"these stayed as they were: {left}")
    kept = backup(ground)
    with ground.timed("restored_seconds"):
        restore(ground, kept)
    state = ground.wait_state_after(broken)
    ground.expect(
        state == "interrupted", f"the call of {DAYS_LATER} days ago is {state}"
    )
    # Its day is over: nobody calls it again, or waits for its resident.
    ground.interrupted.clear()
    # Raises where the chain is broken.
    server.run("guichet-web", "verify-journal")


def _restore_earlier(ground: Ground, present: list[str]) -> None:
    server = ground.server
    server.run("systemctl", "stop", "guichet-server.target")
    downgrade(server, BEFORE)
    ground.expect(revisions(ground.server) != present, "the tables are of this version")
    earlier = backup(ground)
    with ground.timed("restored_seconds"):
        restore(ground, earlier)
    ground.expect(
        revisions(ground.server) == present, "the tables are of another version"
    )


def backup(ground: Ground) -> str:
    """Back the server up; give the backup's id."""
    told = _asked(ground, "backup")
    ground.expect(told["ok"], f"the backup: {told}")
    return str(told["id"])


def restore(ground: Ground, kept: str) -> None:
    """Put that backup back, in place of what is there."""
    ground.server.run(
        *("guichet-server", "restore", kept, "--replace"),
        timeout_seconds=RESTORE_SECONDS,
    )


@contextmanager
def later_tables(ground: Ground) -> Iterator[None]:
    """Have the tables say that they are of a later version, unless others came meanwhile."""
    line = f"INSERT INTO alembic_version VALUES ('{LATER}')"
    run_in_database(ground.server, f'session.execute(text("{line}"))')
    try:
        yield
    finally:
        line = f"DELETE FROM alembic_version WHERE version_num = '{LATER}'"
        run_in_database(ground.server, f'session.execute(text("{line}"))')


def _asked(ground: Ground, *words: str) -> Any:
    said = ground.server.run(
        "guichet-server", *words, "--json", timeout_seconds=BACKUP_SECONDS
    )
    return json.loads(said)


def _try_out(ground: Ground) -> None:
    told = _asked(ground, "restore", "--dry-run")
    ground.expect(told["ok"], f"the latest backup cannot be restored: {told}")


def _kilobytes(ground: Ground) -> int:
    return int(
        ground.server.run("du", "--summarize", "--block-size=1K", REPOSITORY).split()[0]
    )

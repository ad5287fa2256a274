# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server move-database`: from SQLite to PostgreSQL, or everything as it was."""

import time
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import make_url

from provisioning.commands.context import json_option, print_json
from provisioning.server.answers import Answers
from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.moving_tables import is_empty, move_tables
from provisioning.server.backup.places import Places
from provisioning.server.backup.turns import only_one
from provisioning.server.checks.all import run_checks, wait_until_serving
from provisioning.server.checks.check import serves
from provisioning.server.database import (
    DATABASE,
    Psql,
    guichet_web,
    pages_url,
    prepare_database,
    upgrade_tables,
)
from provisioning.server.errors import ServerError
from provisioning.server.lock import one_at_a_time
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.preparing import install_packages
from provisioning.server.services import start_services, stop_everything
from provisioning.server.site_files import write_files
from provisioning.server.units import enabled
from provisioning.server.work import Work

KINDS = ("postgresql",)


@click.command("move-database")
@click.argument("kind", type=click.Choice(KINDS))
@json_option
def move_database(kind: str, as_json: bool) -> None:
    """Move everything from SQLite into a PostgreSQL database of this machine.

    Nobody can work meanwhile, for a minute or so; calls end. Where anything fails, all stays
    as it was. The SQLite file is kept.
    """
    require_root()
    machine = Machine()
    before = installed_answers(machine)
    if before.database == kind:
        raise BackupError(f"the database of this server is {kind} already")
    began = time.monotonic()
    with (
        one_at_a_time("guichet-server move-database"),
        only_one(Places(machine.root)),
    ):
        moved = _Move(machine, before).carry_out()
    told = {"ok": moved.is_ok, "rows": moved.rows, "kept": str(moved.kept)}
    told["seconds"] = round(time.monotonic() - began, 1)
    if as_json:
        print_json(told)
    else:
        click.echo(
            f"{moved.rows} rows are in PostgreSQL; the SQLite file is kept as {moved.kept}"
        )
    if not moved.is_ok:
        raise BackupError("a check failed afterwards: see guichet-server check")


@dataclass(frozen=True)
class _Moved:
    rows: int
    kept: Path
    is_ok: bool


class _Move:
    """One move, and how it is undone."""

    def __init__(self, machine: Machine, before: Answers) -> None:
        self._machine = machine
        self._former = Work(machine, before)
        after = before.model_copy(update={"database": "postgresql"})
        self._work = Work(machine, after)

    def carry_out(self) -> _Moved:
        """Do it; raises ServerError, and then all is as it was."""
        url = pages_url(self._machine, "postgresql")
        install_packages(self._work)
        prepare_database(self._work)
        if not is_empty(make_url(url)):
            raise BackupError(
                f'there are tables in the PostgreSQL database "{DATABASE}" already: look'
                " whose they are; nothing was changed"
            )
        stop_everything(self._machine)
        try:
            counts = self._fill(url)
            write_files(self._work)
            upgrade_tables(self._work)
            start_services(self._work)
            wait_until_serving(self._machine, self._work.answers)
        except BaseException:
            self._undo()
            raise
        kept = self._put_away()
        checks = run_checks(self._machine, self._work.answers)
        return _Moved(sum(counts.values()), kept, serves(checks))

    def _fill(self, url: str) -> dict[str, int]:
        # A file of an older version would have other tables.
        guichet_web(self._machine, "upgrade-database")
        guichet_web(self._machine, "--database-url", url, "upgrade-database")
        return move_tables(self._machine.sqlite_file, make_url(url))

    def _undo(self) -> None:
        stop_everything(self._machine)
        write_files(self._former)
        Psql(self._machine.programs).run(
            f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE);'
        )
        try:
            start_services(self._former)
        except ServerError:
            self._machine.programs.run("systemctl", "start", *enabled())

    def _put_away(self) -> Path:
        """Give the file another name, so that nobody takes it for the database."""
        file = self._machine.sqlite_file
        kept = file.with_name(f"{file.name}.moved")
        for leftover in ("-wal", "-shm"):
            Path(f"{file}{leftover}").unlink(missing_ok=True)
        file.rename(kept)
        return kept

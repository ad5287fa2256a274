# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database of the server: made, brought to this version, and opened to Asterisk.

In Debian's PostgreSQL the pages and Asterisk each have a role, known by the user who connects:
there is no password. Asterisk's reads the tables that it must, and pauses a queue's member.
SQLite, which former versions offered, is a file that Asterisk can read and write as a whole.
"""

from importlib.metadata import version

import click

from provisioning.server.errors import ServerError
from provisioning.server.files import ASTERISK, PAGES
from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed, Programs
from provisioning.server.work import Work

SOCKETS = "/var/run/postgresql"
DATABASE = "guichet"
# Which version the tables and settings are of; a backup says it.
VERSION = "/etc/guichet/version"
READ_BY_ASTERISK = (
    "ps_endpoints",
    "ps_auths",
    "ps_aors",
    "queues",
    "queue_members",
    "callable_appointment",
)
# A counsellor who keys *55 pauses; Asterisk notes it in their row.
WRITTEN_BY_ASTERISK = "UPDATE (paused, reason_paused) ON queue_members"


def pages_url(machine: Machine, kind: str) -> str:
    """Give the database's address for the pages."""
    if kind == "sqlite":
        return f"sqlite:///{machine.sqlite_file}"
    return f"postgresql+psycopg://{PAGES}@/{DATABASE}?host={SOCKETS}"


def asterisk_url(machine: Machine, kind: str) -> str:
    """Give the database's address for Asterisk."""
    if kind == "sqlite":
        return pages_url(machine, kind)
    return f"postgresql+psycopg://{ASTERISK}@/{DATABASE}?host={SOCKETS}"


class Psql:
    """SQL by the program psql, as the administrator of a cluster."""

    def __init__(
        self, programs: Programs, options: tuple[str, ...] = (), user: str = "postgres"
    ) -> None:
        self._programs = programs
        self._options = options
        self._user = user

    def run(self, sql: str, database: str = "postgres") -> str:
        """Run statements and give what they answer; raises ProgramFailed."""
        return self._programs.run(
            *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
            *("--set", "ON_ERROR_STOP=1", "--dbname", database, *self._options),
            user=self._user,
            text=sql,
        ).strip()

    def has(self, table: str, column: str, name: str) -> bool:
        """Tell whether a catalogue has an entry of this name."""
        return bool(self.run(f"SELECT 1 FROM {table} WHERE {column} = '{name}';"))


def make_roles_and_database(psql: Psql) -> bool:
    """Make what is missing of the two roles and the database; tell whether any was."""
    has_changed = False
    for role in (PAGES, ASTERISK):
        if not psql.has("pg_roles", "rolname", role):
            psql.run(f'CREATE ROLE "{role}" LOGIN;')
            has_changed = True
    if not psql.has("pg_database", "datname", DATABASE):
        # template0: a cluster that was made without a language has SQL_ASCII.
        psql.run(
            f'CREATE DATABASE "{DATABASE}" OWNER "{PAGES}" TEMPLATE template0'
            " ENCODING 'UTF8' LOCALE 'C.UTF-8';"
        )
        has_changed = True
    return has_changed


def restrict(psql: Psql) -> None:
    """Give Asterisk's role what it needs in the database as it is now, and nothing more.

    Nor does the cluster's log repeat the row that could not be written.
    """
    psql.run(f'ALTER DATABASE "{DATABASE}" SET log_error_verbosity TO terse;')
    tables = ", ".join(READ_BY_ASTERISK)
    psql.run(
        f"""
        BEGIN;
        REVOKE ALL ON DATABASE "{DATABASE}" FROM PUBLIC;
        GRANT CONNECT ON DATABASE "{DATABASE}" TO "{ASTERISK}";
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{ASTERISK}";
        GRANT USAGE ON SCHEMA public TO "{ASTERISK}";
        GRANT SELECT ON {tables} TO "{ASTERISK}";
        GRANT {WRITTEN_BY_ASTERISK} TO "{ASTERISK}";
        COMMIT;
        """,
        DATABASE,
    )


def prepare_database(work: Work) -> bool:
    """Have the database there, empty perhaps. Raises ServerError for a new SQLite one."""
    if work.answers.database == "sqlite":
        if work.machine.sqlite_file.exists():
            return False
        raise ServerError(
            'a new server keeps its data in PostgreSQL: take the key "database" out of the'
            " answers. One that had SQLite, and whose file is gone: guichet-server restore"
        )
    work.machine.programs.run("systemctl", "enable", "--quiet", "postgresql.service")
    work.machine.programs.run("systemctl", "start", "postgresql.service")
    return make_roles_and_database(Psql(work.machine.programs))


def upgrade_tables(work: Work) -> bool:
    """Bring the tables to this version, and note that; tell whether there was something to do."""
    has_changed = is_upgrade_pending(work.machine)
    if has_changed:
        guichet_web(work.machine, "upgrade-database")
    if work.answers.database == "postgresql":
        restrict(Psql(work.machine.programs))
    _refresh_rows(work.machine)
    work.write(work.machine.path(VERSION), f"{version('guichet-virtuel')}\n")
    return has_changed


def _refresh_rows(machine: Machine) -> None:
    """Have Asterisk read of each telephone what this version writes."""
    try:
        guichet_provision(machine, "refresh")
    except ProgramFailed as error:
        # Somebody took a row away: a secret of its owner's is to be handed out.
        click.echo(
            f"what Asterisk reads of telephones stays as it was: {error}", err=True
        )


def refuse_later_tables(machine: Machine) -> None:
    """Raise ServerError where the tables are of a later version than this program.

    Asked of a program that reads of the settings what it knows, and no more: those of a later
    version, too, are still there.
    """
    try:
        guichet_provision(machine, "upgrade-database", "--dry-run")
    except ProgramFailed as error:
        raise ServerError(
            f"{error}. Nothing was changed. Where the tables are of a later version, the"
            " backup that was made before it brings them back: guichet-server backups, then"
            " guichet-server restore ID --replace (docs/backup.md)"
        ) from error


def is_upgrade_pending(machine: Machine) -> bool:
    """Ask whether the tables are older than this version; raises ProgramFailed."""
    return "pending" in guichet_web(machine, "upgrade-database", "--dry-run")


def guichet_web(machine: Machine, *arguments: str) -> str:
    """Run `guichet-web` as the pages' user and give its output; raises ProgramFailed."""
    return machine.programs.run(
        *("guichet-web", "--config", str(machine.layout.settings), *arguments),
        user=PAGES,
    )


def guichet_provision(machine: Machine, *arguments: str) -> str:
    """Run `guichet-provision` as the pages' user and give its output; raises ProgramFailed."""
    return machine.programs.run("guichet-provision", *arguments, user=PAGES)

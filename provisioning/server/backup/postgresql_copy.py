# SPDX-License-Identifier: AGPL-3.0-or-later
"""Copies of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from sqlalchemy import URL

from provisioning.server.backup.errors import BackupError, NoRoom

NAME = "guichet.dump"


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


class FrozenPostgresql:
    """A PostgreSQL database as it was at one moment, whatever is written meanwhile."""

    name = NAME

    def __init__(
        self, url: URL, connection: psycopg.Connection[tuple[Any, ...]], snapshot: str
    ) -> None:
        self._url = url
        self._connection = connection
        self._snapshot = snapshot

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Give what is answered at that moment."""
        return self._connection.execute(question.encode()).fetchall()

    def tables(self) -> list[str]:
        """Name the tables."""
        return sorted(str(name) for [name] in self.rows(_TABLES))

    def write_copy(self, target: Path) -> None:
        """Write it into a new file."""
        target.touch(mode=0o600)
        with target.open("wb") as file:
            run_program(
                self._url,
                "pg_dump",
                # Not compressed: what did not change is kept once.
                *("--format=custom", "--compress=0", "--no-owner", "--no-privileges"),
                f"--snapshot={self._snapshot}",
                writes=file,
            )


@contextmanager
def frozen(url: URL) -> Iterator[FrozenPostgresql]:
    """Keep the database's state of now to be copied; nobody is kept from writing."""
    try:
        with connected(url) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            [[snapshot]] = connection.execute("SELECT pg_export_snapshot()").fetchall()
            yield FrozenPostgresql(url, connection, str(snapshot))
    except psycopg.Error as error:
        raise BackupError(f"the database cannot be read: {error}") from error


@contextmanager
def connected(url: URL) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Connect as whom the address names, root also where the server asks who that is."""
    user = local_user(url)
    if user is not None:
        # The server is told whoever connects (peer): root borrows the name for that moment.
        os.seteuid(user.pw_uid)
    try:
        connection = psycopg.connect(conninfo(url), autocommit=True)
    finally:
        if user is not None:
            os.seteuid(0)
    with connection:
        yield connection


def local_user(url: URL) -> pwd.struct_passwd | None:
    """Give who must connect by the machine's own socket; None where anybody may."""
    host = str(url.query.get("host") or url.host or "")
    if os.geteuid() != 0 or not (host == "" or host.startswith("/")):
        return None
    try:
        return pwd.getpwnam(url.username or "root")
    except KeyError:
        return None


def bring_back(url: URL, file: Path) -> None:
    """Fill an empty database with a copy, all of it or nothing."""
    with file.open("rb") as copy:
        run_program(
            url,
            "pg_restore",
            *("--no-owner", "--no-privileges", "--exit-on-error"),
            "--single-transaction",
            reads=copy,
        )


def check_whole(file: Path) -> None:
    """Raise BackupError where a copy's contents cannot be read."""
    done = _run(["pg_restore", "--file=/dev/null", str(file)], {})
    if done.returncode != 0:
        raise BackupError(
            f"the copy of the database is damaged: {done.stderr.decode().strip()}"
        )


def run_program(
    url: URL,
    program: str,
    *arguments: str,
    reads: BinaryIO | None = None,
    writes: BinaryIO | None = None,
) -> None:
    """Run one of PostgreSQL's programs on this database; raises BackupError."""
    named = url.set(drivername="postgresql", password=None)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = _run(
        [program, f"--dbname={named.render_as_string()}", *arguments],
        password,
        user=local_user(url),
        reads=reads,
        writes=writes,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        if "No space left" in said:
            raise NoRoom(f"{program}: there is no room left on a disk: {said}")
        raise BackupError(f"{program}: {said}")


def conninfo(url: URL) -> str:
    """Give the database's address as libpq takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(
    command: Sequence[str],
    environment: dict[str, str],
    user: pwd.struct_passwd | None = None,
    reads: BinaryIO | None = None,
    writes: BinaryIO | None = None,
) -> subprocess.CompletedProcess[bytes]:
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is missing: apt install postgresql-client")
    identity: dict[str, Any] = {}
    if user is not None:
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return subprocess.run(
        command,
        env=os.environ | environment,
        cwd="/",
        stdin=reads or subprocess.DEVNULL,
        stdout=writes or subprocess.PIPE,
        stderr=subprocess.PIPE,
        **identity,
    )

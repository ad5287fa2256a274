# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stands for the program psql where a test's own cluster is meant."""

import psycopg

from provisioning.server.programs import Ran


class ByDriver:
    """Runs psql's statements by psycopg, as the administrator of the cluster."""

    def __init__(self, port: int) -> None:
        self._port = port

    def run(self, *arguments: str, user: str = "", text: str | None = None) -> str:
        """Give the first column of what the statements answer."""
        assert arguments[0] == "psql" and text is not None
        database = arguments[arguments.index("--dbname") + 1]
        with psycopg.connect(
            f"host=127.0.0.1 port={self._port} user={user} dbname={database}",
            autocommit=True,
        ) as connection:
            cursor = connection.execute(text.encode())
            if cursor.description is None:
                return ""
            return "\n".join(str(row[0]) for row in cursor.fetchall())

    def try_to_run(self, *arguments: str, user: str = "") -> Ran:
        """Is asked for nothing here."""
        raise AssertionError(arguments)

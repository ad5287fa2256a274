# SPDX-License-Identifier: AGPL-3.0-or-later
"""How Asterisk reaches the database: what odbc.ini says of it. Pure."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL


class OdbcError(Exception):
    """Asterisk cannot read such a database; the message says what to change."""


def odbc_database(url: URL) -> dict[str, Any]:
    """Give the driver's name and settings for odbc.ini; raises OdbcError."""
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).is_absolute():
            raise OdbcError("the SQLite database must be a file with an absolute path")
        return {
            "driver": "sqlite",
            "settings": {
                "Database": url.database,
                # Milliseconds that a lookup waits for a writer.
                "Timeout": 5000,
                "JournalMode": "WAL",
                "SyncPragma": "NORMAL",
            },
        }
    if url.get_backend_name() == "postgresql":
        return {
            "driver": "postgresql",
            "settings": {
                "Servername": url.query.get("host") or url.host or "localhost",
                "Port": url.query.get("port") or url.port or 5432,
                "Database": url.database,
                "Username": url.username or "",
                "Password": url.password or "",
                "ReadOnly": "No",
                "MaxVarcharSize": 4000,
            },
        }
    raise OdbcError(f"Asterisk cannot read a {url.get_backend_name()} database here")

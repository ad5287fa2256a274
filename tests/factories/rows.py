# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the database holds now, for a test that looks at it."""

from typing import Any

from sqlalchemy import inspect, select

from provisioning.database.engine import Database


def rows(database: Database, table: Any) -> list[Any]:
    """Give all rows of a table, the oldest first."""
    key = inspect(table).primary_key
    with database.read() as session:
        return list(session.scalars(select(table).order_by(*key)))

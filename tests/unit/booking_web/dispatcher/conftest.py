# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small directory in a database of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import booking_web.tables.rate_limits  # noqa: F401 - its table belongs to the schema
from provisioning.database.engine import Base, Database
from stage.appointments import put_directory


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give three kiosks (kiosk-1, ...), the MSA with a counsellor, and the CAF."""
    database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
    Base.metadata.create_all(database.engine)
    with database.write() as session:
        put_directory(session)
    yield database
    database.dispose()

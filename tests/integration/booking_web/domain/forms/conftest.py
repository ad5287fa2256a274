# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library of forms on either database, its PDFs in a store of the test's own."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.library import Library, Sent
from provisioning.database.engine import Database
from provisioning.database.models import Organisation
from stage.kiosk_ground import archive_of


@pytest.fixture
def either_database(either_ground) -> Iterator[Database]:
    """Give the database of the demo inventory, SQLite and then PostgreSQL."""
    database = Database(either_ground.url)
    yield database
    database.dispose()


@pytest.fixture
def archive(either_database: Database, either_ground, tmp_path: Path) -> Archive:
    """Give the documents that lie in the same store."""
    return archive_of(either_database, either_ground.url, tmp_path)


@pytest.fixture
def library(either_database: Database, archive: Archive) -> Library:
    """Give the library of forms."""
    return Library(either_database, archive.store, utc_now)


@pytest.fixture
def sent(either_database: Database) -> Callable[..., Sent]:
    """Give a function that gives what a manager's page sends, each time another form."""
    numbers = count(1)
    with either_database.read() as session:
        ids = {each.slug: each.id for each in session.scalars(select(Organisation))}

    def send(organisation: str = "msa") -> Sent:
        return Sent(ids[organisation], "user:1", f"submission {next(numbers)}")

    return send

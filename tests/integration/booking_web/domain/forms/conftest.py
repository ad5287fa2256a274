# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library of forms and drafts of them, on either database, PDFs in a store of the test's own."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from provisioning.database.engine import Database
from provisioning.database.models import Organisation
from stage.kiosk_ground import archive_of
from tests.factories.drafts import ANNE, appointment_of, edition_of, resident_in
from tests.factories.forms_described import an_allowance


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


@pytest.fixture
def drafts(either_database: Database, archive: Archive) -> Drafts:
    """Give the drafts of all forms."""
    return Drafts(either_database, archive.store.key, utc_now)


@pytest.fixture
def form_id(library: Library, sent: Callable[..., Sent]) -> int:
    """Give a form of the MSA's library."""
    return library.take_in(sent(), "Demande", an_allowance())


@pytest.fixture
def begun(drafts: Drafts, form_id: int, either_database: Database) -> int:
    """Give a draft that Anne has begun, for a resident who is known."""
    resident = resident_in(either_database)
    appointment = appointment_of(either_database, resident)
    return drafts.begin(edition_of(either_database, form_id), appointment, ANNE)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small directory in a database of its own, and a way to book in it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Kiosk, Organisation, Relay, User
from tests.factories.orders import an_order
from tests.factories.templates import copy_of, make_template
from tests.folders import Folders

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)


def _fill(session: Session) -> None:
    for number, slug in enumerate(("wassigny", "guise"), 1):
        session.add(Relay(id=number, slug=slug, name=slug, commune=slug))
        session.flush()
        session.add(
            Kiosk(
                id=number,
                slug=f"kiosk-{slug}",
                relay_id=number,
                token_digest=f"digest-{number}",
            )
        )
        session.add(
            User(
                id=number,
                email=f"{slug}@mairie.example",
                name=slug,
                password="unused",
                session_key=slug,
                role="secretary",
                relay_id=number,
            )
        )
    for number, slug in enumerate(("msa", "caf"), 1):
        session.add(Organisation(id=number, slug=slug, name=slug, short_name=slug))
    session.flush()
    for number, organisation_id in enumerate((1, 1, 2), 1):
        session.add(
            Counter(
                id=number,
                slug=f"counter-{number}",
                name=f"{number}",
                organisation_id=organisation_id,
            )
        )


@pytest.fixture(scope="session")
def _template(tmp_path_factory: Folders) -> Path:
    return make_template(tmp_path_factory.mktemp("template"), _fill)


@pytest.fixture
def database(_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give two relays with a kiosk, the MSA with two counters, the CAF with one."""
    database = copy_of(_template, tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Give a writing session that commits at the end of the test."""
    with database.write() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    """Give the instant at which the tests happen."""
    return NOW


@pytest.fixture
def booked(session: Session) -> Callable[..., Appointment]:
    """Give a function that books and gives the appointment."""
    numbers = iter(range(1000))

    def book_one(
        starts_at: datetime | None = None,
        *,
        relay: str = "wassigny",
        organisation: str = "msa",
        now: datetime = NOW,
    ) -> Appointment:
        request = an_order(
            token=f"form-{next(numbers)}",
            relay=relay,
            organisation=organisation,
            starts_at=starts_at,
        )
        return book(session, request, now).appointment

    return book_one

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dispatcher on a real Asterisk of these tests' own: they leave frozen kiosks behind."""

from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.asterisk_alone import asterisk_alone
from stage.operator_line import add_operator_line
from stage.stack import ASTERISK_FILE, Stage


@pytest.fixture(scope="session")
def one_asterisk() -> Iterator[Stage]:
    """Give a provisioned system of which only Asterisk runs; it has a telephone line."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with asterisk_alone(add_operator_line) as stage:
        yield stage


@pytest.fixture
def book(asterisk_stage: Stage) -> Iterator[AppointmentBook]:
    """Give the stage's appointments; none is left for the next test."""
    database = asterisk_stage.database()
    book = AppointmentBook(database)
    book.close_all()
    yield book
    asterisk_stage.stop("dispatcher")
    book.close_all()
    database.dispose()


@pytest.fixture
def dispatched(asterisk_stage: Stage, book: AppointmentBook, ami: BareAmi) -> Stage:
    """Give the stage with its dispatcher at work, and a manager connection beside it."""
    asterisk_stage.start("dispatcher")
    return asterisk_stage

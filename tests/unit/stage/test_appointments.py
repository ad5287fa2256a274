# SPDX-License-Identifier: AGPL-3.0-or-later
"""A state that passed while nobody looked was reached all the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking_web.tables.appointment import Period
from booking_web.tables.states import AppointmentState as S
from booking_web.tables.states import PeriodKind
from provisioning.database.engine import Database
from stage.appointments import AppointmentBook, put_directory
from stage.waiting import NotInTime
from tests.factories.templates import copy_of, make_template
from tests.folders import Folders


@pytest.fixture(scope="module")
def template(tmp_path_factory: Folders) -> Path:
    return make_template(tmp_path_factory.mktemp("template"), put_directory)


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    database = copy_of(template, tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def book(database: Database) -> AppointmentBook:
    return AppointmentBook(database)


def _add_periods(database: Database, number: int, *kinds: PeriodKind) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        for kind in kinds:
            session.add(Period(appointment_id=number, kind=kind, started_at=now))
            session.flush()


def test_a_state_on_the_line_that_passed_was_reached(
    database: Database, book: AppointmentBook
) -> None:
    number = book.put("kiosk-1", "msa", state=S.IN_CALL)
    _add_periods(
        database, number, PeriodKind.RINGING, PeriodKind.QUEUED, PeriodKind.IN_CALL
    )
    for state in (S.CALLING, S.QUEUED, S.IN_CALL):
        book.wait(number, state, timeout_seconds=0)


def test_an_earlier_call_is_not_taken_for_this_one(
    database: Database, book: AppointmentBook
) -> None:
    number = book.put("kiosk-1", "msa", state=S.CALLING)
    _add_periods(
        database, number, PeriodKind.RINGING, PeriodKind.QUEUED, PeriodKind.RINGING
    )
    with pytest.raises(NotInTime, match="is queued.*it is calling"):
        book.wait(number, S.QUEUED, timeout_seconds=0)

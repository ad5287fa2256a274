# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work that is run again when another transaction came first."""

import sqlite3

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from booking_web.base.transactions import ATTEMPTS, DatabaseBusy, in_transaction
from provisioning.database.models import Organisation


def organisation(slug):
    return Organisation(slug=slug, name=slug, short_name=slug)


def test_work_is_committed_and_its_result_given(database) -> None:
    def work(session):
        session.add(organisation("caf-aisne"))
        return "done"

    assert in_transaction(database, work) == "done"
    with database.read() as session:
        assert "caf-aisne" in session.scalars(select(Organisation.slug)).all()


def test_work_that_met_another_transaction_starts_afresh(database) -> None:
    runs = []

    def work(session):
        runs.append(session)
        session.add(organisation("fresh"))
        session.flush()
        if len(runs) < 3:
            session.add(organisation("msa"))
            session.flush()
        return len(runs)

    assert in_transaction(database, work) == 3


def test_a_conflict_that_stays_is_not_hidden(database) -> None:
    runs = []

    def work(session):
        runs.append(1)
        session.add(organisation("msa"))

    with pytest.raises(IntegrityError):
        in_transaction(database, work)
    assert len(runs) == ATTEMPTS


def test_a_lock_that_stays_is_said_in_its_own_words(database) -> None:
    runs = []

    def work(session):
        runs.append(1)
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("BEGIN IMMEDIATE", None, error)

    with pytest.raises(DatabaseBusy):
        in_transaction(database, work, locked_attempts=2)
    assert len(runs) == 2


def test_other_failures_of_the_database_are_not_repeated(database) -> None:
    def work(session):
        session.connection().exec_driver_sql("SELECT * FROM nowhere")

    with pytest.raises(OperationalError, match="no such table"):
        in_transaction(database, work)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every row of an SQLite database is in PostgreSQL afterwards, or none is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.documents import Document
from provisioning.database.engine import Database
from provisioning.database.models import Relay, User, VisitReason
from provisioning.database.schema import upgrade
from provisioning.server.backup import moving_tables
from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.frozen_database import count_rows, frozen
from provisioning.server.backup.moving_tables import is_empty, move_tables
from stage.appointments import put_appointment
from tests.integration.provisioning.server.backup.conftest import SmallSite

NAME = "Mme Œuvrard-Saÿ\tdite « l'Ancienne »\\N"


@pytest.fixture
def full(site: SmallSite) -> SmallSite:
    """Give a site with residents that refer to each other, documents and odd texts."""
    site.add_document(1, b"a paper")
    database = Database(site.url)
    now = datetime(2026, 3, 29, 0, 59, 59, 1, tzinfo=UTC)
    with database.write() as session:
        relay = session.scalars(select(Relay.id)).first()
        user = session.scalars(select(User.id)).first()
        people = [
            Resident(
                relay_id=relay,
                name=NAME,
                search_key="x",
                created_at=now,
                created_by_id=user,
                seen_at=now + timedelta(days=number),
            )
            for number in range(3)
        ]
        session.add_all(people)
        session.flush()
        # The first refers to one that comes later.
        people[0].merged_into_id = people[2].id
        put_appointment(session, "kiosk-wassigny", "msa")
    database.dispose()
    return site


def file_of(site: SmallSite) -> Path:
    """Give the site's SQLite file."""
    return Path(make_url(site.url).database or "")


def test_all_rows_are_there_and_numbers_go_on(
    full: SmallSite, postgresql: Callable[[], str]
) -> None:
    url = postgresql()
    assert is_empty(make_url(url))
    upgrade(url)
    counts = move_tables(file_of(full), make_url(url))
    with frozen(make_url(full.url)) as before, frozen(make_url(url)) as after:
        assert count_rows(before) == count_rows(after)
        assert counts["resident"] == 3
        assert counts["appointment"] == 2
    database = Database(url)
    with database.write() as session:
        people = session.scalars(select(Resident).order_by(Resident.id)).all()
        assert [each.name for each in people] == [NAME] * 3
        assert people[0].merged_into_id == people[2].id
        assert people[1].seen_at == datetime(2026, 3, 30, 0, 59, 59, 1, tzinfo=UTC)
        papers = session.scalars(select(VisitReason.papers)).all()
        assert any(papers)
        assert session.scalars(select(Document.title)).all() == ["Scan"]
        last = max(session.scalars(select(Appointment.id)))
        assert put_appointment(session, "kiosk-guise", "msa") == last + 1
    database.dispose()


def test_a_table_that_differs_afterwards_moves_nothing(
    full: SmallSite,
    postgresql: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgresql()
    upgrade(url)

    def swallow(value: object, kind: str) -> object:
        return "lost" if value == NAME else told(value, kind)

    told = moving_tables._told
    monkeypatch.setattr(moving_tables, "_told", swallow)
    with pytest.raises(BackupError, match="resident is not the same"):
        move_tables(file_of(full), make_url(url))
    database = Database(url)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM resident")) == 0
        assert session.scalar(text("SELECT count(*) FROM relay")) == 0
    database.dispose()


def test_another_schema_is_refused(
    full: SmallSite, postgresql: Callable[[], str]
) -> None:
    url = postgresql()
    upgrade(url, revision="appointments_0017")
    with pytest.raises(BackupError, match="differs|same version"):
        move_tables(file_of(full), make_url(url))

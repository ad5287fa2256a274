# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often a secretary's booking asks the database, and how often while others wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from booking_web.shell.services import EXTENSION
from tests.integration.booking_web.conftest import SECRETARY, Desk

# A new resident at an hour of another day: user, relay, organisations and reasons are read
# before; the rest is read and written while others who write wait.
MOST_STATEMENTS = 16
MOST_WHILE_OTHERS_WAIT = 12


@pytest.fixture
def desk(new_app, either_ground) -> Desk:
    app = new_app(either_ground)
    desk = Desk(app.test_client(), either_ground.passwords)
    assert desk.sign_in(SECRETARY).status_code == 302
    return desk


@pytest.fixture
def statements(desk) -> Iterator[list[tuple[bool, str]]]:
    """Give what is asked: whether in a writing transaction, and the statement."""
    engine = desk.client.application.extensions[EXTENSION].database.engine
    asked: list[tuple[bool, str]] = []

    def note(connection, _cursor, statement, _parameters, _context, _many) -> None:
        options = connection.get_execution_options()
        asked.append((options.get("sqlite_begin") == "IMMEDIATE", statement))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_a_booking_asks_little_and_less_while_others_wait(desk, statements) -> None:
    form = desk.form()
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    statements.clear()
    answer = desk.book(form, when="at", day=day, hour="10:00")
    assert answer.status_code == 303
    asked = "\n".join(statement for _, statement in statements)
    assert len(statements) <= MOST_STATEMENTS, asked
    assert sum(is_writing for is_writing, _ in statements) <= MOST_WHILE_OTHERS_WAIT
    for table in ("resident", "appointment", "kiosk_slot", "counter_slot", "journal"):
        assert f"INSERT INTO {table} " in asked

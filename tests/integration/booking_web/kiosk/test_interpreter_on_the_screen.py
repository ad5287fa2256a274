# SPDX-License-Identifier: AGPL-3.0-or-later
"""The call's scene says, in the resident's language, that an interpreter comes or is here."""

import html
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from booking_web.domain.appointments.interpreters.calls import (
    call_ended,
    interpreter_came,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import InterpreterCall
from stage.kiosk_ground import S, book_one, bring_to
from tests.factories.interpreters import book_interpreter, let_interpret


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    assert ground.let_in(client, "kiosk-wassigny").status_code == 303
    return lambda: html.unescape(client.get("/borne").text)


@pytest.mark.parametrize(
    ("language", "comes", "is_here"),
    [
        ("fr", "Un interprète arrive.", "L'interprète est là."),
        ("en", "An interpreter is coming.", "The interpreter is here."),
    ],
)
def test_the_resident_reads_that_an_interpreter_comes_and_is_here(
    screen, database, language, comes, is_here
) -> None:
    let_interpret(database)
    appointment = book_one(database, "wassigny", "msa")
    book_interpreter(database, appointment)
    with database.write() as session:
        session.execute(update(Appointment).values(language=language))
    bring_to(database, appointment, S.ARRIVED, S.CALLING, S.QUEUED)
    assert comes not in screen()
    bring_to(database, appointment, S.IN_CALL)
    assert comes in screen() and is_here not in screen()
    now = datetime.now(UTC)
    with database.write() as session:
        call = session.scalars(select(InterpreterCall)).one()
        call.placed_at = now
        interpreter_came(session, call, "nobody", "dispatcher", now)
    assert is_here in screen() and comes not in screen()
    with database.write() as session:
        call = session.scalars(select(InterpreterCall)).one()
        call_ended(session, call, "dispatcher", now)
    assert is_here not in screen()

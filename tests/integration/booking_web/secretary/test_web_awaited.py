# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk says of those who are awaited, and of calls that failed."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from stage.clock import Clock

# Ten o'clock in Paris, a Tuesday.
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AWAITED = "L'usager est attendu : notez-le arrivé et la borne appellera."


@pytest.fixture
def clock() -> Clock:
    return Clock(TEN - 30 * MINUTE)


@pytest.fixture
def app(new_app, ground, clock):
    return new_app(ground, now=clock)


def shown(desk, address="/bureau") -> str:
    return html.unescape(desk.client.get(address).text)


def booked_at_ten(desk) -> int:
    answer = desk.book(when="at", day="2026-11-24", hour="10:00")
    return int(answer.location.rpartition("-")[2])


def goes_through(database, number, at, *states) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, number)
        appointment.call_requested_at = None
        for state in states:
            move(session, appointment, state, actor="dispatcher", at=at)
            session.flush()


def test_at_the_hour_the_desk_asks_for_the_arrival(desk, clock) -> None:
    number = booked_at_ten(desk)
    assert AWAITED not in shown(desk)
    clock.now = TEN + MINUTE
    page = shown(desk)
    assert f"{AWAITED} Sa place est gardée jusqu'à 10 h 10." in page
    assert f'id="arrive-{number}"' in page
    clock.now = TEN + 10 * MINUTE
    page = shown(desk)
    assert "Sa place n'est plus gardée : la file d'attente passe avant." in page


def test_who_came_early_is_told_when_the_kiosk_calls(desk) -> None:
    desk.press(booked_at_ten(desk), "arrive")
    assert "La borne appellera à 10 h 00." in shown(desk)


def test_where_the_kiosk_calls_at_the_hour_nobody_is_awaited(
    new_app, ground, clock, visitor
) -> None:
    app = new_app(ground, now=clock, calls_at_the_hour=True)
    visitor.client = app.test_client()
    visitor.sign_in("mairie@wassigny.example")
    booked_at_ten(visitor)
    clock.now = TEN + MINUTE
    page = shown(visitor)
    assert AWAITED not in page and "Sa place" not in page


def test_the_desk_says_until_when_a_failed_call_keeps_its_place(
    desk, database, clock
) -> None:
    clock.now = TEN
    desk.book()
    goes_through(database, 1, TEN + MINUTE, State.CALLING, State.UNREACHABLE)
    clock.now = TEN + 2 * MINUTE
    assert "Sa place est gardée jusqu'à 10 h 06." in shown(desk)
    clock.now = TEN + 6 * MINUTE
    assert "Sa place n'est plus gardée" in shown(desk)


def test_absent_is_said_after_the_call_too_and_told_apart(
    desk, database, clock
) -> None:
    clock.now = TEN
    number = int(desk.book().location.rpartition("-")[2])
    link = f'href="/bureau/rendez-vous/{number}/absent"'
    goes_through(database, number, TEN, State.CALLING, State.IN_CALL)
    assert link not in shown(desk)
    goes_through(database, number, TEN + MINUTE, State.DONE)
    assert link in shown(desk)
    asked = shown(desk, f"/bureau/rendez-vous/{number}/absent")
    assert "il ne comptera pas comme fait." in asked
    assert desk.press(number, "absent").status_code == 303
    clock.now = TEN + 2 * MINUTE
    other = desk.book(
        resident_name="Mme Roy", when="at", day="2026-11-24", hour="11:00"
    )
    desk.press(int(other.location.rpartition("-")[2]), "absent")
    page = shown(desk)
    assert "<strong>Absent après l'appel</strong>" in page
    assert "<strong>Absent</strong>" in page
    table = desk.client.get("/bureau/jour.csv").data.decode("utf-8-sig").splitlines()
    states = {line.split(";")[3]: line.split(";")[-1] for line in table[1:]}
    assert states == {"M. Dupont": "Absent après l'appel", "Mme Roy": "Absent"}

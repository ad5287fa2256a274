# SPDX-License-Identifier: AGPL-3.0-or-later
"""No act of the desk is for ever: a question before, or a way back after. No script needed."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.states import AppointmentState as State
from stage.clock import Clock
from stage.html_forms import forms_of

# Ten o'clock in Paris, a Tuesday.
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(TEN)


@pytest.fixture
def app(new_app, ground, clock):
    return new_app(ground, now=clock)


def shown(answer) -> str:
    return html.unescape(answer.text)


def books_at(desk, hour: str = "11:00", name: str = "M. Dupont") -> int:
    answer = desk.book(resident_name=name, when="at", day="2026-11-24", hour=hour)
    return int(answer.location.rpartition("-")[2])


def goes_through(database, number: int, *states: State) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, number)
        appointment.call_requested_at = None
        for state in states:
            move(session, appointment, state, actor="dispatcher", at=TEN)
            session.flush()


def state_of(database, number: int) -> str:
    with database.read() as session:
        return session.get_one(Appointment, number).state


def undo_of(page: str):
    """Give the form beside the news of what was done, as a browser would send it."""
    found = [form for form in forms_of(page) if form.action.endswith("/retablir")]
    assert len(found) == 1, "the page offers no undo"
    return found[0]


def press(desk, number: int, act: str):
    """Press a button of the list or, where it asks, answer the question."""
    desk.press(number, act)
    return desk.client.get("/bureau")


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("arrive", State.ARRIVED),
        ("annuler", State.CANCELLED),
        ("absent", State.NO_SHOW),
    ],
)
def test_what_was_done_just_now_is_taken_back_by_one_button(
    desk, database, act, state
) -> None:
    number = books_at(desk)
    page = press(desk, number, act)
    assert state_of(database, number) == state
    form = undo_of(page.text)
    answer = desk.client.post(form.action, data=form.values)
    assert answer.location == f"/bureau#rendez-vous-{number}"
    assert state_of(database, number) == State.BOOKED
    with database.read() as session:
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.id)).all()
    assert acts[-1] == "set_back"
    # The news is told once.
    assert "/retablir" not in desk.client.get("/bureau").text


def test_finishing_is_taken_back(desk, database) -> None:
    number = int(desk.book().location.rpartition("-")[2])
    goes_through(database, number, State.CALLING, State.IN_CALL, State.INTERRUPTED)
    form = undo_of(press(desk, number, "terminer").text)
    assert state_of(database, number) == State.DONE
    desk.client.post(form.action, data=form.values)
    assert state_of(database, number) == State.INTERRUPTED


def test_hanging_up_asks_first(desk, database) -> None:
    number = int(desk.book().location.rpartition("-")[2])
    goes_through(database, number, State.CALLING, State.IN_CALL)
    address = f"/bureau/rendez-vous/{number}/raccrocher"
    page = shown(desk.client.get("/bureau"))
    assert f'href="{address}"' in page
    assert f'action="{address}"' not in page
    asked = desk.client.get(address)
    assert "L'appel sera coupé pour l'usager et pour le conseiller." in shown(asked)
    with database.read() as session:
        assert session.get_one(Appointment, number).hangup_requested_at is None
    form = next(f for f in forms_of(asked.text) if set(f.values) == {"csrf_token"})
    assert desk.client.post(address, data=form.values).status_code == 303
    with database.read() as session:
        assert session.get_one(Appointment, number).hangup_requested_at == TEN


def test_a_mistake_found_later_is_set_back_by_a_question(desk, database, clock) -> None:
    number = books_at(desk)
    press(desk, number, "absent")
    clock.now = TEN + 40 * MINUTE
    page = shown(desk.client.get("/bureau"))
    assert f'id="retablir-{number}"' in page
    assert "Remettre « Réservé »" in page
    asked = desk.client.get(f"/bureau/rendez-vous/{number}/retablir")
    assert "Il est maintenant « Absent » et redeviendra « Réservé »." in shown(asked)
    form = next(form for form in forms_of(asked.text) if "etat" in form.values)
    desk.client.post(f"/bureau/rendez-vous/{number}/retablir", data=form.values)
    assert state_of(database, number) == State.BOOKED


def test_an_hour_given_away_meanwhile_is_said(desk, database) -> None:
    number = books_at(desk)
    form = undo_of(press(desk, number, "annuler").text)
    books_at(desk, name="Mme Roy")
    answer = desk.client.post(form.action, data=form.values)
    page = shown(desk.client.get(answer.location))
    assert "Cette heure a été donnée à quelqu'un d'autre entre-temps." in page
    assert state_of(database, number) == State.CANCELLED


def test_an_old_page_sets_nothing_back(desk, database) -> None:
    number = books_at(desk)
    form = undo_of(press(desk, number, "arrive").text)
    desk.press(number, "annuler")
    desk.client.get("/bureau")
    answer = desk.client.post(form.action, data=form.values)
    page = shown(desk.client.get(answer.location))
    assert "Ce rendez-vous a changé entre-temps. Rien n'a été fait." in page
    assert state_of(database, number) == State.CANCELLED
    forged = form.values | {"etat": "anything"}
    assert desk.client.post(form.action, data=forged).status_code == 303


def test_a_neighbour_sets_nothing_back(desk, app, ground, database) -> None:
    number = books_at(desk)
    form = undo_of(press(desk, number, "arrive").text)
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in("mairie@guise.example")
    address = f"/bureau/rendez-vous/{number}/retablir"
    assert neighbour.client.get(address).status_code == 404
    token = neighbour.form().values["csrf_token"]
    values = form.values | {"csrf_token": token}
    assert neighbour.client.post(address, data=values).status_code == 404
    assert state_of(database, number) == State.ARRIVED

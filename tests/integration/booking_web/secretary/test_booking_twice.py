# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same person, for the same matter, on the same day twice: one question, and no more."""

import html

import pytest
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.states import AppointmentState

LATER = {"when": "at", "day": "2027-03-02"}
FIRST = {"resident_name": "Mme Lefèvre", **LATER, "hour": "10:00"}
SECOND = {"resident_name": "Mme Lefèvre", **LATER, "hour": "15:00"}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def booked(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


@pytest.fixture
def first(desk, database) -> Appointment:
    """Give the appointment that Mme Lefèvre has on that day at ten."""
    assert desk.book(**FIRST).status_code == 303
    [made] = booked(database)
    return made


def test_a_second_one_is_asked_about_and_nothing_of_it_is_kept(
    desk, database, first
) -> None:
    asked = desk.book(**SECOND)
    assert asked.status_code == 409
    page = read(asked)
    assert "Une question avant d'enregistrer" in page
    assert "Mme Lefèvre a déjà rendez-vous le mardi 2 mars 2027 à 10 h 00 : " in page
    assert f'href="/bureau?jour=2027-03-02#rendez-vous-{first.id}"' in page
    assert [each.id for each in booked(database)] == [first.id]
    # What was typed waits for the answer.
    assert 'value="Mme Lefèvre"' in page and 'value="15:00"' in page


def test_who_means_it_has_both(desk, database, first) -> None:
    form = desk.form()
    assert desk.book(form, **SECOND).status_code == 409
    answer = desk.book(form, **SECOND, twin_known=str(first.id))
    assert answer.status_code == 303
    assert len(booked(database)) == 2


def test_the_answer_counts_for_that_appointment_alone(desk, database, first) -> None:
    assert desk.book(**SECOND, twin_known=str(first.id + 1)).status_code == 409
    assert desk.book(**SECOND, twin_known="²").status_code == 409
    assert len(booked(database)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"day": "2027-03-03"},
        {"organisation": "sous-prefecture-vervins"},
        {"resident_name": "Mme Petit"},
        {
            "birth_date": "1990-01-02",
            "resident_choice": "new",
            "asked_about": "Mme Lefèvre",
        },
    ],
    ids=["another day", "another matter", "somebody else", "another of that name"],
)
def test_what_is_no_second_one_is_not_asked_about(desk, database, first, other) -> None:
    assert desk.book(**SECOND | other).status_code == 303
    assert len(booked(database)) == 2


def test_what_is_over_is_no_first_one(desk, database, first) -> None:
    with database.write() as session:
        session.get_one(Appointment, first.id).state = AppointmentState.CANCELLED
    assert desk.book(**SECOND).status_code == 303


def test_who_waits_in_the_line_is_not_put_there_twice(desk, database) -> None:
    for name in ("M. Petit", "Mme Lefèvre"):
        assert desk.book(resident_name=name).status_code == 303
    assert [each.in_line for each in booked(database)] == [False, True]
    asked = desk.book(resident_name="Mme Lefèvre")
    assert asked.status_code == 409
    assert "Mme Lefèvre attend déjà dans la file : " in read(asked)
    assert len(booked(database)) == 2


def test_the_same_page_sent_twice_is_no_question(desk, database) -> None:
    form = desk.form()
    assert desk.book(form, **FIRST).status_code == 303
    assert desk.book(form, **FIRST).status_code == 303
    assert len(booked(database)) == 1


def test_who_was_written_down_twice_is_one_person(desk, database, first) -> None:
    other = {"resident_name": "Mme Petit", **LATER, "day": "2027-03-04"}
    assert desk.book(**other, hour="10:00").status_code == 303
    with database.write() as session:
        double, kept = session.scalars(select(Resident).order_by(Resident.id)).all()
        double.merged_into_id = kept.id
    again = {**SECOND, "resident_name": "Mme Petit"}
    assert desk.book(**again).status_code == 409

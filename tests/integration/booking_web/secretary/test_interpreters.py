# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter from the desk on: chosen, offered with free hours, shown, moved along."""

import html

import pytest
from sqlalchemy import select

from booking_web.tables.waiting import WaitingEntry
from provisioning.database.models import Organisation
from stage.keyboard_desk import publish_hours
from tests.factories.interpreters import (
    INTERPRETERS,
    NAMED,
    book_interpreter,
    interpreted_in,
    let_interpret,
)

NAME = {"resident_name": "Mme Roy"}
LATER = {"when": "at", "day": "2027-03-02", "hour": "10:00"}
SOUS_PREFECTURE = {"organisation": "sous-prefecture-vervins"}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


@pytest.fixture
def interpreting(database) -> None:
    let_interpret(database)


def test_a_site_without_interpreters_sees_nothing_of_them(desk, database) -> None:
    page = read(desk.client.get("/bureau"))
    assert "nterprète" not in page and f'value="{INTERPRETERS}"' in page


def test_the_secretary_chooses_an_interpreter_and_reads_who_interprets(
    desk, database, interpreting
) -> None:
    page = read(desk.client.get("/bureau"))
    assert f'<option value="{INTERPRETERS}">{NAMED}</option>' in page
    # It is none of those that receive residents.
    assert f'name="organisation" value="{INTERPRETERS}"' not in page
    assert desk.book(**NAME, **LATER, interpreter=INTERPRETERS).status_code == 303
    other = {"resident_name": "M. Petit", "hour": "11:00"}
    assert desk.book(**NAME | LATER | other).status_code == 303
    assert interpreted_in(database) == [INTERPRETERS, None]
    listed = read(desk.client.get("/bureau?jour=2027-03-02")).split("day-list")[1]
    assert listed.count(NAMED) == 1
    for address in (
        "/bureau/semaine?jour=2027-03-02",
        "/bureau/imprimer?jour=2027-03-02",
        "/rendez-vous/1",
        "/bureau/rendez-vous/1/deplacer",
    ):
        answer = desk.client.get(address)
        assert (answer.status_code, NAMED in read(answer)) == (200, True), address
    slip = desk.client.get("/bureau/rendez-vous/1/fiche.pdf")
    assert slip.status_code == 200


def test_whether_an_interpreter_is_there_is_told_as_of_any_organisation(
    desk, database, interpreting
) -> None:
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == INTERPRETERS)
        line = f'id="ready-organisation-{session.scalars(query).one()}"'
    desk.book(**NAME)
    assert line not in read(desk.client.get("/bureau"))
    book_interpreter(database, 1)
    assert line in read(desk.client.get("/bureau"))


def test_one_interpreter_is_not_given_to_two(desk, database, interpreting) -> None:
    desk.book(**NAME, **LATER, interpreter=INTERPRETERS)
    refused = desk.book(
        resident_name="M. Petit",
        **LATER | SOUS_PREFECTURE,
        relay="wassigny",
        interpreter=INTERPRETERS,
    )
    assert refused.status_code == 409
    page = read(refused)
    assert "La borne est déjà prise" in page or "Aucun interprète n'est libre" in page
    assert f'<option value="{INTERPRETERS}" selected>' in page


def test_free_hours_are_those_of_both(desk, database, interpreting) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    ask = "/bureau/creneaux?organisation=sous-prefecture-vervins&relay=wassigny"
    alone = read(desk.client.get(ask))
    with_one = read(desk.client.get(f"{ask}&interpreter={INTERPRETERS}"))
    assert alone.count('name="when"') == with_one.count('name="when"') > 0
    # At the first of these hours somebody else needs the interpreter.
    first = alone.split('name="when" value="')[1].split('"')[0]
    taken = desk.book(
        resident_name="M. Petit",
        when=first,
        **SOUS_PREFECTURE,
        interpreter=INTERPRETERS,
    )
    assert taken.status_code == 303
    other = "/bureau/creneaux?organisation=msa&relay=wassigny"
    publish_hours(database, "msa")
    assert first not in read(desk.client.get(f"{other}&interpreter={INTERPRETERS}"))


def test_one_that_interprets_no_more_is_refused_in_words(
    desk, database, interpreting
) -> None:
    form = desk.form()
    let_interpret(database, "")
    refused = desk.book(form, **NAME, **LATER, interpreter=INTERPRETERS)
    assert refused.status_code == 422
    assert "Cet interprète n'est plus proposé. Choisissez à nouveau." in read(refused)
    assert interpreted_in(database) == []


def test_a_service_of_interpreters_is_not_booked_for_itself(
    desk, database, interpreting
) -> None:
    refused = desk.book(**NAME, **LATER | {"organisation": INTERPRETERS})
    assert refused.status_code == 422
    assert interpreted_in(database) == []


def test_the_waiting_list_keeps_the_interpreter(desk, database, interpreting) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    desk.book(**NAME, **SOUS_PREFECTURE, interpreter=INTERPRETERS, wait="1")
    with database.read() as session:
        [entry] = session.scalars(select(WaitingEntry)).all()
        assert entry.interpreter is not None
        assert entry.interpreter.slug == INTERPRETERS
    assert NAMED in read(desk.client.get("/bureau/attente"))


def test_a_moved_appointment_keeps_its_interpreter(
    desk, database, interpreting
) -> None:
    desk.book(**NAME, **LATER, interpreter=INTERPRETERS)
    moved = desk.client.get("/bureau/rendez-vous/1/deplacer")
    token = moved.text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = desk.client.post(
        "/bureau/rendez-vous/1/deplacer",
        data={
            "csrf_token": token,
            "place": "at",
            "raison": "resident_asked",
            "day": "2027-03-03",
            "hour": "14:00",
        },
    )
    assert answer.status_code == 303
    assert interpreted_in(database) == [INTERPRETERS]
    # Its first hour is free again, for the interpreter too.
    again = desk.book(resident_name="M. Petit", **LATER, interpreter=INTERPRETERS)
    assert again.status_code == 303

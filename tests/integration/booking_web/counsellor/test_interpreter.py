# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter on the counsellor's page, and the interpreter's own day without a name."""

import html
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.interpreters.calls import (
    call_ended,
    interpreter_came,
    kiosk_took,
)
from booking_web.tables.interpreters import InterpreterCall
from provisioning.database.models import Counsellor, Organisation
from stage.html_forms import forms_of
from stage.kiosk_ground import S, acts_of, book_one, bring_to
from tests.factories.interpreters import (
    INTERPRETERS,
    NAMED,
    book_interpreter,
    let_interpret,
)

INTERPRETER = "conseiller@mission-locale-thierache.example"
AGAIN, AWAY = "Rappeler l'interprète", "Faire partir l'interprète"


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def page_of(person, appointment) -> str:
    return read(person.client.get(f"/rendez-vous/{appointment}"))


def press(person, appointment, act):
    page = person.client.get(f"/rendez-vous/{appointment}").text
    token = forms_of(page)[0].values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/interprete/{act}", data={"csrf_token": token}
    )


@pytest.fixture
def interpreted(database) -> int:
    """Give an appointment whose counsellor is there; the interpreter is being called."""
    let_interpret(database)
    appointment = book_one(database, "wassigny", "msa")
    book_interpreter(database, appointment)
    bring_to(database, appointment, S.ARRIVED, S.CALLING, S.QUEUED, S.IN_CALL)
    return appointment


@pytest.fixture
def happen(database):
    """Give a function that has something happen to the interpreter's last call."""

    def do(work, *values: str) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            call = session.scalars(
                select(InterpreterCall).order_by(InterpreterCall.id.desc())
            ).first()
            call.placed_at = call.placed_at or now
            if work is kiosk_took:
                work(call, now)
            else:
                work(session, call, *values, "dispatcher", now)

    return do


def came(session, call, actor, now) -> None:
    slug = session.scalars(
        select(Counsellor.slug)
        .join(Organisation)
        .where(Organisation.slug == INTERPRETERS)
    ).first()
    interpreter_came(session, call, slug, actor, now)


def test_the_counsellor_reads_how_the_interpreters_call_stands(
    counsellor, interpreted, happen
) -> None:
    page = page_of(counsellor, interpreted)
    assert NAMED in page and "L'interprète est appelé" in page
    assert AWAY in page and AGAIN not in page
    happen(came)
    page = page_of(counsellor, interpreted)
    assert "L'interprète est là :" in page and AWAY in page
    happen(call_ended)
    page = page_of(counsellor, interpreted)
    assert "L'interprète n'est plus là. L'appel continue." in page
    assert AGAIN in page and AWAY not in page


@pytest.mark.parametrize(
    ("took", "said"),
    [
        (True, "Aucun interprète n'a répondu."),
        (False, "La borne n'a pas pris l'appel de l'interprète."),
    ],
)
def test_it_is_said_why_nobody_interprets(
    counsellor, interpreted, happen, took, said
) -> None:
    if took:
        happen(kiosk_took)
    happen(call_ended)
    page = page_of(counsellor, interpreted)
    assert said in page and AGAIN in page


def test_the_interpreter_is_called_again_and_sent_away_by_a_button(
    counsellor, interpreted, happen, database
) -> None:
    happen(call_ended)
    assert press(counsellor, interpreted, "rappeler").status_code == 303
    # Pressed twice, they are called once.
    assert press(counsellor, interpreted, "rappeler").status_code == 303
    assert "L'interprète est déjà appelé" in page_of(counsellor, interpreted)
    happen(came)
    press(counsellor, interpreted, "faire-partir")
    assert "L'appel de l'interprète se termine" in page_of(counsellor, interpreted)
    happen(call_ended)
    press(counsellor, interpreted, "faire-partir")
    assert "Rien n'a été fait" in page_of(counsellor, interpreted)
    acts = [act for _, act, _ in acts_of(database, interpreted)]
    assert [act for act in acts if act.startswith("interpreter")] == [
        "interpreter_called",
        "interpreter_unanswered",
        "interpreter_called",
        "interpreter_joined",
        "interpreter_sent_away",
        "interpreter_left",
    ]


def test_an_open_page_gets_the_part_that_changed(
    counsellor, interpreted, happen
) -> None:
    asked = f"/rendez-vous/{interpreted}/changements?vu=interpreter:old"
    part = read(counsellor.client.get(asked))
    assert 'data-part="interpreter"' in part and "est appelé" in part
    digest = part.split('data-part="interpreter" data-seen="')[1].split('"')[0]
    same = read(counsellor.client.get(asked.replace("old", digest)))
    assert 'data-part="interpreter"' not in same
    happen(came)
    changed = read(counsellor.client.get(asked.replace("old", digest)))
    assert "L'interprète est là :" in changed


def test_no_button_is_there_without_a_call_nor_without_an_interpreter(
    counsellor, database, appointment
) -> None:
    page = page_of(counsellor, appointment)
    assert AGAIN not in page and AWAY not in page and "nterprète" not in page
    press(counsellor, appointment, "rappeler")
    assert "Rien n'a été fait" in page_of(counsellor, appointment)


def test_an_interpreter_sees_when_where_and_with_whom_and_no_name(
    visitor, interpreted, happen
) -> None:
    assert visitor.sign_in(INTERPRETER).status_code == 302
    page = read(visitor.client.get("/rendez-vous"))
    assert "Relais de Wassigny" in page and "Langue des signes, Guichet 1" in page
    assert "Mutualité sociale agricole (MSA)" in page
    assert "Votre téléphone sonne : décrochez." in page
    assert "Dupont" not in page and f"/rendez-vous/{interpreted}" not in page
    # Nothing else of the appointment is theirs.
    for address in ("", "/changements", "/documents/1"):
        answer = visitor.client.get(f"/rendez-vous/{interpreted}{address}")
        assert answer.status_code == 404, address
    happen(came)
    asked = f"/rendez-vous/changements?vu={interpreted}:old"
    rows = read(visitor.client.get(asked))
    assert "interprète</p>" in rows and "Dupont" not in rows


def test_an_interpreter_without_work_reads_so(visitor, database) -> None:
    let_interpret(database)
    visitor.sign_in(INTERPRETER)
    page = read(visitor.client.get("/rendez-vous"))
    assert "Personne n'a demandé d'interprète aujourd'hui." in page


def typing_of(visitor, appointment, **values):
    token = forms_of(visitor.client.get("/rendez-vous").text)[0].values["csrf_token"]
    return visitor.client.post(
        f"/rendez-vous/{appointment}/paroles", data={"csrf_token": token} | values
    )


def test_who_interprets_by_writing_writes_in_that_call_and_nothing_else(
    visitor, interpreted, happen, database
) -> None:
    let_interpret(database, "typed")
    visitor.sign_in(INTERPRETER)
    address = f"/rendez-vous/{interpreted}/paroles"
    # The telephone still rings: nobody of the service is in the call.
    assert visitor.client.get(address).status_code == 404
    assert (
        typing_of(visitor, interpreted, words="Bonjour", quiet="1").status_code == 409
    )
    happen(came)
    assert address in read(visitor.client.get("/rendez-vous"))
    page = read(visitor.client.get(address))
    assert "Relais de Wassigny" in page and "Dupont" not in page
    assert (
        typing_of(visitor, interpreted, words="Bonjour", quiet="1").status_code == 204
    )
    assert ">Bonjour</textarea>" in read(visitor.client.get(address))
    for other in ("", "/documents/1"):
        answer = visitor.client.get(f"/rendez-vous/{interpreted}{other}")
        assert answer.status_code == 404, other
    happen(call_ended)
    assert visitor.client.get(address).status_code == 404
    assert typing_of(visitor, interpreted, words="Encore", quiet="1").status_code == 409


def test_who_interprets_by_signs_has_nothing_to_write_with(
    visitor, interpreted, happen
) -> None:
    visitor.sign_in(INTERPRETER)
    happen(came)
    address = f"/rendez-vous/{interpreted}/paroles"
    assert address not in read(visitor.client.get("/rendez-vous"))
    assert visitor.client.get(address).status_code == 404
    assert (
        typing_of(visitor, interpreted, words="Bonjour", quiet="1").status_code == 409
    )

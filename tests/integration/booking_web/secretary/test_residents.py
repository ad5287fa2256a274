# SPDX-License-Identifier: AGPL-3.0-or-later
"""Residents at the desk: found, asked about, edited, merged; never another relay's."""

import html
import re

import pytest
from sqlalchemy import delete, select

from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.waiting import WaitingEntry
from booking_web.tables.web_sessions import WebSession
from stage.keyboard_desk import know_resident, publish_hours
from stage.kiosk_ground import bring_to

NEIGHBOUR = "mairie@guise.example"


def read(answer) -> str:
    return html.unescape(answer.text)


def residents(database) -> list[Resident]:
    with database.read() as session:
        return list(session.scalars(select(Resident).order_by(Resident.id)))


def appointments(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def post(desk, address: str, **values: str):
    token = desk.form().values["csrf_token"]
    return desk.client.post(address, data={"csrf_token": token} | values)


@pytest.fixture
def neighbour(desk, app, ground):
    """Give the secretary of Guise, signed in."""
    other = type(desk)(app.test_client(), ground.passwords)
    other.sign_in(NEIGHBOUR)
    return other


def test_a_new_name_is_a_resident_and_the_same_name_is_known_again(
    desk, database
) -> None:
    desk.book(resident_name="Mme Martine Lefèvre", telephone="06 12 34 56 78")
    desk.book(resident_name="lefevre MARTINE", organisation="sous-prefecture-vervins")
    [resident] = residents(database)
    assert (resident.name, resident.telephone) == (
        "Mme Martine Lefèvre",
        "+33612345678",
    )
    assert {each.resident_id for each in appointments(database)} == {resident.id}


def test_a_double_click_creates_one_resident(desk, database) -> None:
    form = desk.form()
    form.values["resident_id"] = "new"
    for _ in range(2):
        desk.book(form, resident_name="M. Jean Dupont")
    assert len(residents(database)) == len(appointments(database)) == 1


def test_a_near_name_is_asked_about_and_each_answer_counts(desk, database) -> None:
    known = know_resident(database, "wassigny", "M. Jean Dupont")
    form = desk.form()
    asked = desk.book(form, resident_name="Jean Dupond", reason="urgent")
    assert asked.status_code == 422
    page = read(asked)
    assert "Est-ce la même personne ?" in page.replace("\u00a0", " ")
    assert f'value="{known}"' in page and 'value="urgent"' in page
    assert appointments(database) == []
    answer = {"asked_about": "Jean Dupond", "resident_choice": str(known)}
    assert desk.book(form, resident_name="Jean Dupond", **answer).status_code == 303
    other = {"resident_name": "Jean Dupons", "asked_about": "Jean Dupons"}
    other |= {"organisation": "sous-prefecture-vervins", "resident_choice": "new"}
    assert desk.book(**other).status_code == 303
    first, second = appointments(database)
    assert first.resident_id == known
    assert second.resident_id not in (None, known)


def test_an_answer_counts_for_the_name_that_was_asked_about_only(
    desk, database
) -> None:
    known = know_resident(database, "wassigny", "M. Jean Dupont")
    desk.book(
        resident_name="Mme Roy",
        asked_about="Jean Dupond",
        resident_choice=str(known),
        resident_id=str(known),
    )
    [appointment] = appointments(database)
    assert appointment.resident_id != known


def test_the_list_under_the_name_knows_this_town_hall_s_residents_only(
    desk, neighbour, database
) -> None:
    know_resident(database, "wassigny", "Mme Martine Lefèvre")
    form = desk.form()
    asked = {"csrf_token": form.values["csrf_token"], "resident_name": "LEFE m"}
    own = desk.client.post(
        "/bureau/usagers/chercher", data=asked | {"relay": "wassigny"}
    )
    assert "Mme Martine Lefèvre" in read(own)
    asked["csrf_token"] = neighbour.form().values["csrf_token"]
    for relay in ("wassigny", "guise"):
        theirs = neighbour.client.post(
            "/bureau/usagers/chercher", data=asked | {"relay": relay}
        )
        assert "Lefèvre" not in read(theirs)


def test_another_relay_s_resident_is_not_found(desk, neighbour, database) -> None:
    mine = know_resident(database, "wassigny", "M. Jean Dupont")
    theirs = know_resident(database, "guise", "M. Jean Dupont")
    for path in (f"{mine}", f"{mine}/fusionner/{theirs}", f"{theirs}/fusionner/{mine}"):
        address = f"/bureau/usagers/{path}"
        assert neighbour.client.get(address).status_code in (404,), address
        assert post(neighbour, address, resident_name="X").status_code == 404
    assert "Dupont" not in read(neighbour.client.get("/bureau/usagers?relais=wassigny"))
    assert [each.merged_into_id for each in residents(database)] == [None, None]
    # A number of another relay in the form is nobody's.
    neighbour.book(resident_name="M. Jean Dupont", resident_id=str(mine))
    assert appointments(database)[0].resident_id == theirs


def test_a_resident_is_searched_and_edited_and_bad_input_is_kept(
    desk, database
) -> None:
    number = know_resident(database, "wassigny", "M. Jean Dupont")
    know_resident(database, "wassigny", "Mme Roy")
    found = read(post(desk, "/bureau/usagers", cherche="dupo"))
    assert "M. Jean Dupont" in found and "Mme Roy" not in found
    address = f"/bureau/usagers/{number}"
    refused = post(
        desk, address, resident_name="M. J. Dupont", telephone="06", email="x"
    )
    assert refused.status_code == 422
    assert 'value="M. J. Dupont"' in read(refused) and 'value="06"' in read(refused)
    values = {"telephone": "0612345678", "email": "jean@exemple.fr"}
    post(desk, address, resident_name="M. Jean-Paul Dupont", **values)
    edited = residents(database)[0]
    assert (edited.name, edited.telephone, edited.email) == (
        "M. Jean-Paul Dupont",
        "+33612345678",
        "jean@exemple.fr",
    )
    assert "M. Jean-Paul" in read(post(desk, "/bureau/usagers", cherche="paul"))
    with database.read() as session:
        details = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "resident_edited")
        ).all()
    assert details == [f"resident {number} name telephone email"]


def test_merging_while_one_is_in_call_changes_nothing_of_the_call(
    desk, database
) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    desk.book(resident_name="M. Jean Dupond")
    [call] = appointments(database)
    bring_to(database, call.id, State.CALLING, State.IN_CALL)
    [in_call] = appointments(database)
    desk.book(
        resident_name="M. Jean Dupond",
        organisation="sous-prefecture-vervins",
        wait="1",
    )
    kept = know_resident(database, "wassigny", "M. Jean Dupont")
    double = in_call.resident_id
    address = f"/bureau/usagers/{kept}/fusionner/{double}"
    asked = read(desk.client.get(address))
    assert "On ne peut pas revenir en arrière." in asked
    assert residents(database)[0].merged_into_id is None
    assert post(desk, address).status_code == 303
    [after] = appointments(database)
    same = ("resident_name", "state", "call", "attempt", "kiosk_id", "state_since")
    for field in (*same, "starts_at", "ends_at", "counter_id", "hangup_requested_at"):
        assert getattr(after, field) == getattr(in_call, field), field
    assert after.resident_id == kept
    with database.read() as session:
        assert session.scalars(select(WaitingEntry.resident_id)).all() == [kept]
    # A form that still names the double books for the one who is left.
    desk.book(
        resident_name="M. Jean Dupond",
        resident_id=str(double),
        organisation="mission-locale-thierache",
        when="at",
        day="2027-03-02",
        hour="10:00",
    )
    assert appointments(database)[-1].resident_id == kept
    again = post(desk, address)
    assert "n'en font déjà qu'une" in read(desk.client.get(again.location)) or (
        again.status_code == 404
    )
    assert re.search(r"M. Jean Dupont", read(desk.client.get("/bureau/usagers")))


def test_what_was_typed_is_there_after_a_sign_in_that_ran_out(
    desk, database, ground
) -> None:
    known = know_resident(database, "wassigny", "M. Jean Dupont")
    form = desk.form()
    with database.write() as session:
        session.execute(delete(WebSession))
    sent = desk.book(
        form,
        resident_name="M. Jean Dupont",
        resident_id=str(known),
        organisation="motif:sous-prefecture-carte-grise",
        telephone="06 12 34 56 78",
        reason="achat",
    )
    assert sent.status_code == 303 and "/connexion" in sent.location
    desk.sign_in("mairie@wassigny.example")
    back = desk.form()
    kept = {name: back.values[name] for name in ("resident_id", "reason", "telephone")}
    assert kept == {
        "resident_id": str(known),
        "reason": "achat",
        "telephone": "06 12 34 56 78",
    }
    assert back.values["organisation"] == "motif:sous-prefecture-carte-grise"

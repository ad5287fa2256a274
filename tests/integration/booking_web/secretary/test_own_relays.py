# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary of two communes: she chooses for which one she works, and it is shown always."""

import html

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.alerts.people import Ways, people_concerned
from booking_web.domain.rights.own_relays import give_relays
from booking_web.tables.alerts import Alert, AlertKind
from provisioning.database.models import User
from stage.administrator_desk import HOME, AdministratorDesk, acts
from stage.appointments import put_appointment
from stage.html_forms import forms_of
from tests.integration.booking_web.conftest import ADMINISTRATOR, SECRETARY, Desk

PAGE, GUISE, WASSIGNY = "/mes-relais", "Relais de Guise", "Relais de Wassigny"


def read(answer) -> str:
    return html.unescape(answer.text)


def number_of(session, email: str = SECRETARY) -> int:
    return session.scalars(select(User.id).where(User.email == email)).one()


@pytest.fixture
def of_two(app, ground, database):
    """Give her, to whom IT gave Guise besides Wassigny, as she signs in."""
    with database.write() as session:
        user = session.get_one(User, number_of(session))
        assert give_relays(session, user, ["guise", "wassigny"])
        assert not give_relays(session, user, ["guise"])
    person = Desk(app.test_client(), ground.passwords)
    assert person.sign_in(SECRETARY).status_code == 302
    return person.client


def choose(client, relay: str):
    [form] = [each for each in forms_of(client.get(PAGE).text) if each.action == PAGE]
    data = form.values | {"relais": relay}
    return client.post(PAGE, data=data, follow_redirects=True)


def test_she_chooses_once_sees_that_relay_alone_and_reads_which_on_each_page(
    of_two, database
) -> None:
    with database.write() as session:
        there = put_appointment(session, "kiosk-guise", "msa")
        here = put_appointment(session, "kiosk-wassigny", "msa")
    first = of_two.get("/bureau")
    assert (first.status_code, first.location) == (303, PAGE)
    page = read(choose(of_two, "guise"))
    assert 'id="relay" name="relay" value="guise"' in page
    for address in ("/bureau", "/bureau/usagers", "/mes-relais", "/mon-compte"):
        answer = of_two.get(address)
        header = read(answer).partition("</header>")[0]
        assert answer.status_code == 200 and GUISE in header, address
    assert of_two.get(f"/rendez-vous/{there}").status_code == 200
    assert of_two.get(f"/rendez-vous/{here}").status_code == 404
    choose(of_two, "wassigny")
    assert of_two.get(f"/rendez-vous/{there}").status_code == 404
    assert of_two.get(f"/rendez-vous/{here}").status_code == 200
    assert WASSIGNY in read(of_two.get("/bureau")).partition("</header>")[0]


def test_no_other_relay_is_hers_and_one_that_is_taken_away_is_not_at_once(
    of_two, database
) -> None:
    refused = read(choose(of_two, "marly-gomont"))
    assert "Choisissez un relais dans la liste." in refused
    choose(of_two, "guise")
    with database.write() as session:
        user = session.get_one(User, number_of(session))
        assert give_relays(session, user, [])
    page = of_two.get("/bureau")
    assert page.status_code == 200
    assert 'id="relay" name="relay" value="wassigny"' in read(page)
    assert "working-for" not in page.text


def test_it_gives_her_the_relays_and_alerts_of_each_go_to_her(
    app, ground, database
) -> None:
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    with database.read() as session:
        number = number_of(session)
    address = f"{HOME}/personnes/{number}"
    form = office.form(address, "/relais")
    said = office.post(form.action, form.values | {"relais": "guise"})
    assert "elle choisit son relais en haut" in read(said)
    assert acts(database) == [("relays_given", "user", SECRETARY)]
    assert "checked" in read(office.client.get(address))
    alert = Alert(kind=AlertKind.RELAY_UNUSED, subject="guise", detail="14 - Guise")
    with database.read() as session:
        concerned = people_concerned(session, alert, Ways())
        assert number in concerned

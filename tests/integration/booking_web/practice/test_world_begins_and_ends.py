# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is practised on is one's own, for a day or until it is set back; nobody else comes in."""

from datetime import timedelta

from sqlalchemy import update
from werkzeug.test import Client

from booking_web.practice import seeding
from booking_web.practice.gate import PracticeGate
from booking_web.shell.services import services_of
from provisioning.database.models import User
from tests.integration.booking_web.conftest import NEIGHBOUR, SECRETARY
from tests.integration.booking_web.practice.conftest import EXERCISES, trainee_of

ROWS = "/bureau/rendez-vous"


def mark_late(trainee) -> None:
    trainee.act(ROWS, trainee.number_of(seeding.LATE), "absent")
    assert trainee.ticked() == {"no_show"}


def folders(gate) -> list:
    return sorted(gate.worlds.folder.glob("of-*"))


def test_all_is_set_back_at_once_and_what_was_open_before_is_refused(trainee) -> None:
    mark_late(trainee)
    former, token = trainee.world(), trainee.token()
    trainee.send("/consignes", "/zero")
    assert trainee.ticked() == set()
    assert not former.folder.exists()
    number = trainee.number_of(seeding.LATE)
    address = f"/exercice{ROWS}/{number}/absent"
    answer = trainee.client.post(address, data={"csrf_token": token})
    assert answer.status_code == 400
    assert trainee.ticked() == set()


def test_the_day_ends_and_nothing_is_left_of_it(gate, trainee, clock) -> None:
    mark_late(trainee)
    assert len(folders(gate)) == 1
    clock.now += timedelta(hours=18)
    # Whoever asks for whatever: a kiosk's screen, somebody who looks whether it lives.
    later = PracticeGate(gate.site, gate.worlds.folder, clock)
    assert Client(later).get("/sante").status_code == 200
    assert folders(gate) == []
    assert trainee.ticked() == set()


def test_a_tab_that_was_open_over_night_begins_anew_by_itself(trainee, clock) -> None:
    mark_late(trainee)
    clock.now += timedelta(days=1)
    assert trainee.ticked() == set()


def test_two_who_practise_do_not_see_each_other(gate, ground, trainee) -> None:
    neighbour = trainee_of(gate, ground, NEIGHBOUR)
    mark_late(trainee)
    assert neighbour.ticked() == set()
    neighbour.send("/consignes", "/zero")
    assert trainee.ticked() == {"no_show"}


def test_nobody_comes_in_who_is_not_signed_in_to_the_site(
    gate, ground, trainee
) -> None:
    client = trainee.client
    token = trainee.token()
    client.post("/deconnexion", data={"csrf_token": token_of_site(client)})
    answer = client.get(EXERCISES)
    assert answer.status_code == 303
    assert answer.location.startswith("/connexion?")
    assert answer.headers["Content-Security-Policy"]
    assert (
        client.post(f"{EXERCISES}/zero", data={"csrf_token": token}).status_code == 401
    )
    assert len(folders(gate)) == 1


def token_of_site(client) -> str:
    page = client.get("/bureau").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_an_account_that_is_closed_practises_no_more(gate, trainee) -> None:
    assert trainee.get("/consignes").status_code == 200
    with services_of(gate.site).database.write() as session:
        session.execute(
            update(User).where(User.email == SECRETARY).values(active=False)
        )
    assert trainee.client.get(EXERCISES).status_code == 303


def test_where_it_is_switched_off_there_is_no_way_to_it(visitor) -> None:
    visitor.sign_in(SECRETARY)
    assert "S'exercer" not in visitor.client.get("/bureau").text
    assert visitor.client.get(EXERCISES).status_code == 404

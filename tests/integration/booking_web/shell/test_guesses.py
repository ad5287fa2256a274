# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guessing passwords: slowed down by account and by place, and nobody else is kept out."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from booking_web.shell.sign_in.guesses import PER_ACCOUNT, PER_PLACE
from booking_web.tables.known_places import KnownPlace

SECRETARY = "mairie@wassigny.example"
NEIGHBOUR = "mairie@guise.example"
TOWN_HALL = "192.0.2.10"
STRANGER = "198.51.100.7"

SPELLINGS = (
    SECRETARY,
    SECRETARY.upper(),
    f" {SECRETARY} ",
    "mairie@wassigny\u3002example",
    "mairie@wassigny\uff0eexample",
    "mairie@wassigny\uff61example",
    "\uff4d\uff41\uff49\uff52\uff49\uff45@wassigny.example",
    "mairie\uff20wassigny.example",
    "\U0001d426airie@wassigny.example",
    "mairie@\U0001d430assigny.example",
)


class Door:
    """A browser at the sign-in, at an address of its own."""

    def __init__(self, app, address: str = STRANGER) -> None:
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address
        page = self.client.get("/connexion")
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    def try_with(self, email: str, password: str = "guess") -> int:
        """Try a password and give the answer's status."""
        data = {"csrf_token": self.token, "email": email, "password": password}
        return self.client.post("/connexion", data=data).status_code


@pytest.fixture
def sign_in_from(app, ground):
    """Give a function that signs the secretary in from an address."""

    def sign_in(address: str) -> int:
        return Door(app, address).try_with(SECRETARY, ground.passwords[SECRETARY])

    return sign_in


def test_other_spellings_of_an_address_share_its_count(app) -> None:
    door = Door(app)
    tried = [door.try_with(each) for each in SPELLINGS * 2]
    assert tried == [200] * 10 + [429] * 10


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_signs_in(app, ground, spelling) -> None:
    password = ground.passwords[SECRETARY]
    assert Door(app).try_with(spelling, password) == 302


def test_of_forty_at_once_ten_are_looked_at(app) -> None:
    doors = [Door(app) for _ in range(40)]
    with ThreadPoolExecutor(40) as pool:
        tried = sorted(pool.map(lambda door: door.try_with(SECRETARY), doors))
    assert tried == [200] * 10 + [429] * 30


def test_of_forty_at_once_the_right_one_too_late_is_not_looked_at(app, ground) -> None:
    doors = [Door(app) for _ in range(PER_ACCOUNT)]
    for door in doors:
        door.try_with(SECRETARY)
    assert Door(app).try_with(SECRETARY, ground.passwords[SECRETARY]) == 429


def test_every_door_counts_the_same(app, ground, sign_in_from) -> None:
    owner = Door(app, TOWN_HALL)
    assert owner.try_with(SECRETARY, ground.passwords[SECRETARY]) == 302
    page = owner.client.get("/mot-de-passe")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    data = {"csrf_token": token, "former": "guess"}
    data |= {"password": "neuf chats bleus", "again": "neuf chats bleus"}
    tried = [
        owner.client.post("/mot-de-passe", data=data).status_code for _ in range(12)
    ]
    assert tried == [422] * 10 + [429] * 2
    assert sign_in_from(TOWN_HALL) == 429
    assert owner.client.get("/verify").status_code == 404


def test_json_is_no_other_door(app, ground) -> None:
    door = Door(app)
    for _ in range(12):
        answer = door.client.post(
            "/connexion",
            json={"email": SECRETARY, "password": ground.passwords[SECRETARY]},
            headers={"X-CSRFToken": door.token, "Accept": "application/json"},
        )
        assert answer.status_code in (200, 429)
        assert not answer.is_json
    assert door.client.get("/bureau").status_code == 303


def test_a_stranger_does_not_lock_the_owner_out(app, sign_in_from) -> None:
    assert sign_in_from(TOWN_HALL) == 302
    stranger = Door(app)
    for _ in range(2 * PER_ACCOUNT):
        stranger.try_with(SECRETARY)
    assert stranger.try_with(SECRETARY) == 429
    assert sign_in_from(TOWN_HALL) == 302


def test_strangers_everywhere_share_one_count_and_lock_nobody_out(
    app, ground, sign_in_from
) -> None:
    assert sign_in_from(TOWN_HALL) == 302
    tried = [
        Door(app, f"198.51.100.{number}").try_with(SECRETARY) for number in range(15)
    ]
    assert tried == [200] * 10 + [429] * 5
    assert sign_in_from("203.0.113.200") == 429
    assert sign_in_from(TOWN_HALL) == 302


def test_the_owner_too_has_ten_guesses_at_the_usual_place(app, sign_in_from) -> None:
    assert sign_in_from(TOWN_HALL) == 302
    door = Door(app, TOWN_HALL)
    tried = [door.try_with(SECRETARY) for _ in range(12)]
    assert tried == [200] * 10 + [429] * 2
    assert sign_in_from(TOWN_HALL) == 429


def test_one_place_tries_many_accounts_thirty_times(app) -> None:
    door = Door(app)
    tried = [door.try_with(f"m{number}@x.example") for number in range(PER_PLACE + 5)]
    assert tried == [200] * PER_PLACE + [429] * 5


def test_a_line_of_ipv6_is_one_place(app) -> None:
    tried = [
        Door(app, f"2001:db8:1:2::{number:x}").try_with(f"m{number}@x.example")
        for number in range(PER_PLACE + 5)
    ]
    assert tried == [200] * PER_PLACE + [429] * 5
    assert Door(app, "2001:db8:1:3::1").try_with("m@x.example") == 200


def test_the_usual_place_of_an_ipv6_line_is_the_line(app, sign_in_from) -> None:
    assert sign_in_from("2001:db8:1:2::1") == 302
    stranger = Door(app)
    for _ in range(PER_ACCOUNT + 1):
        stranger.try_with(SECRETARY)
    assert sign_in_from("2001:db8:1:2:ffff::9") == 302
    assert sign_in_from("2001:db8:1:9::1") == 429


def test_right_passwords_from_anywhere_are_no_guesses(app, ground) -> None:
    password = ground.passwords[NEIGHBOUR]
    for number in range(PER_ACCOUNT + 2):
        door = Door(app, f"203.0.113.{number}")
        assert door.try_with(NEIGHBOUR, password) == 302


def test_of_places_only_digests_are_kept(sign_in_from, database) -> None:
    assert sign_in_from(TOWN_HALL) == 302
    with database.read() as session:
        [place] = session.scalars(select(KnownPlace.place_digest))
    assert re.fullmatch("[0-9a-f]{64}", place)

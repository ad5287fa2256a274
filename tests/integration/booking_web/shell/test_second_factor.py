# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second factor: set up by its owner, asked for after the password, never taken twice."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from booking_web.domain.journal.kinds import ActKind, acts_of
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.second_factors import RecoveryCode, SecondFactor
from provisioning.database.models import User
from provisioning.directory.credentials import new_session_key
from tests.factories.second_factors import (
    PAGE,
    STEP,
    Telephone,
    read,
    send,
    sheet,
    telephone_of,
    values_of,
    with_telephone,
)
from tests.integration.booking_web.conftest import SECRET_KEY, Desk

SECRETARY = "mairie@wassigny.example"
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def at() -> list[datetime]:
    """Give the server's hour, to be changed in place."""
    return [datetime.now(UTC)]


@pytest.fixture
def app(new_app, ground, at) -> Flask:
    return new_app(ground, now=lambda: at[0])


@pytest.fixture
def telephone(database, at) -> Telephone:
    """Give the telephone that the secretary has set up."""
    return with_telephone(database, SECRETARY, SECRET_KEY, at[0])


@pytest.fixture
def half_way(app, ground) -> Callable[..., FlaskClient]:
    """Give a function that gives the right password in a new browser, at an address."""

    def make(address: str = "192.0.2.10") -> FlaskClient:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        answer = Desk(client, ground.passwords).sign_in(SECRETARY)
        assert (answer.status_code, answer.location) == (303, STEP)
        return client

    return make


def acts(database) -> list[str]:
    with database.read() as session:
        found = session.execute(
            select(JournalEntry.act, JournalEntry.detail)
            .where(JournalEntry.act.in_(acts_of(ActKind.ACCOUNT)))
            .order_by(JournalEntry.id)
        )
        return [f"{act} {detail}".strip() for act, detail in found]


def is_in(client) -> bool:
    return client.get("/bureau").status_code == 200


def test_a_person_sets_up_a_telephone_and_signs_in_with_it(
    desk, app, ground, database, at, half_way
) -> None:
    elsewhere = app.test_client()
    assert Desk(elsewhere, ground.passwords).sign_in(SECRETARY).status_code == 302
    page = desk.client.get(PAGE)
    own = telephone_of(page)
    assert "<svg" in page.text and "<path" in page.text
    hidden = values_of(page)
    asked = hidden | {"code": own.code(at[0]), "password": ground.passwords[SECRETARY]}
    for wrong, words in (
        ({"code": "000000"}, "Ce n'est pas le code de ce téléphone"),
        ({"code": own.code(at[0] + timedelta(minutes=5))}, "avance de 5 min"),
        ({"code": own.code(at[0] - timedelta(minutes=5))}, "retarde de 5 min"),
        ({"password": "guess"}, "Ce n'est pas votre mot de passe"),
    ):
        refused = desk.client.post(PAGE, data=asked | wrong)
        assert refused.status_code == 422
        assert words in read(refused)
        # The telephone has photographed this key: it stays.
        assert telephone_of(refused) == own
    shown = desk.client.post(PAGE, data=asked)
    assert shown.status_code == 200
    codes = re.findall(r"<li>([A-Z0-9-]{14})</li>", shown.text)
    assert len(set(codes)) == 10
    assert is_in(desk.client) and not is_in(elsewhere)
    assert acts(database) == ["second_factor_set_up"]
    with database.read() as session:
        row = session.scalars(select(SecondFactor)).one()
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
    assert own.secret not in row.sealed_secret
    assert {each[:9] for each in hashes} == {"$argon2id"}
    # The code that confirmed it signs in no more; the next one does.
    client = half_way()
    assert send(client, STEP, code=own.code(at[0])).status_code == 422
    at[0] += HALF_A_MINUTE
    answer = send(client, STEP, code=own.code(at[0]))
    assert (answer.status_code, answer.location) == (303, "/bureau")
    assert is_in(client)


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_may_be_off_by_half_a_minute(half_way, telephone, at, seconds) -> None:
    client = half_way()
    assert not is_in(client)
    code = telephone.code(at[0] + timedelta(seconds=seconds))
    assert send(client, STEP, code=f" {code[:3]} {code[3:]} ").location == "/bureau"
    assert is_in(client)


@pytest.mark.parametrize("minutes", [-2, 2])
def test_of_a_clock_that_is_wrong_the_page_says_so(
    half_way, telephone, at, minutes
) -> None:
    client = half_way()
    code = telephone.code(at[0] + timedelta(minutes=minutes))
    answer = send(client, STEP, code=code)
    assert answer.status_code == 422
    assert "l'horloge du téléphone n'est peut-être pas à l'heure" in read(answer)
    assert not is_in(client)


def test_a_code_is_taken_once_also_of_two_at_once(half_way, telephone, at) -> None:
    clients = [half_way() for _ in range(4)]
    code = telephone.code(at[0])
    with ThreadPoolExecutor(4) as pool:
        found = sorted(
            pool.map(lambda each: send(each, STEP, code=code).status_code, clients)
        )
    assert found == [303, 422, 422, 422]
    assert sum(is_in(each) for each in clients) == 1
    # An earlier one that was not used is over too.
    at[0] += HALF_A_MINUTE
    earlier = telephone.code(at[0] - 2 * HALF_A_MINUTE)
    assert send(half_way(), STEP, code=earlier).status_code == 422


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(
    half_way, telephone, database
) -> None:
    code = sheet()[0][6]
    client = half_way()
    assert "Code de secours" in read(client.get(f"{STEP}?secours=1"))
    answer = send(client, STEP, code=code.lower().replace("-", " "))
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = read(client.get(PAGE))
    assert "Il vous reste 9 codes de secours." in page
    assert "il ne sert plus" in page
    assert acts(database) == ["recovery_code_used 9"]
    other = half_way()
    for guess in (code, "", "é", "A" * 5000, sheet()[0][5][:-1]):
        assert send(other, STEP, code=guess).status_code == 422
    assert not is_in(other)


def test_guesses_are_counted_for_the_account_wherever_they_come_from(
    half_way, telephone, at
) -> None:
    owner = half_way("192.0.2.10")
    assert send(owner, STEP, code=telephone.code(at[0])).status_code == 303
    strangers = [half_way(f"198.51.100.{number}") for number in range(12)]
    tried = [send(each, STEP, code="000000").status_code for each in strangers]
    assert tried == [422] * 10 + [429] * 2
    # The right one is not looked at there; who comes from the usual place is not kept out.
    at[0] += HALF_A_MINUTE
    right = telephone.code(at[0])
    assert send(strangers[0], STEP, code=right).status_code == 429
    back = half_way("192.0.2.10")
    assert send(back, STEP, code=right).status_code == 303


def test_half_a_sign_in_opens_nothing_and_serves_once_in_its_own_browser(
    app, half_way, telephone, at, ground
) -> None:
    client = half_way()
    assert client.get("/bureau").location == "/connexion?next=/bureau"
    assert client.get("/mon-compte").status_code == 303
    half = client.get_cookie("guichet").value
    stranger = app.test_client()
    code = telephone.code(at[0])
    assert send(stranger, STEP, "/connexion", code=code).location == "/connexion"
    stranger.set_cookie("guichet", f"{half[:-3]}abc")
    assert send(stranger, STEP, "/connexion", code=code).location == "/connexion"
    assert not is_in(stranger)
    page = client.get(STEP)
    assert send(client, STEP, code=code).location == "/bureau"
    assert client.get_cookie("guichet").value != half
    at[0] += HALF_A_MINUTE
    stranger.set_cookie("guichet", half)
    again = stranger.post(STEP, data=values_of(page) | {"code": telephone.code(at[0])})
    assert again.location == "/connexion"
    assert not is_in(stranger)


def test_half_a_sign_in_is_over_after_ten_minutes(half_way, telephone, at) -> None:
    client = half_way()
    page = client.get(STEP)
    at[0] += timedelta(minutes=11)
    token = values_of(page)["csrf_token"]
    data = {"csrf_token": token, "code": telephone.code(at[0])}
    assert client.post(STEP, data=data).location == "/connexion"
    assert not is_in(client)


CHANGES = {
    "password changed": update(User).values(password="other"),
    "sign-ins ended": update(User)
    .where(User.email == SECRETARY)
    .values(session_key=new_session_key()),
    "account closed": update(User).values(active=False),
    "second factor reset": delete(SecondFactor),
    "account removed": delete(User).where(User.email == SECRETARY),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_ends_sign_ins_ends_half_of_one(
    half_way, telephone, at, database, change
) -> None:
    client = half_way()
    page = client.get(STEP)
    with database.write() as session:
        session.execute(CHANGES[change])
    token = values_of(page)["csrf_token"]
    data = {"csrf_token": token, "code": telephone.code(at[0])}
    assert client.post(STEP, data=data).location == "/connexion"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("wanted", "comes_to"),
    [
        ("/bureau?jour=2031-01-02", "/bureau?jour=2031-01-02"),
        ("https://elsewhere.example/", "/bureau"),
        ("//elsewhere.example/", "/bureau"),
        ("/\\elsewhere.example/", "/bureau"),
    ],
)
def test_the_second_step_leads_where_one_wanted_and_to_no_other_site(
    visitor, ground, telephone, at, wanted, comes_to
) -> None:
    values = {"email": SECRETARY, "password": ground.passwords[SECRETARY]}
    query = {"next": wanted}
    page = visitor.client.get("/connexion", query_string=query)
    token = values_of(page)["csrf_token"]
    sent = visitor.client.post(
        "/connexion", query_string=query, data=values | {"csrf_token": token}
    )
    assert sent.location.startswith(f"{STEP}?next=")
    answer = send(visitor.client, sent.location, code=telephone.code(at[0]))
    assert answer.location == comes_to


def test_of_two_that_set_up_at_once_the_first_counts(
    desk, app, ground, at, database, half_way
) -> None:
    elsewhere = app.test_client()
    assert Desk(elsewhere, ground.passwords).sign_in(SECRETARY).status_code == 302
    password = {"password": ground.passwords[SECRETARY]}
    # What another browser's page has drawn is worth nothing here.
    foreign = values_of(elsewhere.get(PAGE)) | password
    hidden = values_of(desk.client.get(PAGE))
    refused = desk.client.post(PAGE, data=hidden | {"draft": foreign["draft"]})
    assert refused.status_code == 422
    assert "restée ouverte trop longtemps" in read(refused)
    pages = [desk.client.get(PAGE), desk.client.get(PAGE)]
    telephones = [telephone_of(page) for page in pages]
    answers = [
        desk.client.post(
            PAGE, data=values_of(page) | password | {"code": own.code(at[0])}
        )
        for page, own in zip(pages, telephones, strict=True)
    ]
    assert [each.status_code for each in answers] == [200, 303]
    assert "C'est celui-là qui compte" in read(desk.client.get(PAGE))
    assert elsewhere.post(PAGE, data=foreign).location.startswith("/connexion")
    at[0] += HALF_A_MINUTE
    client = half_way()
    assert send(client, STEP, code=telephones[1].code(at[0])).status_code == 422
    assert send(client, STEP, code=telephones[0].code(at[0])).status_code == 303
    assert acts(database) == ["second_factor_set_up"]


def test_the_owner_draws_new_codes_and_takes_it_away_by_password_and_code(
    half_way, telephone, at, database, ground, app
) -> None:
    client = half_way()
    assert send(client, STEP, code=telephone.code(at[0])).status_code == 303
    right = {"password": ground.passwords[SECRETARY], "code": sheet()[0][0]}
    for wrong, words in (
        ({"password": "guess"}, "Ce n'est pas votre mot de passe"),
        ({"code": "000000"}, "Ce code n'est pas le bon"),
        ({"code": telephone.code(at[0])}, "Ce code n'est pas le bon"),
    ):
        for act in ("/secours", "/arreter"):
            refused = send(client, PAGE + act, PAGE, **right | wrong)
            assert refused.status_code == 422
            assert words in read(refused)
    shown = send(client, f"{PAGE}/secours", PAGE, **right)
    codes = re.findall(r"<li>([A-Z0-9-]{14})</li>", shown.text)
    assert len(set(codes)) == 10
    # Those of the former sheet are worth nothing.
    used = send(client, f"{PAGE}/arreter", PAGE, **right | {"code": sheet()[0][1]})
    assert used.status_code == 422
    other = half_way()
    assert send(other, STEP, code=codes[3]).status_code == 303
    gone = send(client, f"{PAGE}/arreter", PAGE, **right | {"code": codes[4]})
    assert (gone.status_code, gone.location) == (303, "/mon-compte")
    assert is_in(client) and not is_in(other)
    assert (
        Desk(app.test_client(), ground.passwords).sign_in(SECRETARY).status_code == 302
    )
    assert acts(database) == [
        "recovery_code_used 9",
        "recovery_codes_drawn",
        "recovery_code_used 9",
        "recovery_code_used 8",
        "second_factor_removed",
    ]


def test_under_another_secret_key_the_sheet_still_signs_in(
    new_app, ground, telephone, at
) -> None:
    client = new_app(ground, now=lambda: at[0], secret_key="another").test_client()
    assert Desk(client, ground.passwords).sign_in(SECRETARY).location == STEP
    assert send(client, STEP, code=telephone.code(at[0])).status_code == 422
    assert send(client, STEP, code=sheet()[0][2]).status_code == 303
    assert is_in(client)

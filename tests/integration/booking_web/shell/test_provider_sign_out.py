# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who signs out here is signed out at the identity provider as well, or told that they are not."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from booking_web.tables.web_sessions import WebSession
from stage.html_forms import forms_of
from stage.openid_provider import OpenidProvider
from stage.waiting import PATIENCE
from tests.factories.provider_sign_ins import (
    END,
    SITE,
    address_of_end,
    is_in,
    newcomer,
    settings_for,
    sign_out,
)
from tests.factories.second_factors import read
from tests.integration.booking_web.conftest import SECRETARY, Desk


@pytest.fixture
def provider() -> Iterator[OpenidProvider]:
    with OpenidProvider() as made:
        made.email = SECRETARY
        yield made


@pytest.fixture
def app(new_app, ground, provider) -> Flask:
    return new_app(ground, **settings_for(provider))


def test_who_signs_out_here_is_signed_out_at_the_provider_and_comes_back(
    app, provider, database
) -> None:
    browser = newcomer(app, provider)
    with database.read() as session:
        [row] = session.scalars(select(WebSession))
    # The token names a person: the database alone does not tell it.
    assert row.sealed_voucher and provider.subject not in row.sealed_voucher
    answer = sign_out(browser)
    assert (
        answer.status_code == 200 and "Vous êtes déconnecté de ce site" in answer.text
    )
    assert not is_in(browser)
    address = address_of_end(answer.text)
    asked = parse_qs(urlsplit(address).query)
    assert set(asked) == {
        *("here", "id_token_hint", "state", "post_logout_redirect_uri")
    }
    assert asked["post_logout_redirect_uri"] == [f"{SITE}{END}"]
    assert len(asked["state"][0]) >= 32
    back = requests.get(address, allow_redirects=False, timeout=30 * PATIENCE)
    assert provider.ended == ["person-1"]
    assert back.headers["Location"].startswith(f"{SITE}{END}?state=")
    path = back.headers["Location"].removeprefix(SITE)
    # Another's return, or one that was made up, says nothing.
    for other, where in ((app.test_client(), path), (app.test_client(), END)):
        assert other.get(where).location == "/connexion"
        assert "déconnecté" not in other.get("/connexion").text
    assert browser.get(path).location == "/connexion"
    assert "déconnecté de ce site et de ProConnect" in browser.get("/connexion").text
    with database.read() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_a_password_that_is_changed_meanwhile_leaves_the_sign_out_there(
    app, provider, ground
) -> None:
    browser = newcomer(app, provider)
    token = forms_of(browser.get("/mot-de-passe").text)[0].values["csrf_token"]
    new = "neuf chats bleus dorment"
    data = {"former": ground.passwords[SECRETARY], "password": new, "again": new}
    changed = browser.post("/mot-de-passe", data={"csrf_token": token} | data)
    assert changed.status_code == 303
    assert address_of_end(sign_out(browser).text)


NO_END = {
    "it offers no sign-out": {"end_session_endpoint": None},
    "it leads elsewhere": {"end_session_endpoint": "javascript:alert(1)"},
    "it is another": {"issuer": "https://another.example"},
    "it is away": None,
}


@pytest.mark.parametrize("changed", NO_END.values(), ids=NO_END)
def test_who_cannot_be_signed_out_there_is_signed_out_here_and_told(
    app, provider, changed
) -> None:
    def lie(told, said):
        if changed is None:
            return None
        return said | changed if told == "discovery" else said

    browser = newcomer(app, provider)
    provider.lie = lie
    answer = sign_out(browser)
    assert (answer.status_code, answer.location) == (302, "/connexion")
    assert not is_in(browser)
    told = read(browser.get("/connexion"))
    assert "Votre session ProConnect reste ouverte" in told
    assert "fermez le navigateur" in told


def test_who_came_by_password_signs_out_here_alone(app, provider, ground) -> None:
    desk = Desk(app.test_client(), ground.passwords)
    desk.sign_in(SECRETARY)
    assert sign_out(desk.client).location == "/connexion"
    assert "ProConnect reste" not in desk.client.get("/connexion").text

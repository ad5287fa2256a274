# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-in by an identity provider: who is believed, and who never is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import KeySet

from booking_web.base.settings import SettingsError, load_settings
from booking_web.shell.sign_in.provider import client
from stage.openid_provider import CLIENT, SECRET, OpenidProvider
from tests.factories.provider_sign_ins import (
    BACK,
    END,
    LEAVE,
    SITE,
    is_in,
    leave,
    settings_for,
)
from tests.integration.booking_web.conftest import SECRETARY


@pytest.fixture
def provider() -> Iterator[OpenidProvider]:
    with OpenidProvider() as made:
        made.email = SECRETARY
        yield made


@pytest.fixture
def at() -> list[datetime]:
    """Give the server's hour, to be changed in place."""
    return [datetime.now(UTC)]


@pytest.fixture
def app(new_app, ground, provider, at) -> Flask:
    return new_app(ground, now=lambda: at[0], **settings_for(provider))


def test_who_has_an_account_is_signed_in_and_led_where_they_wanted(
    app, provider
) -> None:
    browser = app.test_client()
    page = browser.get("/connexion?next=/bureau/semaine").text
    assert "Se connecter avec ProConnect" in page
    assert f'href="{LEAVE}?next=/bureau/semaine"' in page
    address = leave(browser, "/bureau/semaine")
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.issuer}/authorize?")
    # ProConnect takes no parameter more, and 32 characters at least.
    assert set(asked) == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce")
    }
    assert asked["redirect_uri"] == [f"{SITE}{BACK}"]
    assert len(asked["state"][0]) >= 32 and len(asked["nonce"][0]) >= 32
    answer = browser.get(BACK, query_string=provider.ask(address))
    assert (answer.status_code, answer.location) == (302, "/bureau/semaine")
    assert is_in(browser)
    [form] = provider.forms
    assert form["client_secret"] == SECRET and form["redirect_uri"] == f"{SITE}{BACK}"
    # The address is the account's, however it is spelt, and a page outside is no place to go.
    provider.email = SECRETARY.upper()
    other = app.test_client()
    back = provider.ask(leave(other, "https://elsewhere.example/"))
    assert other.get(BACK, query_string=back).location.startswith("/")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_of_another_site_leads_to_the_button_and_no_further(app, site) -> None:
    browser = app.test_client()
    answer = browser.get(
        f"{LEAVE}?next=/bureau/semaine", headers={"Sec-Fetch-Site": site}
    )
    assert answer.status_code == 303
    assert answer.location == "/connexion?next=/bureau/semaine"
    assert "Se connecter avec ProConnect" in browser.get(answer.location).text


def test_an_address_without_an_account_signs_nobody_in(app, provider) -> None:
    browser = app.test_client()
    provider.email = "inconnue@msa.example"
    answer = browser.get(BACK, query_string=provider.ask(leave(browser)))
    assert answer.status_code == 403 and not is_in(browser)
    assert "inconnue@msa.example" in answer.text


LIES = {
    "for another site": ("id_token", {"aud": "another"}),
    "of another sign-in": ("id_token", {"nonce": "x" * 43}),
    "by another provider": ("id_token", {"iss": "https://another.example"}),
    "over": ("id_token", {"exp": 1_000_000_000}),
    "without an end": ("id_token", {"exp": None}),
    "of somebody else": ("userinfo", {"sub": "person-2"}),
    "the person, for another site": ("userinfo", {"aud": "another"}),
    "of nobody": ("both", {"sub": ""}),
    "of a number": ("both", {"sub": 7}),
    "of a name without an end": ("both", {"sub": "x" * 256}),
    "without an address": ("userinfo", {"email": None}),
    "of an unverified address": ("userinfo", {"email_verified": False}),
}


@pytest.mark.parametrize(("what", "changed"), LIES.values(), ids=LIES)
def test_what_is_said_of_another_sign_in_is_not_believed(
    app, provider, what, changed
) -> None:
    def lie(told, said):
        if told == what or what == "both":
            said = {**said, **changed}
        return {key: value for key, value in said.items() if value is not None}

    browser = app.test_client()
    back = provider.ask(leave(browser))
    provider.lie = lie
    answer = browser.get(BACK, query_string=back)
    assert answer.status_code == 502 and not is_in(browser)
    assert "pas celle attendue" in answer.text
    # Nothing of it stays: the same return is good for nothing more.
    provider.lie = lambda _what, said: said
    assert browser.get(BACK, query_string=back).status_code == 400


@pytest.mark.parametrize("what", ["id_token", "userinfo"])
def test_what_is_not_signed_is_not_believed(app, provider, what) -> None:
    browser = app.test_client()
    back = provider.ask(leave(browser))
    provider.lie = lambda told, said: None if told == what else said
    assert browser.get(BACK, query_string=back).status_code == 502
    assert not is_in(browser)


def test_a_token_signed_by_somebody_else_is_not_believed(app, provider) -> None:
    browser = app.test_client()
    back = provider.ask(leave(browser))
    published = provider._key
    provider.change_key()
    public = KeySet([published]).as_dict(private=False)
    provider.lie = lambda told, said: public if told == "jwks" else said
    assert browser.get(BACK, query_string=back).status_code == 502
    assert not is_in(browser)


def test_keys_that_the_provider_changed_are_asked_for_again(app, provider) -> None:
    browser = app.test_client()
    back = provider.ask(leave(browser))
    provider.change_key()
    assert browser.get(BACK, query_string=back).status_code == 302
    assert is_in(browser)


def test_only_the_browser_that_left_comes_back_once_and_in_time(
    app, provider, at
) -> None:
    browser, other = app.test_client(), app.test_client()
    back = provider.ask(leave(browser))
    # A link that was sent on, and one that was made up.
    assert other.get(BACK, query_string=back).status_code == 400
    for wrong in ({**back, "state": "x" * 43}, {"code": back["code"]}, {}):
        leave(other)
        assert other.get(BACK, query_string=wrong).status_code == 400
    assert browser.get(BACK, query_string=back).status_code == 302
    again = browser.get(BACK, query_string=back)
    assert again.status_code == 400
    late = app.test_client()
    back = provider.ask(leave(late))
    at[0] += timedelta(minutes=11)
    assert late.get(BACK, query_string=back).status_code == 400
    assert not is_in(late) and not is_in(other)


def test_who_says_no_at_the_provider_is_told_so(app, provider) -> None:
    browser = app.test_client()
    back = provider.ask(leave(browser))
    refused = {"state": back["state"], "error": "access_denied"}
    answer = browser.get(BACK, query_string=refused)
    assert answer.status_code == 403
    assert "pas confirmé qui vous êtes" in answer.text


def test_a_provider_that_is_away_slow_or_another_signs_nobody_in(
    app, provider, monkeypatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", (1.0, 0.2))
    browser = app.test_client()
    provider.lie = lambda _what, _said: None
    assert browser.get(LEAVE).status_code == 502
    provider.lie = lambda told, said: (
        {**said, "issuer": "https://another.example"} if told == "discovery" else said
    )
    assert browser.get(LEAVE).status_code == 502
    provider.lie = lambda _what, said: said
    back = provider.ask(leave(browser))
    provider.pause_seconds = 1.0
    answer = browser.get(BACK, query_string=back)
    assert answer.status_code == 502 and "ne répond pas" in answer.text
    assert not is_in(browser)


def test_without_a_provider_there_is_none(new_app, ground) -> None:
    browser = new_app(ground).test_client()
    assert "Se connecter avec" not in browser.get("/connexion").text
    for path in (LEAVE, BACK, END):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "missing", ["oidc_client_id", "oidc_client_secret", "site_url"]
)
def test_settings_that_are_not_whole_are_refused(missing, tmp_path) -> None:
    values = {
        "database_url": "sqlite://",
        "secret_key": "x" * 32,
        "oidc_issuer": "https://auth.example/api",
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "site_url": SITE,
    }
    del values[missing]
    file = tmp_path / "guichet.toml"
    file.write_text("".join(f'{key} = "{each}"\n' for key, each in values.items()))
    with pytest.raises(SettingsError, match=f"oidc_issuer needs {missing}"):
        load_settings(file, environment={})

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-ins by the identity provider of the tests, and sign-outs at it."""

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stage.html_forms import forms_of
from stage.openid_provider import CLIENT, SECRET, OpenidProvider

LEAVE, BACK = "/connexion/fournisseur", "/connexion/fournisseur/retour"
END = "/connexion/fournisseur/fin"
SITE = "https://guichet.example"


def settings_for(provider: OpenidProvider) -> dict[str, Any]:
    """Give the settings of a site that one may come to from this provider."""
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "site_url": SITE,
    }


def leave(browser: FlaskClient, wanted: str = "") -> str:
    """Leave for the provider; give where that leads."""
    answer = browser.get(LEAVE, query_string={"next": wanted} if wanted else {})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def come(browser: FlaskClient, provider: OpenidProvider, **who: str) -> TestResponse:
    """Come back from the provider, as `subject` and `email` where that is another one."""
    for name, value in who.items():
        setattr(provider, name, value)
    return browser.get(BACK, query_string=provider.ask(leave(browser)))


def newcomer(app: Flask, provider: OpenidProvider, **who: str) -> FlaskClient:
    """Give the browser of who came so, signed in or not."""
    browser = app.test_client()
    come(browser, provider, **who)
    return browser


def is_in(browser: FlaskClient) -> bool:
    """Tell whether the secretary's pages are open."""
    return bool(browser.get("/bureau").status_code == 200)


def sign_out(browser: FlaskClient) -> TestResponse:
    """Press the button of every page's head."""
    token = forms_of(browser.get("/bureau").text)[0].values["csrf_token"]
    return browser.post("/deconnexion", data={"csrf_token": token})


def address_of_end(page: str) -> str:
    """Give whither the browser goes on by itself, which the page's link says too."""
    [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert f'href="{address}"' in page
    return html.unescape(address)

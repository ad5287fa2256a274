# SPDX-License-Identifier: AGPL-3.0-or-later
"""A site names its own address, whatever the Host header of a request says."""

import html

import pytest

from stage.html_forms import forms_of
from tests.integration.booking_web.conftest import SECRETARY, Desk


@pytest.fixture
def new_feed(new_app, ground):
    """Give a function that makes a feed under a forged host and gives the page's text."""

    def make(**settings: object) -> str:
        app = new_app(ground, **settings)
        desk = Desk(app.test_client(), ground.passwords)
        assert desk.sign_in(SECRETARY).status_code in (302, 303)
        [form] = [
            form
            for form in forms_of(desk.client.get("/agendas").text)
            if "label" in form.values
        ]
        # As if the forged host were a name of this server's: its cookie goes there, too.
        cookie = desk.client.get_cookie("guichet")
        desk.client.set_cookie("guichet", cookie.value, domain="evil.example")
        answer = desk.client.post(
            form.action,
            data=form.values | {"label": "Accueil"},
            headers={"Host": "evil.example"},
        )
        assert answer.status_code == 200
        return html.unescape(answer.text)

    return make


def test_a_new_feeds_address_is_the_sites_own(new_feed) -> None:
    page = new_feed(site_url="https://guichet.example/")
    assert 'value="https://guichet.example/agenda/' in page
    assert 'href="webcal://guichet.example/agenda/' in page
    assert "evil" not in page


def test_a_site_that_does_not_know_its_address_says_so_and_takes_nobody_elses(
    new_feed,
) -> None:
    page = new_feed(site_url=None)
    assert 'value="/agenda/' in page
    assert "Mettez devant l'adresse de ce site" in page
    assert "evil" not in page and "webcal" not in page

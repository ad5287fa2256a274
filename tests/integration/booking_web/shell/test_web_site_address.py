# SPDX-License-Identifier: AGPL-3.0-or-later
"""A site names its own address, whatever the Host header of a request says."""

import html
import re
from pathlib import Path

import pytest

import booking_web
from booking_web.shell.site.site_address import site_address
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


@pytest.mark.parametrize(
    ("site_url", "host", "address"),
    [
        ("https://guichet.example", "evil.example", "https://guichet.example"),
        (None, "localhost:8000", "http://localhost:8000/"),
        (None, "127.0.0.1:8000", "http://127.0.0.1:8000/"),
        (None, "[::1]:8000", "http://[::1]:8000/"),
        (None, "evil.example", None),
        (None, "127.0.0.1.evil.example", None),
        (None, "10.1.2.3", None),
    ],
)
def test_links_lead_to_the_site_whatever_the_request_says(
    new_app, ground, site_url, host, address
) -> None:
    """An administrator handed on http://evil.example/..., a code for a kiosk beside it."""
    app = new_app(ground, site_url=site_url)
    app.add_url_rule("/tried", "tried", site_address)
    answer = app.test_client().get("/tried", headers={"Host": host})
    if address is None:
        # A script sends again what was answered with 503: nobody would read the page.
        assert answer.status_code == 409
        assert "ne sait pas encore son adresse" in html.unescape(answer.text)
    else:
        assert answer.text == address


def test_nobody_else_makes_an_address_of_what_a_request_says() -> None:
    sources = Path(booking_web.__file__).parent
    found = {
        str(file.relative_to(sources))
        for file in sources.rglob("*.py")
        if re.search(r"request\.(url_root|host_url|base_url|host)\b", file.read_text())
    }
    # Both hold it against the page's own `Origin`, and lead nobody there.
    beside = {"pages/counsellor/own_telephone.py", "pages/guest/visit.py"}
    assert found == {"shell/site/site_address.py"} | beside


def test_a_site_that_does_not_know_its_address_says_so_and_takes_nobody_elses(
    new_feed,
) -> None:
    page = new_feed(site_url=None)
    assert 'value="/agenda/' in page
    assert "Mettez devant l'adresse de ce site" in page
    assert "evil" not in page and "webcal" not in page

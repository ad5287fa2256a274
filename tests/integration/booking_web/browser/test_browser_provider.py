# SPDX-License-Identifier: AGPL-3.0-or-later
"""The identity provider in a real browser, which holds pages to what they may lead to."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server

from provisioning.database.models import User
from stage.chromium import check_page, check_wide_and_narrow
from stage.openid_provider import OpenidProvider
from tests.factories.provider_sign_ins import settings_for
from tests.integration.booking_web.conftest import ADMINISTRATOR, SECRETARY

pytestmark = pytest.mark.real

SCREEN = {"width": 1366, "height": 768}


@pytest.fixture
def provider() -> Iterator[OpenidProvider]:
    with OpenidProvider() as made:
        made.email = SECRETARY
        yield made


@pytest.fixture
def site(new_app, ground, provider) -> Iterator[str]:
    """Give the address of a site that knows the provider."""
    http = make_server(
        "127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True
    )
    address = f"http://127.0.0.1:{http.server_port}"
    app = new_app(ground, **settings_for(provider) | {"site_url": address})
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield address
    http.shutdown()
    thread.join()
    http.server_close()


def test_one_comes_by_the_provider_and_is_signed_out_in_both_places(
    site, provider, new_page, sign_in, ground, database
) -> None:
    page = new_page(base_url=site, viewport=SCREEN, without_scripts=True)
    page.goto("/connexion")
    check_page(page, "provider-offered")
    page.get_by_role("link", name="Se connecter avec ProConnect").click()
    page.get_by_role("link", name="mon compte").click()
    expect(page.locator("main")).to_contain_text("aussi vous connecter avec ProConnect")
    check_wide_and_narrow(page, "provider-account")
    page.get_by_role("link", name="Changer le mot de passe").click()
    for password, why in (
        ("Wassigny-2026!", "avec «\xa0wassigny\xa0»"),
        ("marseille13013", "mots de passe volés"),
    ):
        page.fill("#former", ground.passwords[SECRETARY])
        page.fill("#password", password)
        page.get_by_role("button", name="Changer le mot de passe").click()
        expect(page.get_by_role("alert")).to_contain_text(why)
        check_page(page, f"password-{password[:4]}")

    # Somebody else with the address meanwhile.
    provider.subject = "another"
    other = new_page(base_url=site, viewport=SCREEN, without_scripts=True)
    other.goto("/connexion")
    other.get_by_role("link", name="Se connecter avec ProConnect").click()
    expect(other.get_by_role("alert")).to_contain_text("à une autre personne")
    check_wide_and_narrow(other, "provider-another")

    # A provider that does not answer at once leaves the page where it is.
    page.route("**/end?**", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Se déconnecter").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Vous êtes déconnecté de ce site")
    check_wide_and_narrow(page, "provider-ending")
    page.unroute_all()
    page.get_by_role("link", name="Rien ne se passe").click()
    expect(page.get_by_role("status")).to_contain_text("de ce site et de ProConnect")
    check_page(page, "provider-ended")
    assert provider.ended == ["person-1"]

    # By itself, as a browser does.
    provider.subject = "person-1"
    page.get_by_role("link", name="Se connecter avec ProConnect").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_contain_text("de ce site et de ProConnect")
    assert provider.ended == ["person-1", "person-1"]

    with database.read() as session:
        number = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
    sign_in(page, ADMINISTRATOR)
    page.wait_for_url(lambda address: "/connexion" not in address)
    page.goto(f"/administration/personnes/{number}")
    check_wide_and_narrow(page, "provider-person")
    page.get_by_role("button", name="Détacher de ProConnect").click()
    expect(page.locator("main")).to_contain_text("aura ce compte")
    check_page(page, "provider-untie")

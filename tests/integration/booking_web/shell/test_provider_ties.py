# SPDX-License-Identifier: AGPL-3.0-or-later
"""An account belongs to the person who came first with its address, and to nobody else."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update

from booking_web.tables.appointment import JournalEntry
from provisioning.database.models import User
from stage.administrator_desk import AdministratorDesk
from stage.openid_provider import OpenidProvider
from stage.waiting import PATIENCE
from tests.factories.provider_sign_ins import (
    SITE,
    address_of_end,
    come,
    is_in,
    newcomer,
    settings_for,
    sign_out,
)
from tests.factories.second_factors import STEP, read, send, with_telephone
from tests.integration.booking_web.conftest import (
    ADMINISTRATOR,
    SECRET_KEY,
    SECRETARY,
)


@pytest.fixture
def provider() -> Iterator[OpenidProvider]:
    with OpenidProvider() as made:
        made.email = SECRETARY
        yield made


@pytest.fixture
def now() -> datetime:
    """Give the server's hour, which stands still: a code is good as long as the test takes."""
    return datetime.now(UTC)


@pytest.fixture
def app(new_app, ground, provider, now) -> Flask:
    return new_app(ground, now=lambda: now, **settings_for(provider))


def acts(database) -> list[tuple[str, str, str]]:
    """Give what the journal says of accounts and the provider."""
    with database.read() as session:
        lines = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [
            (line.act, line.actor, line.detail)
            for line in lines
            if line.act.startswith("provider_")
        ]


def test_an_account_is_the_first_ones_who_comes_with_its_address_and_no_others(
    app, provider, ground, database
) -> None:
    first, other = app.test_client(), app.test_client()
    assert come(first, provider, subject="first").status_code == 302
    assert come(app.test_client(), provider).status_code == 302
    # The address was given to somebody else there.
    refused = come(other, provider, subject="second")
    assert refused.status_code == 403 and not is_in(other)
    assert "appartient, sur ce site, à une autre personne" in read(refused)
    # The provider would name them again and again: the page leads them out of it.
    [end] = re.findall(rf'href="({provider.issuer}/end[^"]+)"', read(refused))
    back = requests.get(end, allow_redirects=False, timeout=30 * PATIENCE)
    assert provider.ended == ["second"]
    other.get(back.headers["Location"].removeprefix(SITE))
    assert "déconnecté de ce site et de ProConnect" in other.get("/connexion").text
    assert is_in(first)
    with database.read() as session:
        number = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
    whose = f"user:{number}"
    assert acts(database) == [
        ("provider_tied", whose, whose),
        ("provider_refused", "provider", whose),
    ]
    # Who married or moved is the same person; nobody else has their address.
    married = newcomer(app, provider, subject="first", email="new@wassigny.example")
    assert is_in(married)

    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    person = f"/administration/personnes/{number}"
    asked = office.form(person, "/fournisseur")
    question = office.post(asked.action, asked.values)
    assert "aura ce compte" in read(question)
    done = read(office.agree(question))
    assert "Le compte est détaché." in done and "Détacher de" not in done
    assert not is_in(first) and not is_in(married)
    come(other, provider, subject="second", email=SECRETARY)
    assert is_in(other)
    stranger = come(app.test_client(), provider, subject="first")
    assert stranger.status_code == 403
    assert [act for act, _, _ in acts(database)][2:] == [
        *("provider_untied", "provider_tied", "provider_refused")
    ]


def test_a_closed_account_opens_to_nobody_from_the_provider(
    app, provider, database
) -> None:
    come(app.test_client(), provider)
    with database.write() as session:
        session.execute(
            update(User).where(User.email == SECRETARY).values(active=False)
        )
    browser = app.test_client()
    answer = come(browser, provider)
    assert answer.status_code == 403 and not is_in(browser)
    assert "Votre compte est fermé" in read(answer)


def test_whoever_has_a_second_factor_is_asked_for_it(
    app, provider, database, now
) -> None:
    own = with_telephone(database, SECRETARY, SECRET_KEY, now)
    browser = app.test_client()
    assert come(browser, provider).location == STEP and not is_in(browser)
    # Nobody has the account by an address alone.
    assert acts(database) == []
    answer = send(browser, STEP, code=own.code(now))
    assert answer.status_code == 303 and is_in(browser)
    assert [act for act, _, _ in acts(database)] == ["provider_tied"]
    assert address_of_end(sign_out(browser).text)

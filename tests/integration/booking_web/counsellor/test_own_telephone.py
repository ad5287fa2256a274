# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secret of a telephone that is a page: whom it is given to, and when it ends."""

import pytest
from sqlalchemy import select, update

from booking_web.base.clock import utc_now
from booking_web.domain.rights.browser_telephones import (
    end_what_is_over,
    endings_to_do,
    is_any_over,
    mark_ended,
)
from booking_web.domain.rights.web_sessions import LIFETIME
from booking_web.pages.counsellor import own_telephone
from booking_web.tables.appointment import JournalEntry
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor, User
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.cutting import ask_to_cut
from tests.integration.booking_web.conftest import Desk

SLUG, EMAIL = "counsellor-msa-1", "conseiller@msa.example"
ADDRESS = "/bureau/telephone"
OURS = {"Origin": "http://localhost"}


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no page wait for a dispatcher, which these tests have not."""
    monkeypatch.setattr(own_telephone, "ENDED_WITHIN_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _their_telephone(database: Database) -> None:
    with database.write() as session:
        session.execute(
            update(Counsellor).where(Counsellor.slug == SLUG).values(browser=True)
        )
        number = session.scalar(select(Counsellor.id).where(Counsellor.slug == SLUG))
        session.execute(
            update(User).where(User.email == EMAIL).values(counsellor_id=number)
        )


@pytest.fixture
def app(new_app, ground):
    """Give the pages of a site whose Asterisk takes WebSockets."""
    return new_app(ground, ws_port=8088)


@pytest.fixture
def counsellor(app, ground) -> Desk:
    """Give the counsellor, signed in."""
    desk = Desk(app.test_client(), ground.passwords)
    assert desk.sign_in(EMAIL).status_code == 302
    return desk


def ask(desk: Desk):
    """Ask for a secret as the page's script does."""
    page = desk.client.get("/mot-de-passe").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return desk.client.post(ADDRESS, headers={"X-CSRFToken": token})


def digest_of(database: Database) -> str:
    with database.read() as session:
        return session.get_one(PjsipAuth, SLUG).password_digest


def over(database: Database, now) -> list[str]:
    """Do what the dispatcher does each second."""
    with database.write() as session:
        assert is_any_over(session, now) == bool(
            ended := end_what_is_over(session, now)
        )
    return ended


def test_a_page_gets_a_secret_of_its_own_and_the_one_before_ends(
    counsellor, database
) -> None:
    first = ask(counsellor)
    assert first.headers["Cache-Control"] == "no-store"
    assert first.json == {
        "uri": f"sip:{SLUG}@localhost",
        "realm": "asterisk",
        "ha1": first.json["ha1"],
        "server": "ws://localhost/ws",
        "name": first.json["name"],
        # The appointment of a call that it may come back into.
        "call": None,
    }
    assert digest_of(database) == f"MD5:{first.json['ha1']}"
    second = ask(counsellor)
    assert second.json["ha1"] != first.json["ha1"]
    assert digest_of(database) == f"MD5:{second.json['ha1']}"
    with database.read() as session:
        acts = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "telephone_opened")
        )
        assert list(acts) == [SLUG, SLUG]


def test_without_the_pages_token_there_is_none(counsellor, database) -> None:
    before = digest_of(database)
    assert counsellor.client.post(ADDRESS).status_code == 400
    assert digest_of(database) == before


def test_who_signs_out_has_no_telephone_from_then_on(counsellor, database) -> None:
    ha1 = ask(counsellor).json["ha1"]
    page = counsellor.client.get("/mot-de-passe").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    counsellor.client.post("/deconnexion", data={"csrf_token": token})
    assert digest_of(database) not in ("", f"MD5:{ha1}")
    with database.write() as session:
        [ending] = endings_to_do(session)
        assert ending.slug == SLUG
        mark_ended(session, ending)
        assert endings_to_do(session) == []


@pytest.mark.parametrize(
    "change",
    [
        update(User).where(User.email == EMAIL).values(active=False),
        update(User).where(User.email == EMAIL).values(session_key="another"),
        update(User).where(User.email == EMAIL).values(counsellor_id=None),
        update(User).where(User.email == EMAIL).values(organisation_id=2),
    ],
    ids=["closed", "signed out everywhere", "another telephone", "moved"],
)
def test_a_secret_ends_with_what_it_rests_on(counsellor, database, change) -> None:
    ha1, now = ask(counsellor).json["ha1"], utc_now()
    assert over(database, now) == []
    with database.write() as session:
        session.execute(change)
    assert over(database, now) == [SLUG]
    assert digest_of(database) != f"MD5:{ha1}"
    assert over(database, now) == []


def test_a_secret_ends_with_its_day(counsellor, database) -> None:
    ask(counsellor)
    assert over(database, utc_now() + LIFETIME) == [SLUG]


def test_a_telephone_that_was_cut_off_gets_no_secret_back(counsellor, database) -> None:
    with database.write() as session:
        ask_to_cut(session, SLUG, utc_now(), is_revoked=True)
    before = digest_of(database)
    assert ask(counsellor).status_code == 409
    assert digest_of(database) == before
    assert counsellor.client.get(f"{ADDRESS}/entree", headers=OURS).status_code == 403


def test_a_page_that_asks_in_a_loop_is_stopped(
    counsellor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_telephone, "SECRETS_PER_WINDOW", 2)
    assert [ask(counsellor).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 204),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "https://localhost"}, 403),
    ],
)
def test_only_a_page_of_this_site_opens_a_websocket(
    counsellor, headers, status
) -> None:
    asked = counsellor.client.get(f"{ADDRESS}/entree", headers=headers)
    assert asked.status_code == status


def test_nobody_else_does(visitor, desk, app) -> None:
    assert desk.client.get(f"{ADDRESS}/entree", headers=OURS).status_code == 403
    stranger = app.test_client()
    assert stranger.get(f"{ADDRESS}/entree", headers=OURS).status_code == 401


def test_a_site_without_such_a_line_says_so_and_gives_no_secret(
    new_app, ground, database
) -> None:
    desk = Desk(new_app(ground, ws_port=0).test_client(), ground.passwords)
    assert desk.sign_in(EMAIL).status_code == 302
    before = digest_of(database)
    answer = ask(desk)
    assert (answer.status_code, answer.json) == (501, {"error": "no_line"})
    assert digest_of(database) == before
    assert desk.client.get(f"{ADDRESS}/entree", headers=OURS).status_code == 403
    assert "ws_port" in desk.client.get("/bureau/appels").text

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A sign-in is a row: it ends when it is ended, in every copy of its cookie."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from booking_web.domain.rights.web_sessions import LIFETIME, UNUSED_FOR, is_alive
from booking_web.shell.sign_in.session_cookie import session_key_of
from booking_web.tables.web_sessions import WebSession
from provisioning.cli import main as guichet_provision
from provisioning.database.models import Organisation, Relay, User

SECRETARY = "mairie@wassigny.example"
NEIGHBOUR = "mairie@guise.example"
COUNSELLOR = "conseiller@msa.example"


@pytest.fixture
def copies(app):
    """Give a function that makes another browser with a copy of one's cookies."""

    def copy_of(client):
        other = app.test_client()
        other.set_cookie("guichet", client.get_cookie("guichet").value)
        return other

    return copy_of


def csrf_of(page) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def test_signing_out_kills_every_copy_of_the_cookie(desk, copies, database) -> None:
    copy = copies(desk.client)
    assert copy.get("/bureau").status_code == 200
    token = csrf_of(desk.client.get("/bureau"))
    desk.client.post("/deconnexion", data={"csrf_token": token})
    assert copy.get("/bureau").status_code == 303
    assert desk.client.get("/bureau").status_code == 303
    with database.read() as session:
        assert session.scalars(select(WebSession)).all() == []


@pytest.mark.parametrize(
    ("person", "page", "change"),
    [
        (SECRETARY, "/bureau", {"password": "$argon2id$another"}),
        (SECRETARY, "/bureau", {"active": False}),
        (SECRETARY, "/bureau", {"relay": "guise"}),
        (SECRETARY, "/bureau", {"role": "administrator", "relay": None}),
        (COUNSELLOR, "/rendez-vous", {"organisation": "sous-prefecture-vervins"}),
        (COUNSELLOR, "/rendez-vous", {"role": "manager"}),
        (COUNSELLOR, "/rendez-vous", {"session_key": "another"}),
    ],
)
def test_a_change_of_what_a_sign_in_rests_on_ends_all_of_them(
    visitor, app, ground, database, person, page, change
) -> None:
    clients = []
    for _ in range(2):
        visitor.client = app.test_client()
        assert visitor.sign_in(person).status_code == 302
        assert visitor.client.get(page).status_code == 200
        clients.append(visitor.client)
    with database.write() as session:
        for name, model in (("relay", Relay), ("organisation", Organisation)):
            if name in change:
                query = select(model.id).where(model.slug == change[name])
                change = change | {f"{name}_id": session.scalar(query)}
                del change[name]
        session.execute(update(User).where(User.email == person).values(**change))
    for client in clients:
        assert client.get(page).location.startswith("/connexion")


def test_a_new_password_from_the_command_line_ends_them_too(desk, ground) -> None:
    result = CliRunner().invoke(
        guichet_provision,
        ["--database-url", ground.url, "rotate-secret", SECRETARY, "--discard"],
    )
    assert result.exit_code == 0, result.output
    assert desk.client.get("/bureau").status_code == 303


def test_asking_to_be_remembered_gives_no_other_cookie(visitor, ground) -> None:
    token = csrf_of(visitor.client.get("/connexion"))
    values = {"email": SECRETARY, "password": ground.passwords[SECRETARY]}
    answer = visitor.client.post(
        "/connexion", data=values | {"csrf_token": token, "remember": "y"}
    )
    assert answer.status_code == 302
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("guichet=")
    ends = re.search(r"Expires=([^;]+)", cookie)[1]
    until = datetime.strptime(ends, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert until < datetime.now(UTC) + timedelta(days=4)


def test_a_second_sign_in_in_a_browser_ends_its_first(
    desk, copies, ground, database
) -> None:
    first = copies(desk.client)
    sign_in = desk.client.get("/bureau")
    answer = desk.client.post(
        "/connexion",
        data={
            "csrf_token": csrf_of(sign_in),
            "email": NEIGHBOUR,
            "password": ground.passwords[NEIGHBOUR],
        },
    )
    assert answer.status_code == 302
    assert "Guise" in desk.client.get("/bureau").text
    assert first.get("/bureau").status_code == 303
    with database.read() as session:
        assert len(session.scalars(select(WebSession)).all()) == 1


def test_another_browser_stays_signed_in(desk, app, visitor) -> None:
    first = desk.client
    visitor.client = app.test_client()
    assert visitor.sign_in(SECRETARY).status_code == 302
    token = csrf_of(visitor.client.get("/bureau"))
    visitor.client.post("/deconnexion", data={"csrf_token": token})
    assert first.get("/bureau").status_code == 200


@pytest.mark.parametrize(
    ("column", "age"),
    [
        ("seen_at", UNUSED_FOR + timedelta(minutes=1)),
        ("created_at", LIFETIME + timedelta(minutes=1)),
    ],
)
def test_a_sign_in_runs_out(desk, visitor, app, database, column, age) -> None:
    ago = datetime.now(UTC) - age
    with database.write() as session:
        session.execute(update(WebSession).values(**{column: ago}))
    assert desk.client.get("/bureau").status_code == 303
    visitor.client = app.test_client()
    assert visitor.sign_in(NEIGHBOUR).status_code == 302
    with database.read() as session:
        assert len(session.scalars(select(WebSession)).all()) == 1


def test_who_works_all_day_stays_signed_in(desk, database) -> None:
    morning = datetime.now(UTC) - UNUSED_FOR + timedelta(minutes=1)
    with database.write() as session:
        session.execute(update(WebSession).values(seen_at=morning))
    asked_at = datetime.now(UTC)
    assert desk.client.get("/bureau").status_code == 200
    with database.read() as session:
        [seen_at] = session.scalars(select(WebSession.seen_at))
    assert seen_at >= asked_at


def test_only_what_changes_the_cookie_sets_it(desk) -> None:
    """The answer to an older request must not take a newer one's confirmation away."""
    desk.form()
    for address in ("/bureau", "/bureau/creneaux", "/rendez-vous", "/connexion"):
        assert "Set-Cookie" not in desk.client.get(address).headers, address
    booked = desk.book()
    assert "Set-Cookie" in booked.headers


def test_who_reads_the_table_cannot_sign_in_with_it(desk, app, database) -> None:
    key = session_key_of(
        desk.client.get_cookie("guichet").value, app.config["SECRET_KEY"]
    )
    with database.read() as session:
        row = session.scalars(select(WebSession)).one()
    assert re.fullmatch("[0-9a-f]{64}", row.key_digest)
    assert is_alive(database, row.key_digest) is None
    person = is_alive(database, key)
    assert (person.email, person.role) == (SECRETARY, "secretary")
    assert key not in repr(person)


def test_a_cookie_of_another_key_names_nobody(desk, app) -> None:
    cookie = desk.client.get_cookie("guichet").value
    assert session_key_of(cookie, "another") is None
    assert session_key_of(cookie[:-1], app.config["SECRET_KEY"]) is None
    assert session_key_of("", app.config["SECRET_KEY"]) is None


def test_a_person_who_is_removed_takes_their_sign_ins_along(
    visitor, ground, database
) -> None:
    assert visitor.sign_in(COUNSELLOR).status_code == 302
    result = CliRunner().invoke(
        guichet_provision, ["--database-url", ground.url, "remove", COUNSELLOR]
    )
    assert result.exit_code == 0, result.output
    assert visitor.client.get("/rendez-vous").status_code == 303

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of whom a second factor is asked by the site, and what is closed to them until they have it."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from flask_babel import force_locale
from sqlalchemy import select

from booking_web.commands.main import main
from booking_web.domain.rights.password_links import PasswordMail
from booking_web.live_server.readers import Readers
from booking_web.tables.appointment import JournalEntry
from booking_web.telling.messages.password_mails import PasswordLetters
from provisioning.database.models import User
from stage.administrator_desk import AdministratorDesk
from stage.administrator_desk import acts as directory_acts
from tests.factories.second_factors import (
    PAGE,
    STEP,
    read,
    send,
    sheet,
    telephone_of,
    values_of,
    with_telephone,
)
from tests.integration.booking_web.conftest import (
    ADMINISTRATOR,
    SECRET_KEY,
    SECRETARY,
    Desk,
)

COUNSELLOR = "conseiller@msa.example"
MANAGER = "responsable@msa.example"
# The way in and what anybody may read.
OPEN = {PAGE, "/sante", "/accessibilite", "/mentions-legales", "/donnees-personnelles"}
OPEN |= {"/api/v1/openapi.json", "/api/kiosk/v1/openapi.json"}
DOCUMENTS = {"second_factor": "documents"}


@pytest.mark.parametrize(
    ("setting", "email", "home", "owes"),
    [
        ("optional", SECRETARY, "/bureau", False),
        ("documents", SECRETARY, "/bureau", True),
        ("documents", COUNSELLOR, "/rendez-vous", True),
        ("documents", MANAGER, "/horaires", False),
        ("documents", ADMINISTRATOR, "/administration", False),
        ("everybody", ADMINISTRATOR, "/administration", True),
    ],
)
def test_who_must_set_it_up_is_led_there_at_the_next_sign_in(
    new_app, ground, setting, email, home, owes
) -> None:
    client = new_app(ground, second_factor=setting).test_client()
    assert Desk(client, ground.passwords).sign_in(email).status_code == 302
    answer = client.get(home)
    assert (answer.status_code == 303) is owes
    if owes:
        assert answer.location == f"{PAGE}?next={home}"
        assert client.get(PAGE).status_code == 200


def test_all_else_is_closed_until_then_and_the_wanted_page_opens_after(
    new_app, ground, database, app
) -> None:
    before = app.test_client()
    assert Desk(before, ground.passwords).sign_in(SECRETARY).status_code == 302
    app = new_app(ground, **DOCUMENTS)
    client = app.test_client()
    assert Desk(client, ground.passwords).sign_in(SECRETARY).status_code == 302
    # Who is in the middle of something goes on until their next sign-in.
    later = app.test_client()
    later.set_cookie("guichet", before.get_cookie("guichet").value)
    assert later.get("/bureau").status_code == 200
    readers = Readers(database, ground.settings(**DOCUMENTS))
    cookies = f"guichet={client.get_cookie('guichet').value}"
    paths = {rule.rule for rule in app.url_map.iter_rules() if "<" not in rule.rule}
    assert {path for path in paths if client.get(path).status_code == 200} == OPEN
    token = values_of(client.get(PAGE))["csrf_token"]
    for address in ("/bureau", "/mot-de-passe", "/mon-compte/connexions/fin"):
        sent = client.post(address, data={"csrf_token": token})
        assert (sent.status_code, sent.location) == (303, PAGE)
    number = {"X-Guichet-Form": "12345678"}
    kept = client.post("/bureau", data={"csrf_token": token}, headers=number)
    assert kept.status_code == 401
    assert readers.person(cookies) is None
    wanted = f"{PAGE}?next=/bureau?jour=2031-01-02"
    page = client.get(wanted)
    shown = send_set_up(client, wanted, page, ground.passwords[SECRETARY])
    assert 'href="/bureau?jour=2031-01-02"' in shown.text
    assert client.get("/bureau").status_code == 200
    assert readers.person(cookies) is not None


def send_set_up(client, address: str, page, password: str):
    own = telephone_of(page)
    values = values_of(page)
    values |= {"code": own.code(datetime.now(UTC)), "password": password}
    answer = client.post(address, data=values)
    assert answer.status_code == 200
    return answer


def test_an_administrator_takes_a_lost_one_away(new_app, ground, database) -> None:
    app = new_app(ground, smtp_host="127.0.0.1", mail_from="guichet@mairie.example")
    now = datetime.now(UTC)
    own = with_telephone(database, SECRETARY, SECRET_KEY, now)
    owner = app.test_client()
    assert Desk(owner, ground.passwords).sign_in(SECRETARY).location == STEP
    assert send(owner, STEP, code=own.code(now)).status_code == 303
    half = app.test_client()
    Desk(half, ground.passwords).sign_in(SECRETARY)
    with database.read() as session:
        number = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    address = f"/administration/personnes/{number}"
    assert owner.get("/bureau").status_code == 200
    asked = office.form(address, "/code")
    question = office.post(asked.action, asked.values)
    assert "C'est" not in read(question) and "déconnectée partout" in read(question)
    done = read(office.agree(question))
    assert "Le code du téléphone est retiré." in done
    assert "Retirer le code du téléphone" not in done
    assert owner.get("/bureau").status_code == 303
    assert half.get(STEP).location == "/connexion"
    assert Desk(half, ground.passwords).sign_in(SECRETARY).status_code == 302
    assert directory_acts(database) == [("second_factor_reset", "user", SECRETARY)]
    with database.read() as session:
        [line] = session.scalars(
            select(JournalEntry).where(JournalEntry.act == "second_factor_reset")
        )
        [mail] = session.scalars(select(PasswordMail))
    assert line.detail == f"user:{number}" and line.actor != line.detail
    with app.app_context(), force_locale("fr"):
        letters = PasswordLetters(database, site_url="https://guichet.example")
        letter = letters.write(mail.id, now)
    assert letter.recipient == SECRETARY
    assert "Prévenez tout de suite l'administrateur" in letter.text
    assert "http" not in letter.text


def test_the_last_administrators_is_taken_away_on_the_server(
    app, ground, database
) -> None:
    now = datetime.now(UTC)
    with_telephone(database, ADMINISTRATOR, SECRET_KEY, now)
    client = app.test_client()
    assert Desk(client, ground.passwords).sign_in(ADMINISTRATOR).location == STEP
    site = {"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": SECRET_KEY}
    for email, said in (
        (ADMINISTRATOR, "taken away"),
        (ADMINISTRATOR, "there was none"),
        ("nobody@guichet.example", "Error: nobody has the address"),
    ):
        told = CliRunner().invoke(main, ["forget-code", email], env=site)
        assert told.output.startswith(said)
    assert client.get(STEP).location == "/connexion"
    assert Desk(client, ground.passwords).sign_in(ADMINISTRATOR).status_code == 302


def test_who_changes_the_telephone_where_it_is_asked_for_sets_the_new_one_up_at_once(
    new_app, ground, database
) -> None:
    client = new_app(ground, **DOCUMENTS).test_client()
    now = datetime.now(UTC)
    own = with_telephone(database, COUNSELLOR, SECRET_KEY, now)
    assert Desk(client, ground.passwords).sign_in(COUNSELLOR).location == STEP
    right = {"password": ground.passwords[COUNSELLOR], "code": sheet()[0][0]}
    assert send(client, STEP, code=own.code(now)).location == "/rendez-vous"
    assert "Changer de téléphone" in read(client.get(PAGE))
    gone = send(client, f"{PAGE}/arreter", PAGE, **right)
    assert (gone.status_code, gone.location) == (303, PAGE)
    assert client.get("/rendez-vous").location == f"{PAGE}?next=/rendez-vous"
    send_set_up(client, PAGE, client.get(PAGE), right["password"])
    assert client.get("/rendez-vous").status_code in (200, 303)

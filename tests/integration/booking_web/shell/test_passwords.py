# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords: changed by their owner, sent a link for when forgotten, chosen by the link."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from booking_web.domain.rights.account_names import account_named
from booking_web.domain.rights.password_links import (
    PasswordMail,
    ask_for_mail,
    one_time_link,
)
from booking_web.shell.sign_in.passwords import MAILS_PER_ADDRESS, MAILS_PER_PLACE
from booking_web.tables.messages import Trouble
from booking_web.tables.password_links import PasswordLink, Purpose
from booking_web.telling.messages.mail_queue import MailQueue
from booking_web.telling.messages.password_mails import PAUSES, PasswordLetters
from booking_web.telling.messages.ports import NotDelivered, ServerDown
from provisioning.database.models import User

SECRETARY = "mairie@wassigny.example"
COUNSELLOR = "conseiller@msa.example"
SITE = "https://guichet.example"
NEW = "neuf chats bleus dorment"


class Mailbox:
    """A mailer that keeps what it is handed, or says that it cannot."""

    def __init__(self) -> None:
        self.mails = []
        self.trouble: NotDelivered | None = None

    def send(self, mail) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.mails.append(mail)

    def close(self) -> None:
        """Keep what came."""

    def path_of_link(self) -> str:
        """Give the path of the link in the latest e-mail."""
        [link] = re.findall(r"https://\S+", self.mails[-1].get_content())
        assert link.startswith(SITE + "/mot-de-passe/")
        return urlsplit(link).path


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def at() -> list[datetime]:
    """Give the sender's hour, to be changed in place: after all that the test asks for."""
    return [datetime.now(UTC) + timedelta(minutes=1)]


@pytest.fixture
def sender(app, database, mailbox, at):
    """Give the sender; its texts need an application around them."""
    with app.app_context():
        yield MailQueue(
            database,
            mailbox,
            PasswordLetters(database, site_url=SITE + "/"),
            mail_from="guichet@mairie.example",
            now=lambda: at[0],
        )


@pytest.fixture
def mailing(new_app, ground, visitor):
    """Give a visitor of a site that sends e-mails."""
    app = new_app(
        ground,
        smtp_host="127.0.0.1",
        mail_from="guichet@mairie.example",
        site_url=SITE,
    )
    visitor.client = app.test_client()
    return visitor


def send(client, address: str, **values: str):
    """Send the page's form and give the answer."""
    page = client.get(address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return client.post(address, data={"csrf_token": token} | values)


def link_for(database, email: str, purpose=Purpose.INVITATION) -> str:
    with database.write() as session:
        user = account_named(session, email)
        return (
            f"/mot-de-passe/{one_time_link(session, user, purpose, datetime.now(UTC))}"
        )


def test_a_person_changes_the_own_password(desk, app, ground) -> None:
    elsewhere = app.test_client()
    elsewhere.set_cookie("guichet", desk.client.get_cookie("guichet").value)
    answer = send(
        desk.client,
        "/mot-de-passe",
        former=ground.passwords[SECRETARY],
        password=NEW,
        again=NEW,
    )
    assert (answer.status_code, answer.location) == (303, "/bureau")
    assert "Votre mot de passe est changé." in desk.client.get("/bureau").text
    assert elsewhere.get("/bureau").status_code == 303
    desk.client = app.test_client()
    assert desk.sign_in(SECRETARY).status_code == 200
    assert desk.sign_in(SECRETARY, NEW).status_code == 302


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"former": "guess"}, "pas votre mot de passe actuel"),
        ({"password": "court", "again": "court"}, "12 caractères au moins"),
        ({"password": "", "again": ""}, "12 caractères au moins"),
        ({"password": "a" * 201, "again": "a" * 201}, "200 caractères au plus"),
        ({"password": "ababababababab", "again": "ababababababab"}, "Trop facile"),
        ({"password": SECRETARY, "again": SECRETARY}, "Trop facile"),
        (
            {"password": "mairie-wassigny1", "again": "mairie-wassigny1"},
            "Trop facile",
        ),
        ({"password": "Bonjour-Guichet1234", "again": ""}, "Trop facile"),
        ({"password": "1234567890123", "again": ""}, "Trop facile"),
        ({"password": "2026-Guise-2027", "again": ""}, "ici avec «\xa0guise\xa0»"),
        (
            {"password": "Sociale+Mutualité", "again": ""},
            "«\xa0mutualite\xa0», «\xa0sociale\xa0»",
        ),
        ({"password": "Marseille13013", "again": ""}, "mots de passe volés"),
        ({"password": "ilovemymother", "again": ""}, "mots de passe volés"),
        ({"again": "another one"}, "pas le même"),
    ],
)
def test_a_password_that_is_not_taken_changes_nothing(
    desk, app, ground, values, words
) -> None:
    asked = {"former": ground.passwords[SECRETARY], "password": NEW, "again": NEW}
    answer = send(desk.client, "/mot-de-passe", **asked | values)
    assert answer.status_code == 422
    assert words in answer.text.replace("&#39;", "'")
    for typed in (asked | values).values():
        assert not typed or typed == SECRETARY or typed not in answer.text
    assert desk.client.get("/bureau").status_code == 200
    desk.client = app.test_client()
    assert desk.sign_in(SECRETARY).status_code == 302


def test_who_is_not_signed_in_has_no_password_to_change(visitor) -> None:
    answer = visitor.client.get("/mot-de-passe")
    assert answer.status_code == 303
    assert answer.location == "/connexion?next=/mot-de-passe"


def test_a_forgotten_password_is_chosen_anew_by_the_link_of_an_e_mail(
    mailing, app, sender, mailbox, database
) -> None:
    answer = send(mailing.client, "/mot-de-passe/oublie", email=SECRETARY.upper())
    assert "Si cette adresse a un compte" in answer.text
    assert sender.send_due() == 1
    [mail] = mailbox.mails
    assert mail["To"] == SECRETARY
    assert "dans l'heure" in mail.get_content()
    path = mailbox.path_of_link()
    assert mailing.client.get(path).status_code == 200
    chosen = send(mailing.client, path, password=NEW, again=NEW)
    assert (chosen.status_code, chosen.location) == (303, "/connexion")
    assert "Connectez-vous" in mailing.client.get("/connexion").text
    assert mailing.sign_in(SECRETARY, NEW).status_code == 302
    assert mailing.client.get(path).status_code == 404
    with database.read() as session:
        assert session.scalars(select(PasswordMail)).all() == []
        assert session.scalars(select(PasswordLink)).all() == []
    assert sender.send_due() == 0


@pytest.mark.parametrize(
    "email", [SECRETARY, "nobody@nowhere.example", "no address", "", "x" * 5000]
)
def test_nobody_learns_which_addresses_have_an_account(
    mailing, database, email
) -> None:
    """The page does the same for each: one line for the sender, and one answer."""
    answer = send(mailing.client, "/mot-de-passe/oublie", email=email)
    usual = send(mailing.client, "/mot-de-passe/oublie", email="other@x.example")
    assert answer.status_code == 200
    assert answer.text == usual.text
    with database.read() as session:
        assert len(session.scalars(select(PasswordMail)).all()) == 2


def test_to_an_address_without_account_nothing_is_sent(
    mailing, sender, mailbox, database
) -> None:
    with database.write() as session:
        session.execute(
            update(User).where(User.email == COUNSELLOR).values(active=False)
        )
    for email in ("nobody@nowhere.example", COUNSELLOR):
        send(mailing.client, "/mot-de-passe/oublie", email=email)
    assert sender.send_due() == 0
    assert mailbox.mails == []
    with database.read() as session:
        assert session.scalars(select(PasswordMail)).all() == []


def test_a_mailbox_is_not_flooded_and_nobody_is_told(mailing, database) -> None:
    answers = [
        send(mailing.client, "/mot-de-passe/oublie", email=SECRETARY) for _ in range(6)
    ]
    assert {answer.text for answer in answers} == {answers[0].text}
    with database.read() as session:
        assert len(session.scalars(select(PasswordMail)).all()) == 3


def test_one_place_that_asks_for_everybody_keeps_nobody_from_asking(
    mailing, database
) -> None:
    address, base = "/mot-de-passe/oublie", mailing.client.environ_base
    base["REMOTE_ADDR"] = "192.0.2.7"
    for number in range(MAILS_PER_PLACE):
        send(mailing.client, address, email=f"n{number}@x.example")
    for _ in range(MAILS_PER_ADDRESS):
        send(mailing.client, address, email=SECRETARY)
    with database.read() as session:
        asked = select(PasswordMail.id).where(PasswordMail.email == SECRETARY)
        assert session.scalars(asked).all() == []
    base["REMOTE_ADDR"] = "198.51.100.8"
    send(mailing.client, address, email=SECRETARY)
    with database.read() as session:
        assert len(session.scalars(asked).all()) == 1


def test_a_site_without_e_mail_says_whom_to_ask(visitor, database) -> None:
    page = visitor.client.get("/mot-de-passe/oublie")
    assert "Demandez un lien à l'administrateur" in page.text.replace("&#39;", "'")
    assert 'name="email"' not in page.text
    assert 'href="/mot-de-passe/oublie"' in visitor.client.get("/connexion").text


@pytest.mark.parametrize("host", ["evil.example", "guichet.example"])
def test_the_link_begins_with_the_sites_own_address(
    mailing, sender, mailbox, host
) -> None:
    page = mailing.client.get("/mot-de-passe/oublie")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    mailing.client.post(
        "/mot-de-passe/oublie",
        data={"csrf_token": token, "email": SECRETARY},
        headers={"X-Forwarded-Host": host},
    )
    assert sender.send_due() == 1
    assert "evil" not in mailbox.mails[0].get_content()
    mailbox.path_of_link()


def test_an_e_mail_that_fails_is_tried_again_and_given_up(
    sender, mailbox, database, at
) -> None:
    with database.write() as session:
        ask_for_mail(session, SECRETARY, Purpose.FORGOTTEN, at[0])
    mailbox.trouble = ServerDown(Trouble.SERVER_UNREACHABLE)
    for pause in PAUSES:
        assert sender.send_due() == 0
        at[0] += pause
    mailbox.trouble = None
    assert sender.send_due() == 1
    with database.write() as session:
        ask_for_mail(session, SECRETARY, Purpose.FORGOTTEN, at[0])
    mailbox.trouble = NotDelivered(Trouble.ADDRESS_REFUSED, is_final=True)
    assert sender.send_due() == 0
    with database.read() as session:
        assert session.scalars(select(PasswordMail)).all() == []


def test_an_invitation_is_sent_too_and_leaves_the_sheets_link_good(
    visitor, sender, mailbox, database, at
) -> None:
    sheet = link_for(database, COUNSELLOR)
    with database.write() as session:
        ask_for_mail(session, COUNSELLOR, Purpose.INVITATION, at[0])
    assert sender.send_due() == 1
    assert "ouvert pour vous" in mailbox.mails[0].get_content()
    for path in (sheet, mailbox.path_of_link()):
        assert visitor.client.get(path).status_code == 200


def test_to_open_a_link_uses_nothing_up_and_to_choose_does(visitor, database) -> None:
    path = link_for(database, COUNSELLOR)
    for _ in range(3):
        assert COUNSELLOR in visitor.client.get(path).text
    weak = send(visitor.client, path, password="court", again="court")
    assert weak.status_code == 422
    assert send(visitor.client, path, password=NEW, again=NEW).status_code == 303
    again = visitor.client.get(path)
    assert again.status_code == 404
    assert "Ce lien ne sert plus" in again.text
    assert COUNSELLOR not in again.text


def test_who_is_locked_out_by_strangers_comes_back_by_a_link(
    visitor, app, database
) -> None:
    stranger = app.test_client()
    stranger.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for _ in range(11):
        send(stranger, "/connexion", email=COUNSELLOR, password="guess")
    assert visitor.sign_in(COUNSELLOR).status_code == 429
    path = link_for(database, COUNSELLOR, Purpose.FORGOTTEN)
    assert send(visitor.client, path, password=NEW, again=NEW).status_code == 303
    assert visitor.sign_in(COUNSELLOR, NEW).status_code == 302


def test_a_link_that_is_old_or_not_ours_says_so(visitor, database) -> None:
    path = link_for(database, COUNSELLOR)
    with database.write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(PasswordLink).values(expires_at=past))
    for address in (path, "/mot-de-passe/abc", "/mot-de-passe/%00"):
        assert visitor.client.get(address).status_code == 404


def test_a_changed_password_ends_the_links(desk, ground, database) -> None:
    path = link_for(database, SECRETARY)
    values = {"former": ground.passwords[SECRETARY], "password": NEW, "again": NEW}
    assert send(desk.client, "/mot-de-passe", **values).status_code == 303
    assert desk.client.get(path).status_code == 404


def test_a_password_chosen_by_a_link_signs_out_everywhere(
    desk, visitor, app, database
) -> None:
    thief = desk.client
    visitor.client = app.test_client()
    path = link_for(database, SECRETARY, Purpose.FORGOTTEN)
    assert thief.get("/bureau").status_code == 200
    send(visitor.client, path, password=NEW, again=NEW)
    assert thief.get("/bureau").status_code == 303


@pytest.mark.parametrize("address", ["/mot-de-passe", "/mot-de-passe/oublie"])
def test_without_a_token_nothing_is_changed_or_sent(desk, database, address) -> None:
    path = link_for(database, COUNSELLOR)
    for each in (address, path):
        answer = desk.client.post(each, data={"password": NEW, "again": NEW})
        assert answer.status_code == 400
    assert desk.client.get(path).status_code == 200

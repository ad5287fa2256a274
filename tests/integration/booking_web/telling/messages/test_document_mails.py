# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document that goes to its resident by e-mail, with a real SMTP server: once, or told why."""

import html
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.made_papers.mailing import AddressChanged, mail_document
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.messages import MessageState
from booking_web.telling.messages.document_mails import PAUSES, DocumentLetters
from booking_web.telling.messages.mail_queue import MailQueue
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from stage.clock import Clock
from stage.kiosk_ground import (
    acts_of,
    add_document,
    archive_of,
    documents_settings,
    in_call,
    make_pdf,
)
from stage.smtp_server import SmtpServer
from tests.factories.orders import add_resident

MSA = "conseiller@msa.example"
MAIL = "zoe.lefevre@example.org"


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def app(new_app, ground, post, tmp_path):
    return new_app(
        ground,
        **documents_settings(tmp_path),
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="rendez-vous@mairie.example",
    )


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def mailer(app, ground, post, database, archive, clock) -> Iterator[MailQueue]:
    settings = ground.settings(
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="rendez-vous@mairie.example",
    )
    with app.app_context():
        yield MailQueue(
            database,
            SmtpMailer(settings),
            DocumentLetters(database, archive),
            mail_from="rendez-vous@mairie.example",
            now=clock,
        )


@pytest.fixture
def appointment(database) -> int:
    number = in_call(database)
    with database.write() as session:
        resident = add_resident(session, datetime.now(UTC), telephone="", email=MAIL)
        session.get_one(Appointment, number).resident_id = resident.id
    return number


@pytest.fixture
def asked(database, archive, appointment, clock) -> int:
    """Have a document sent that two people ask for."""
    document = add_document(archive, appointment, make_pdf(), "CV")
    for _ in range(2):
        with database.write() as session:
            one = session.get_one(Appointment, appointment)
            mail_document(session, one, document.id, MAIL, "user:1", clock())
    return document.id


def mails(database) -> list[DocumentMail]:
    with database.read() as session:
        return list(session.scalars(select(DocumentMail)))


def test_a_document_goes_out_once_attached_and_is_told(
    mailer, post, database, archive, appointment, asked
) -> None:
    assert mailer.send_due() == 1
    assert mailer.send_due() == 0
    [(recipient, mail)] = post.mails
    assert recipient == MAIL and mail["To"] == MAIL and mail["Subject"] == "Votre CV"
    assert mail["Content-Language"] == "fr"
    [attached] = list(mail.iter_attachments())
    with database.read() as session:
        document = session.get_one(Document, asked)
    assert attached.get_content() == b"".join(archive.read(document))
    assert attached.get_content_type() == "application/pdf"
    assert [each.state for each in mails(database)] == [MessageState.SENT]
    acts = [(act, detail) for _, act, detail in acts_of(database, appointment)]
    assert acts.count(("mail_requested", "document 1")) == 1
    assert acts[-1] == ("mail_sent", "document 1")


def test_an_address_that_is_refused_is_given_up_and_told_on_the_page(
    mailer, post, database, asked, appointment, capsys
) -> None:
    post.mailbox.answers[MAIL] = "550 No such user"
    mailer.send_due()
    [mail] = mails(database)
    assert (mail.state, mail.reason) == (MessageState.GIVEN_UP, "address_refused")
    assert MAIL not in capsys.readouterr().err


def test_a_server_that_is_down_is_tried_again_and_then_given_up(
    mailer, post, database, asked, clock, capsys
) -> None:
    post.stop()
    for pause in PAUSES:
        assert mailer.send_due() == 0
        [mail] = mails(database)
        assert mail.state == MessageState.WAITING
        clock.now += pause + timedelta(seconds=1)
    mailer.send_due()
    [mail] = mails(database)
    assert (mail.state, mail.reason) == (MessageState.GIVEN_UP, "server_unreachable")
    # No address is in a log.
    assert MAIL not in capsys.readouterr().err


def test_one_that_cannot_be_read_keeps_no_other_from_going_out(
    mailer, post, database, archive, appointment, asked, clock
) -> None:
    with database.read() as session:
        lost = session.get_one(Document, asked).sha256
    archive.store.remove(lost)
    kept = add_document(archive, appointment, make_pdf(pages=2), "CV")
    with database.write() as session:
        one = session.get_one(Appointment, appointment)
        mail_document(session, one, kept.id, MAIL, "user:1", clock())
    assert mailer.send_due() == 1
    [(recipient, _)] = post.mails
    assert recipient == MAIL
    assert {
        mail.document_id: (mail.state, mail.reason) for mail in mails(database)
    } == {
        asked: (MessageState.WAITING, "internal"),
        kept.id: (MessageState.SENT, ""),
    }


def test_an_address_that_is_not_the_confirmed_one_queues_nothing(
    database, archive, appointment, clock
) -> None:
    document = add_document(archive, appointment, make_pdf(), "CV")
    with pytest.raises(AddressChanged), database.write() as session:
        one = session.get_one(Appointment, appointment)
        mail_document(session, one, document.id, "autre@exemple.fr", "user:1", clock())
    assert mails(database) == []


def test_the_counsellor_confirms_the_address_and_reads_what_came_of_it(
    visitor, mailer, clock, database, appointment
) -> None:
    visitor.sign_in(MSA)
    base = f"/rendez-vous/{appointment}/cv"
    page = visitor.client.get(base).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    visitor.client.post(f"{base}/commencer", data={"csrf_token": token})
    page = html.unescape(visitor.client.get(f"{base}/envoyer").text)
    assert MAIL in page and "C'est la bonne adresse : envoyer" in page
    for _ in range(2):
        answer = visitor.client.post(
            f"{base}/envoyer", data={"csrf_token": token, "address": MAIL}
        )
    page = html.unescape(visitor.client.get(answer.location).text)
    assert "Le document 1 part par e-mail." in page
    assert len(mails(database)) == 1
    clock.now = datetime.now(UTC)
    assert mailer.send_due() == 1
    assert "est parti par e-mail à" in html.unescape(visitor.client.get(base).text)
    changed = visitor.client.post(
        f"{base}/envoyer", data={"csrf_token": token, "address": "x@exemple.fr"}
    )
    assert changed.location.endswith("/cv/envoyer")

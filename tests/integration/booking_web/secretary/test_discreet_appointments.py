# SPDX-License-Identifier: AGPL-3.0-or-later
"""A discreet appointment: who comes and why is read by those of its file, and nowhere else."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from booking_web.dispatcher.placing.claims import take_claims
from booking_web.dispatcher.placing.originating import originate_of
from booking_web.domain.appointments.acts import mark_arrived
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.following_up import book_follow_up
from booking_web.domain.imports.reading import Column, read_lines
from booking_web.domain.journal.telling import remind
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.messages import Message
from booking_web.tables.waiting import WaitingEntry
from booking_web.telling.messages.composition import write_mail, write_sms
from provisioning.database.models import VisitReason
from stage.clock import Clock
from stage.html_forms import forms_of
from stage.keyboard_desk import publish_hours
from tests.factories.orders import add_resident, an_order

# A Tuesday; the appointment is in ten minutes: its kiosk expects somebody.
NOW = datetime(2031, 1, 7, 9, 0, tzinfo=UTC)
STARTS_AT = NOW + timedelta(minutes=10)
NAME, DETAILS, REASON = "Mme Zénobie Quatrefages", "séparation brutale", "Motif tu"
# What must be read nowhere; the initials too.
SECRETS = ("Zénobie", "Quatrefages", "Z. Q.", "brutale", "06 00 00 01 02")
# The officer answers for who has seen a file, and reads whose it is.
MINE = ("mairie@wassigny.example", "conseiller@msa.example", "rgpd@guichet.example")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(new_app, ground, clock):
    return new_app(ground, now=clock, feed_details="initials")


@pytest.fixture
def kiosk(app, ground, clock):
    """Give the kiosk's second screen, let in by a code of today."""
    client = app.test_client()
    clock.now = datetime.now(UTC)
    assert ground.let_in(client, "kiosk-wassigny").status_code == 303
    clock.now = NOW
    return client


def read(answer) -> str:
    # Some are papers.
    return html.unescape(answer.get_data().decode(errors="replace"))


def told_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture
def number(database) -> int:
    """Book it with the MSA at Wassigny, and give its number."""
    with database.write() as session:
        resident = add_resident(
            session, NOW, name=NAME, email="z@example.org", telephone="+33600000102"
        )
        reason = session.scalars(
            select(VisitReason).where(VisitReason.organisation.has(slug="msa"))
        ).first()
        reason.name = REASON
        order = an_order(
            resident_name=NAME,
            details=DETAILS,
            visit_reason=reason.slug,
            resident_id=resident.id,
            starts_at=STARTS_AT,
            discreet=True,
        )
        return book(session, order, NOW - timedelta(days=3)).appointment.id


def pages(app, client, number: int):
    """Give every page that a client opens, of the appointment where it names one."""
    for rule in app.url_map.iter_rules():
        values = {"appointment_id": number} if rule.arguments else {}
        if "GET" in rule.methods and rule.arguments <= {"appointment_id"}:
            with app.test_request_context():
                address = url_for(rule.endpoint, **values)
            yield address, client.get(address)


def test_no_page_of_who_has_no_right_to_its_file_tells_it(
    app, ground, visitor, kiosk, number, capfd
) -> None:
    clients = {"the kiosk": kiosk, "a stranger": app.test_client()}
    for email in sorted(ground.passwords):
        if email not in MINE:
            clients[email] = person = app.test_client()
            type(visitor)(person, ground.passwords).sign_in(email)
    assert len(clients) > 8
    opened, leaks = 0, []
    for who, client in clients.items():
        for address, answer in pages(app, client, number):
            opened += answer.status_code == 200
            leaks += [f"{who} {address} {each}" for each in told_in(read(answer))]
    assert leaks == []
    assert opened > 60
    written = capfd.readouterr()
    assert told_in(written.out + written.err) == []


def test_the_officer_is_told_who_comes_and_not_why(
    app, ground, database, number, visitor
) -> None:
    with database.write() as session:
        # Of no entry: it is found where the officer asks whose it is.
        session.get_one(Appointment, number).resident_id = None
    visitor.sign_in(MINE[2])
    opened = [
        answer
        for _, answer in pages(app, visitor.client, number)
        if answer.status_code == 200
    ]
    [form] = [
        form
        for form in forms_of(visitor.client.get("/droits/sans-fiche").text)
        if "nom" in form.values
    ]
    found = visitor.client.post(form.action, data=form.values | {"nom": "quatrefages"})
    assert NAME in read(found)
    for answer in (*opened, found):
        assert DETAILS not in read(answer) and REASON not in read(answer)


def test_no_title_names_who_comes_not_even_to_who_has_the_file(
    app, ground, number, visitor
) -> None:
    """A title stays in the browser's history, and is read by who looks on."""
    titles = []
    for email in MINE[:2]:
        person = app.test_client()
        type(visitor)(person, ground.passwords).sign_in(email)
        for address, answer in pages(app, person, number):
            for title in re.findall(r"<title>(.*?)</title>", read(answer), re.S):
                titles.append(f"{address} {title}")
    assert [each for each in titles if told_in(each)] == []
    assert [each for each in titles if f"Usager {number}" in each] != []
    assert len(titles) > 40


def test_an_alias_stands_where_others_read(
    app, ground, desk, kiosk, number, visitor
) -> None:
    alias = f"Usager {number}"
    for address in ("/bureau/semaine", "/bureau/imprimer", "/bureau/jour.csv"):
        page = read(desk.client.get(address))
        assert alias in page and told_in(page) == [] and REASON not in page, address
    scene = read(kiosk.get("/borne"))
    assert alias in scene and "MSA" not in scene.partition("party next")[2]
    manager = app.test_client()
    type(visitor)(manager, ground.passwords).sign_in("responsable@msa.example")
    page = read(manager.get("/organisme/heures/rendez-vous"))
    assert alias in page and REASON not in page


def test_a_feed_has_the_alias_and_no_reason(app, desk, number) -> None:
    page = desk.client.get("/agendas").text
    [form] = [form for form in forms_of(page) if "label" in form.values]
    made = desk.client.post(form.action, data=form.values | {"label": "Accueil"})
    address = made.text.partition("https://guichet.example")[2].partition('"')[0]
    told = read(app.test_client().get(address)).replace("\r\n ", "")
    assert f"SUMMARY:MSA (Usager {number})" in told and told_in(told) == []
    assert REASON not in told


def test_a_message_tells_where_and_when_alone(app, database, number) -> None:
    with app.app_context(), database.write() as session:
        appointment = session.get_one(Appointment, number)
        assert remind(session, appointment, NOW - timedelta(days=1)) == 2
        for message in session.scalars(select(Message)).all():
            mail = write_mail(message, "m@example.org", "z@example.org", NOW)
            sms = write_sms(message, "+33600000102").text
            parts = [
                part.get_content() for part in mail.walk() if not part.is_multipart()
            ]
            texts = [part if isinstance(part, str) else part.decode() for part in parts]
            text = "\n".join([mail["Subject"], *texts, sms])
            assert "Wassigny" in text
            assert [word for word in ("MSA", "Mutualité") if word in text] == []
            assert told_in(text) == [] and REASON not in text


def test_telephones_ring_with_the_alias_and_asterisk_logs_no_more(
    database, number
) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, number)
        mark_arrived(session, appointment, "user:1", STARTS_AT)
    with database.write() as session:
        [claim] = take_claims(session, STARTS_AT)
    shown = originate_of(claim).variables["__GUICHET_CALLER_NAME"]
    assert shown == f"Usager {number} (Relais de Wassigny)"


def test_secretary_and_counsellor_read_the_name_and_that_it_is_discreet(
    app, ground, desk, number, visitor
) -> None:
    page = read(desk.client.get("/bureau"))
    assert NAME in page and f"Discret : « Usager {number} » ailleurs" in page
    counsellor = app.test_client()
    type(visitor)(counsellor, ground.passwords).sign_in(MINE[1])
    page = read(counsellor.get("/rendez-vous"))
    assert NAME in page and "pas de nom à voix haute" in page


def test_it_is_ticked_in_the_form_kept_and_changed_later(desk, database) -> None:
    desk.book(when="at", day="2031-01-08", hour="10:00", discreet="1")
    publish_hours(database, "sous-prefecture-vervins")
    other = {"organisation": "sous-prefecture-vervins", "wait": "1"}
    desk.book(resident_name="M. Attend", **other, discreet="1")
    with database.read() as session:
        [appointment] = session.scalars(select(Appointment)).all()
        assert appointment.discreet
        assert session.scalars(select(WaitingEntry.discreet)).all() == [True]
    address = f"/rendez-vous/{appointment.id}"
    [form] = [
        form
        for form in forms_of(desk.client.get(address).text)
        if form.action.endswith("/discretion")
    ]
    desk.client.post(form.action, data=form.values)
    with database.read() as session:
        assert not session.get_one(Appointment, appointment.id).discreet
        told = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "discretion_chosen")
        )
        assert told.all() == ["open"]


def test_a_continuation_is_discreet_as_the_first(database, number) -> None:
    publish_hours(database, "msa")
    with database.write() as session:
        first = session.get_one(Appointment, number)
        following = book_follow_up(
            session,
            first,
            STARTS_AT.replace(hour=9, minute=0) + timedelta(days=1),
            user_id=1,
            actor="user:1",
            now=NOW,
        )
        assert following.discreet and following.resident_name == NAME


def test_a_file_from_elsewhere_has_a_column_for_it() -> None:
    content = b"reference;date;heure;nom;relais;organisme;discret\n1;2;3;N;r;o;oui\n"
    [line] = read_lines(content)
    assert line.cells[Column.DISCREET] == "oui"

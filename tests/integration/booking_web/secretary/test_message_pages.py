# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of messages and of reminders to telephone: what is shown, noted, undone."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.rules import Hours
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.journal_acts import READINGS
from booking_web.tables.messages import Message, MessageState, ReminderCall
from provisioning.database.models import Relay, User
from stage.html_forms import forms_of
from tests.factories.orders import add_resident, an_order

NOW = datetime(2031, 1, 7, 9, 0, tzinfo=UTC)
# Tomorrow, 14:30 on the wall.
STARTS_AT = datetime(2031, 1, 8, 13, 30, tzinfo=UTC)


@pytest.fixture
def app(new_app, ground):
    return new_app(ground, now=lambda: NOW)


@pytest.fixture
def writing_desk(new_app, ground, desk):
    """Give the secretary of Wassigny where e-mails go out."""
    app = new_app(
        ground,
        now=lambda: NOW,
        smtp_host="127.0.0.1",
        mail_from="rendez-vous@mairie.example",
    )
    person = type(desk)(app.test_client(), ground.passwords)
    person.sign_in("mairie@wassigny.example")
    return person


def make_appointment(
    database,
    starts_at=STARTS_AT,
    *,
    relay="wassigny",
    kiosk_relay=None,
    name="Mme Lefèvre",
    **more,
) -> int:
    with database.write() as session:
        home = session.scalar(select(Relay).where(Relay.slug == relay))
        addresses = {key: more[key] for key in ("telephone", "email") if key in more}
        resident = add_resident(session, NOW, relay, name=name, **addresses)
        request = an_order(
            token=f"{starts_at} {name}",
            user_id=session.scalar(select(User.id).where(User.relay_id == home.id)),
            relay=kiosk_relay or relay,
            resident_name=name,
            starts_at=starts_at,
            resident_id=resident.id,
        )
        return book(session, request, min(NOW, starts_at)).appointment.id


def read(desk, address: str) -> str:
    answer = desk.client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def press(desk, appointment_id: int, outcome: str):
    token = forms_of(desk.client.get("/bureau/rappels").text)[0].values["csrf_token"]
    return desk.client.post(
        f"/bureau/rappels/{appointment_id}",
        data={"csrf_token": token, "outcome": outcome},
    )


def set_message(database, **values) -> None:
    with database.write() as session:
        session.execute(update(Message).values(**values))


def test_empty_pages_say_what_to_do(desk, writing_desk) -> None:
    assert "Personne à appeler" in read(desk, "/bureau/rappels")
    page = read(desk, "/bureau/messages")
    assert "Ni les e-mails ni les SMS ne sont installés" in page
    page = read(writing_desk, "/bureau/messages")
    assert "ne sont installés" not in page
    assert "Notez l'adresse e-mail" in page


def test_who_gets_no_message_is_to_be_called_from_tomorrow_on(
    desk, writing_desk, database
) -> None:
    make_appointment(database, NOW + timedelta(hours=1), name="M. Aujourdhui")
    make_appointment(database, name="Mme Demain")
    make_appointment(database, STARTS_AT + timedelta(days=5), name="M. Semaine")
    make_appointment(database, STARTS_AT + timedelta(days=8), name="M. Loin")
    make_appointment(
        database,
        STARTS_AT + timedelta(hours=1),
        name="M. Courriel",
        email="a@b.example",
    )
    page = read(writing_desk, "/bureau/rappels")
    assert "Mme Demain" in page and "M. Semaine" in page
    assert 'href="tel:+33199000102"' in page and "01 99 00 01 02" in page
    assert "14 h 30" in page and "mercredi 8 janvier 2031" in page
    assert "Il reste 2 appels." in page
    for other in ("M. Aujourdhui", "M. Loin", "M. Courriel"):
        assert other not in page
    # Where no e-mail goes out, an address reaches nobody.
    assert "M. Courriel" in read(desk, "/bureau/rappels")


def test_who_was_written_to_in_vain_is_to_be_called(writing_desk, database) -> None:
    make_appointment(database, email="a@b.example")
    assert "Personne à appeler" in read(writing_desk, "/bureau/rappels")
    set_message(database, state=MessageState.GIVEN_UP, reason="address_refused")
    assert "Mme Lefèvre" in read(writing_desk, "/bureau/rappels")


def test_a_call_is_noted_and_the_note_taken_back(desk, database) -> None:
    appointment_id = make_appointment(database)
    for outcome, words in (
        ("not_reached", "Il reste 1 appel."),
        ("told", "Il reste 0 appel"),
        ("told", "Il reste 0 appel"),
        ("undo", "Il reste 1 appel."),
        ("undo", "Il reste 1 appel."),
    ):
        answer = press(desk, appointment_id, outcome)
        assert answer.location == f"/bureau/rappels#rappel-{appointment_id}"
        assert words in read(desk, "/bureau/rappels")
    with database.read() as session:
        assert session.scalars(select(ReminderCall)).all() == []
        done = select(JournalEntry.act).where(JournalEntry.act.not_in(READINGS))
        journal = session.scalars(done.order_by(JournalEntry.id)).all()
    assert journal[1:] == ["reminder_called"] * 2 + ["reminder_call_undone"]
    assert press(desk, appointment_id, "maybe").status_code == 400


def test_who_was_moved_after_the_call_is_to_be_called_again(desk, database) -> None:
    appointment_id = make_appointment(database)
    press(desk, appointment_id, "told")
    with database.write() as session:
        acts.reschedule(
            session,
            session.get_one(Appointment, appointment_id),
            starts_at=STARTS_AT + timedelta(days=1),
            actor="user:1",
            now=NOW,
            hours=Hours.AGREED,
        )
    page = read(desk, "/bureau/rappels")
    assert "jeudi 9 janvier" in page and "Il reste 1 appel." in page


def test_the_town_hall_that_knows_the_resident_calls(
    desk, visitor, database, app
) -> None:
    make_appointment(database, kiosk_relay="guise")
    assert "Mme Lefèvre" in read(desk, "/bureau/rappels")
    neighbour = type(desk)(app.test_client(), desk._passwords)
    neighbour.sign_in("mairie@guise.example")
    assert "Mme Lefèvre" not in read(neighbour, "/bureau/rappels")


@pytest.mark.parametrize(
    ("zone", "starts_at", "is_listed"),
    [
        # 21:30 UTC is tomorrow already on the island of La Réunion, today in Martinique.
        ("Indian/Reunion", datetime(2031, 1, 7, 21, 30, tzinfo=UTC), True),
        ("America/Martinique", datetime(2031, 1, 7, 21, 30, tzinfo=UTC), False),
        ("America/Martinique", datetime(2031, 1, 8, 4, 30, tzinfo=UTC), True),
        ("Europe/Paris", datetime(2031, 1, 7, 22, 30, tzinfo=UTC), False),
    ],
)
def test_tomorrow_is_the_relays(desk, database, zone, starts_at, is_listed) -> None:
    with database.write() as session:
        session.execute(update(Relay).values(time_zone=zone))
    make_appointment(database, starts_at)
    assert ("Mme Lefèvre" in read(desk, "/bureau/rappels")) is is_listed


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("waiting", "", "À envoyer"),
        ("waiting", "server_unreachable", "Le serveur d'envoi ne répond pas."),
        ("sent", "", "Envoyé"),
        ("given_up", "address_refused", "Cette adresse n'existe pas."),
        ("dropped", "superseded", "Le rendez-vous a changé entre-temps."),
        ("dropped", "channel_off", "Cet envoi n'est pas installé."),
    ],
)
def test_each_message_shows_its_state_and_the_reason_in_words(
    writing_desk, database, state, reason, words
) -> None:
    make_appointment(database, email="a@b.example")
    set_message(
        database,
        state=state,
        reason=reason,
        attempts=2,
        next_attempt_at=NOW + timedelta(minutes=15),
    )
    page = read(writing_desk, "/bureau/messages")
    assert "Mme Lefèvre" in page and "Confirmation" in page
    assert words in page
    assert "a@b.example" not in page
    if state == "waiting":
        assert "Prochain essai aujourd'hui à 10 h 15." in page
    offers_retry = reason in ("server_unreachable", "address_refused", "channel_off")
    assert ("Réessayer" in page) is offers_retry


def test_trying_again_starts_afresh_and_a_sent_one_stays_sent(
    writing_desk, database
) -> None:
    make_appointment(database, email="a@b.example")
    set_message(database, state="given_up", reason="address_refused", attempts=8)
    page = writing_desk.client.get("/bureau/messages").text
    [form] = [form for form in forms_of(page) if "reessayer" in form.action]
    assert writing_desk.client.post(form.action, data=form.values).status_code == 303
    assert "part dans un instant" in read(writing_desk, "/bureau/messages")
    with database.read() as session:
        message = session.scalar(select(Message))
        assert "message_retried" in session.scalars(select(JournalEntry.act)).all()
    assert (message.state, message.attempts, message.reason) == ("waiting", 0, "")
    assert message.next_attempt_at == NOW
    set_message(database, state="sent")
    writing_desk.client.post(form.action, data=form.values)
    assert "déjà parti" in read(writing_desk, "/bureau/messages")
    unknown = form.action.replace("/1/", "/99/")
    assert writing_desk.client.post(unknown, data=form.values).status_code == 404


def test_a_neighbour_sees_and_touches_nothing(desk, app, database) -> None:
    appointment_id = make_appointment(database, email="a@b.example")
    neighbour = type(desk)(app.test_client(), desk._passwords)
    neighbour.sign_in("mairie@guise.example")
    assert "Mme Lefèvre" not in read(neighbour, "/bureau/messages")
    page = neighbour.client.get("/bureau/messages").text
    token = forms_of(page)[0].values["csrf_token"]
    for address in (f"rappels/{appointment_id}", "messages/1/reessayer"):
        answer = neighbour.client.post(
            f"/bureau/{address}", data={"csrf_token": token, "outcome": "told"}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("address", ["messages", "rappels", "semaine", "imprimer"])
def test_only_a_desk_sees_these_pages(visitor, address) -> None:
    assert "/connexion" in visitor.client.get(f"/bureau/{address}").location
    visitor.sign_in("conseiller@msa.example")
    assert visitor.client.get(f"/bureau/{address}").status_code == 403


def test_the_reminders_say_how_many_numbers_are_missing_and_take_one(
    desk, database
) -> None:
    make_appointment(database, name="Mme Avec")
    missing = make_appointment(
        database, STARTS_AT + timedelta(hours=1), name="M. Sans", telephone=""
    )
    page = read(desk, "/bureau/rappels")
    assert "Il reste 2 appels. 1 sans numéro" in page
    assert page.count('type="tel"') == 1
    address = f"/bureau/rappels/{missing}/telephone"
    [form] = [each for each in forms_of(page) if each.action == address]
    wrong = desk.client.post(address, data=form.values | {"telephone": "06 12"})
    assert wrong.status_code == 422
    assert "Ce numéro n'existe pas." in html.unescape(wrong.text)
    assert 'value="06 12"' in wrong.text
    given = form.values | {"telephone": "01 99 00 01 03"}
    answer = desk.client.post(address, data=given)
    assert answer.location == f"/bureau/rappels#rappel-{missing}"
    page = read(desk, "/bureau/rappels")
    assert 'href="tel:+33199000103"' in page
    assert "Il reste 2 appels." in page and "sans numéro" not in page
    with database.read() as session:
        acts = session.scalars(select(JournalEntry.act)).all()
    assert "resident_edited" in acts


def test_a_neighbour_notes_no_number(app, ground, desk, database) -> None:
    missing = make_appointment(database, name="M. Sans", telephone="")
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in("mairie@guise.example")
    token = neighbour.form().values["csrf_token"]
    values = {"csrf_token": token, "telephone": "01 99 00 01 03"}
    address = f"/bureau/rappels/{missing}/telephone"
    assert neighbour.client.post(address, data=values).status_code == 404


def test_whose_kiosk_it_is_calls_nobody_elses_resident(
    app, ground, desk, database
) -> None:
    """Guise's resident comes to Wassigny's kiosk: they had another number, and were told."""
    number = make_appointment(
        database, relay="guise", kiosk_relay="wassigny", name="M. Sans", telephone=""
    )
    token = desk.form().values["csrf_token"]
    before = people(database)
    for act, values in (
        ("/telephone", {"telephone": "01 99 00 01 03"}),
        ("/telephone", {"telephone": "06 12"}),
        ("", {"outcome": "told"}),
    ):
        address = f"/bureau/rappels/{number}{act}"
        answer = desk.client.post(address, data={"csrf_token": token} | values)
        assert answer.status_code == 404, act
    assert people(database) == before
    # The appointment itself is seen at its kiosk, and its own town hall calls.
    assert "M. Sans" in read(desk, "/bureau?jour=2031-01-08")
    home = type(desk)(app.test_client(), ground.passwords)
    home.sign_in("mairie@guise.example")
    page = read(home, "/bureau/rappels")
    address = f"/bureau/rappels/{number}/telephone"
    [form] = [each for each in forms_of(page) if each.action == address]
    values = form.values | {"telephone": "01 99 00 01 03"}
    assert home.client.post(address, data=values).status_code == 303
    assert "+33199000103" in {each[-1] for each in people(database)}


def people(database):
    """Give what is known of residents, and which of them were called."""
    with database.read() as session:
        known = session.execute(select(Resident.id, Resident.telephone)).all()
        called = session.execute(select(ReminderCall.appointment_id)).all()
    return [*known, *called]


def test_the_appointments_of_a_resident_are_links_to_their_day(desk, database) -> None:
    number = make_appointment(database)
    with database.read() as session:
        resident = session.get_one(Appointment, number).resident_id
    page = read(desk, f"/bureau/usagers/{resident}")
    assert f'href="/bureau?jour=2031-01-08#rendez-vous-{number}"' in page

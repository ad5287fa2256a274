# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody is telephoned to from a call: what the counsellor may have called, and reads of it."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.dispatcher.interpreting.rows import LATE_AFTER, settle, take_orders
from booking_web.dispatcher.interpreting.standing import Seen, Standing
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.guests.retention import NUMBER_KEPT
from booking_web.domain.appointments.guests.visits import (
    ALONE_FOR,
    end_what_is_over,
    is_any_to_end,
)
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest
from booking_web.tables.interpreters import InterpreterCall, WhyNobody
from provisioning.database.models import Organisation
from stage.html_forms import forms_of
from stage.kiosk_ground import S, acts_of, bring_to, documents_settings
from tests.factories.interpreters import book_interpreter, let_interpret

TYPED, LAST = "06 45 67 89 78", "78"
TRUNK = Trunk(caller_number="0323000000")
BUTTON = "Appeler quelqu'un"
GOOD = {"number": TYPED, "relation": "guardian", "agreed": "1"}
HOUR_LIMIT = 3
OTHER = "mission-locale-thierache"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(
        ground,
        trunk_caller_number="0323000000",
        trunk_calls_an_hour=HOUR_LIMIT,
        **documents_settings(tmp_path),
    )


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def page_of(person, appointment) -> str:
    return read(person.client.get(f"/rendez-vous/{appointment}"))


def press(person, appointment, act="/telephoner", **values):
    token = forms_of(person.client.get("/rendez-vous").text)[0].values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/invite{act}", data={"csrf_token": token} | values
    )


@pytest.fixture
def asterisk(database):
    """Give functions that place what waits, and that have it stand so."""

    class Asterisk:
        def place(self):
            now = datetime.now(UTC) - timedelta(minutes=1)
            with database.write() as session:
                [order] = take_orders(session, TRUNK, now)
            return order

        def stands(self, seen: Seen | None, why: WhyNobody | None = None) -> None:
            now = datetime.now(UTC)
            with database.write() as session:
                newest = select(InterpreterCall.id).order_by(InterpreterCall.id.desc())
                number = session.scalars(newest).first()
                found = {number: seen} if seen else {}
                settle(session, found, now, {number: why} if why else {})

    return Asterisk()


TAKEN = Seen(Standing.TAKEN)
RINGS = Seen(Standing.TAKEN, is_ringing=True)
HERE = Seen(Standing.HERE, "guichet_trunk")


def called(database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        found = session.scalars(select(Guest).order_by(Guest.id))
        return [(each.name, each.telephone, each.last_digits) for each in found]


def test_a_counsellor_has_somebody_called_reads_how_it_goes_and_hangs_up(
    counsellor, appointment, asterisk, database
) -> None:
    assert BUTTON in page_of(counsellor, appointment)
    assert press(counsellor, appointment, **GOOD, name="Mme Petit").status_code == 303
    assert called(database) == [("Mme Petit", "+33645678978", LAST)]
    page = page_of(counsellor, appointment)
    assert "Le numéro est composé" in page and "Numéro qui finit par 78" in page
    assert TYPED not in page and BUTTON not in page
    order = asterisk.place()
    assert (order.telephone, order.caller_number) == ("0645678978", "0323000000")
    assert "0645678978" not in repr(order)
    # Asterisk has it: the database does not need it any more.
    assert called(database) == [("Mme Petit", "", LAST)]
    asterisk.stands(TAKEN)
    asterisk.stands(RINGS)
    assert "Ça sonne." in page_of(counsellor, appointment)
    asterisk.stands(HERE)
    page = page_of(counsellor, appointment)
    assert "Cette personne est dans l'appel, au téléphone." in page
    press(counsellor, appointment, "/faire-partir")
    assert "Sa participation se termine" in page_of(counsellor, appointment)
    asterisk.stands(None)
    page = page_of(counsellor, appointment)
    assert "Vous avez raccroché avec cette personne." in page and BUTTON in page
    told = [(act, detail) for _, act, detail in acts_of(database, appointment)]
    told = [each for each in told if each[0].startswith("guest")]
    assert told == [
        ("guest_telephoned", "guest 1 guardian ..78"),
        ("guest_joined", "guest 1"),
        ("guest_sent_away", "guest 1"),
        ("guest_left", "guest 1"),
    ]


@pytest.mark.parametrize(
    ("seen", "why", "words"),
    [
        ((TAKEN, RINGS), WhyNobody.BUSY, "C'est occupé."),
        ((TAKEN, RINGS), WhyNobody.NO_ANSWER, "ne répond pas."),
        ((TAKEN,), WhyNobody.NOT_CONNECTED, "le numéro n'est pas attribué"),
        ((), None, "La borne n'a pas pris cet appel."),
        ((TAKEN, HERE), None, "Cette personne a raccroché."),
    ],
)
def test_the_page_says_how_it_ended_and_another_may_be_called(
    counsellor, appointment, asterisk, seen, why, words
) -> None:
    press(counsellor, appointment, **GOOD)
    asterisk.place()
    for each in seen:
        asterisk.stands(each)
    asterisk.stands(None, why)
    page = page_of(counsellor, appointment)
    assert words in page and BUTTON in page and "Tuteur ou curateur" in page
    # Also for who looks at another page.
    beside = read(counsellor.client.get(f"/rendez-vous/{appointment}/invite/etat"))
    assert beside.startswith("Tuteur ou curateur : ") and words in beside
    press(counsellor, appointment, **GOOD)
    assert "Le numéro est composé" in page_of(counsellor, appointment)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "15"}, "Les numéros courts et d'urgence"),
        ({"number": "06 45 67 89"}, "Ce numéro n'existe pas"),
        ({"number": "0892 70 12 39"}, "Ce numéro est surtaxé"),
        ({"number": "+32 2 511 11 11"}, "à l'étranger ou outre-mer"),
        ({"number": ""}, "Ce numéro n'existe pas"),
        ({"number": "0612345678\r\nEvent: Hangup"}, "Ce numéro n'existe pas"),
        ({"number": "0612345678&PJSIP/kiosk-guise"}, "Ce numéro n'existe pas"),
        ({"agreed": ""}, "Demandez d'abord à l'usager"),
        ({"relation": "friend"}, "Dites qui vous appelez."),
        ({"relation": ""}, "Dites qui vous appelez."),
        ({"name": "12"}, "Ce nom ne peut pas s'afficher : "),
        ({"name": "a\u202eb"}, "Ce nom ne peut pas s'afficher : "),
        ({"name": "x" * 81}, "Ce nom ne peut pas s'afficher : "),
    ],
)
def test_what_is_refused_calls_nobody_and_comes_back_as_it_was_typed(
    counsellor, appointment, database, changes, words
) -> None:
    typed = {"name": "Mme Petit"} | GOOD | changes
    answer = press(counsellor, appointment, **typed)
    assert answer.status_code == 422
    assert read(answer).count(words) == 1
    [form] = [each for each in forms_of(answer.text) if "telephoner" in each.action]
    left = {name: form.values.get(name, "") for name in typed}
    # No field takes more, and nobody is that to a resident.
    typed["name"] = typed["name"][:80]
    typed["relation"] = typed["relation"].replace("friend", "")
    assert left == typed
    assert called(database) == []
    # In that answer, and nowhere else.
    page = page_of(counsellor, appointment)
    assert words not in page and BUTTON in page
    assert len(typed["number"]) < 3 or typed["number"] not in page


def test_an_organisation_has_so_many_numbers_called_an_hour(
    counsellor, appointment, asterisk, database
) -> None:
    for _ in range(HOUR_LIMIT):
        press(counsellor, appointment, **GOOD)
        asterisk.place()
        asterisk.stands(None)
    answer = press(counsellor, appointment, **GOOD)
    assert "beaucoup de numéros depuis une heure" in read(answer)
    assert len(called(database)) == HOUR_LIMIT
    # Of an appointment that was handed over, each counts for whose call it was.
    other = select(Organisation.id).where(Organisation.slug == OTHER).scalar_subquery()
    with database.write() as session:
        own = session.get_one(Appointment, appointment).organisation_id
        session.execute(update(InterpreterCall).values(organisation_id=other))
    press(counsellor, appointment, **GOOD)
    assert len(called(database)) == HOUR_LIMIT + 1
    asterisk.place()
    asterisk.stands(None)
    with database.write() as session:
        session.execute(update(InterpreterCall).values(organisation_id=own))
    press(counsellor, appointment, **GOOD)
    assert len(called(database)) == HOUR_LIMIT + 1
    with database.write() as session:
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1, seconds=1)
        session.execute(update(InterpreterCall).values(asked_at=an_hour_ago))
    press(counsellor, appointment, **GOOD)
    assert "Le numéro est composé" in page_of(counsellor, appointment)


def test_one_third_person_at_a_time_by_whichever_way(
    counsellor, appointment, asterisk, database
) -> None:
    answer = press(counsellor, appointment, "", name="Mme Petit")
    assert answer.location.endswith("#guest-title")
    assert BUTTON not in page_of(counsellor, appointment)
    answer = press(counsellor, appointment, **GOOD)
    # Why not is said on top of the page.
    assert answer.location.endswith(f"/{appointment}")
    assert "Une personne est déjà invitée" in page_of(counsellor, appointment)
    press(counsellor, appointment, "/faire-partir")
    press(counsellor, appointment, **GOOD)
    # The button pressed twice.
    press(counsellor, appointment, **GOOD)
    assert "Une personne est déjà invitée" in page_of(counsellor, appointment)
    assert len(called(database)) == 2
    press(counsellor, appointment, "", name="M. Roy")
    assert "Une personne est déjà invitée" in page_of(counsellor, appointment)
    # Nobody waits for a page of theirs, and it is not missed.
    with database.write() as session:
        end_what_is_over(session, datetime.now(UTC) + timedelta(days=1))
    asterisk.place()
    assert "Le numéro est composé" in page_of(counsellor, appointment)
    asterisk.stands(None)
    let_interpret(database)
    book_interpreter(database, appointment)
    token = forms_of(counsellor.client.get("/rendez-vous").text)[0].values["csrf_token"]
    counsellor.client.post(
        f"/rendez-vous/{appointment}/interprete/rappeler", data={"csrf_token": token}
    )
    page = page_of(counsellor, appointment)
    assert "Appeler quelqu'un : quand l'interprète sera parti." in page
    assert 'name="number"' not in page
    # From a page that was open before.
    answer = press(counsellor, appointment, **GOOD)
    assert "Un interprète est dans l'appel" in read(answer)


def test_with_the_calls_end_theirs_ends_and_an_unplaced_number_is_gone(
    counsellor, appointment, asterisk, database
) -> None:
    press(counsellor, appointment, **GOOD)
    bring_to(database, appointment, S.DONE)
    assert called(database) == [("Tuteur ou curateur", "", LAST)]
    with database.write() as session:
        assert take_orders(session, TRUNK, datetime.now(UTC)) == []
    press(counsellor, appointment, **GOOD)
    assert len(called(database)) == 1


def test_a_number_that_waited_for_a_dispatcher_too_long_is_not_called_and_is_erased(
    counsellor, appointment, database
) -> None:
    press(counsellor, appointment, **GOOD)
    late = datetime.now(UTC) + LATE_AFTER
    with database.write() as session:
        assert take_orders(session, TRUNK, late) == []
    assert called(database) == [("Tuteur ou curateur", "", LAST)]
    page = page_of(counsellor, appointment)
    assert "L'appel n'a pas abouti" in page and BUTTON in page
    # Nor does it wait for one that never comes.
    press(counsellor, appointment, **GOOD)
    with database.write() as session:
        prune(session, 365, datetime.now(UTC) + NUMBER_KEPT)
    assert [number for _, number, _ in called(database)] == ["", ""]


def test_nobody_on_the_telephone_stays_alone_with_a_resident(
    counsellor, appointment, asterisk, database
) -> None:
    press(counsellor, appointment, **GOOD)
    asterisk.place()
    asterisk.stands(HERE)
    now = datetime.now(UTC)
    with database.write() as session:
        session.execute(update(Appointment).values(kept_since=now - 2 * ALONE_FOR))
        assert is_any_to_end(session, now)
        end_what_is_over(session, now)
        session.flush()
        assert not is_any_to_end(session, now)
        session.execute(update(Appointment).values(kept_since=None))
    assert "Sa participation se termine" in page_of(counsellor, appointment)
    asterisk.stands(None)
    page = page_of(counsellor, appointment)
    assert "Cette personne n'est plus dans l'appel." in page and BUTTON in page


def test_the_resident_reads_who_is_on_the_telephone(
    app, ground, counsellor, appointment, asterisk
) -> None:
    screen = app.test_client()
    assert ground.let_in(screen, "kiosk-wassigny").status_code == 303
    press(counsellor, appointment, **GOOD, name="Mme Petit")
    shown = html.unescape(screen.get("/borne").text)
    assert "On téléphone à : Mme Petit." in shown and "drawing-telephoned" in shown
    asterisk.place()
    asterisk.stands(HERE)
    shown = html.unescape(screen.get("/borne").text)
    assert "Mme Petit est là, au téléphone." in shown
    asterisk.stands(None)
    shown = html.unescape(screen.get("/borne").text)
    assert "au téléphone" not in shown and "Mme Petit n'est plus là." in shown


def test_a_site_without_a_line_does_not_offer_it(
    new_app, ground, tmp_path, appointment, counsellor, monkeypatch
) -> None:
    monkeypatch.setattr(Trunk, "of", lambda _settings: None)
    assert BUTTON not in page_of(counsellor, appointment)
    assert press(counsellor, appointment, **GOOD).status_code == 404


def test_only_who_has_the_call_has_somebody_called(
    visitor, appointment, database
) -> None:
    email = "conseiller@mission-locale-thierache.example"
    assert visitor.sign_in(email).status_code == 302
    token = forms_of(visitor.client.get("/mot-de-passe").text)[0].values["csrf_token"]
    answer = visitor.client.post(
        f"/rendez-vous/{appointment}/invite/telephoner",
        data={"csrf_token": token} | GOOD,
    )
    assert answer.status_code in (403, 404)
    assert called(database) == []

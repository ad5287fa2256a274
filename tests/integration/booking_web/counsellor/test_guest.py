# SPDX-License-Identifier: AGPL-3.0-or-later
"""A third person is invited into a call by a one-time link: the pages of both."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.handing_over.rows import take_handovers
from booking_web.domain.appointments.guests.invitations import HEARD_WITHIN, VALID_FOR
from booking_web.domain.appointments.guests.visits import (
    ALONE_FOR,
    end_what_is_over,
    is_any_to_end,
)
from booking_web.domain.appointments.handing_over.asking import (
    Wanted,
    ask_to_hand_over,
)
from booking_web.domain.appointments.interpreters.calls import (
    call_ended,
    interpreter_came,
)
from booking_web.domain.appointments.lifecycle import wait_again
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest
from booking_web.tables.interpreters import InterpreterCall
from provisioning.database.models import Counsellor
from provisioning.database.realtime import PjsipAor, PjsipAuth, PjsipEndpoint
from stage.html_forms import forms_of
from stage.kiosk_ground import S, acts_of, bring_to
from tests.factories.handed_over import have_call
from tests.factories.interpreters import book_interpreter, let_interpret

WHO = "Mme Petit, tutrice"
LET_IN, TAKE_BACK = "Faire entrer", "Retirer l'invitation"
OURS = {"Origin": "http://localhost"}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def page_of(person, appointment) -> str:
    return read(person.client.get(f"/rendez-vous/{appointment}"))


def press(person, appointment, act="", **values):
    token = forms_of(person.client.get("/rendez-vous").text)[0].values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/invite{act}", data={"csrf_token": token} | values
    )


class Browser:
    """A guest's browser, which has no account."""

    def __init__(self, client) -> None:
        self.client = client

    def open(self, link: str):
        page = self.client.get(link)
        if page.status_code != 200:
            return page
        token = forms_of(page.text)[0].values["csrf_token"]
        return self.client.post(link, data={"csrf_token": token})

    def send(self, address: str, **values):
        page = self.client.get("/invite").text
        token = re.search('data-token="([^"]+)"', page)
        headers = {"X-CSRFToken": token[1]} if token else {}
        return self.client.post(address, data=values, headers=headers)

    def wait(self) -> str:
        """Tell that the page is there, and waits; give how it stands."""
        return self.send("/invite/etat", attend="1").json["visit"]


@pytest.fixture
def browser(app):
    return lambda: Browser(app.test_client())


@pytest.fixture
def link(counsellor, appointment) -> str:
    """Give the link of a guest who was invited into the appointment's call."""
    assert press(counsellor, appointment, name=f"  {WHO} ").status_code == 303
    page = page_of(counsellor, appointment)
    assert WHO in page and "Le lien n'a pas encore servi." in page
    found = re.search(
        'value="https://guichet.example(/invite/[A-Za-z0-9_-]{43})"', page
    )
    assert found is not None
    return found[1]


@pytest.fixture
def guest(browser, link):
    """Give the browser that opened it, waiting with its telephone."""
    made = browser()
    assert made.open(link).status_code == 303
    assert made.send("/invite/telephone").status_code == 200
    assert made.wait() == "waiting"
    return made


@pytest.fixture
def happen(database):
    """Give a function that has something happen to the second call."""

    def do(work, *values: str) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            newest = select(InterpreterCall).order_by(InterpreterCall.id.desc())
            call = session.scalars(newest).first()
            call.placed_at = call.placed_at or now
            work(session, call, *values, "dispatcher", now)

    return do


@pytest.fixture
def later(database):
    """Give a function that does what the dispatcher does each second, some time later."""

    def do(after: timedelta) -> bool:
        now = datetime.now(UTC) + after
        with database.write() as session:
            was_due = is_any_to_end(session, now)
            end_what_is_over(session, now)
            session.flush()
            assert not is_any_to_end(session, now)
        return was_due

    return do


def beside(person, appointment) -> str:
    """Read what is said of the guest where another page is looked at."""
    return read(person.client.get(f"/rendez-vous/{appointment}/invite/etat"))


def telephones(database) -> list[str]:
    with database.read() as session:
        return sorted(
            each
            for table in (PjsipEndpoint, PjsipAor, PjsipAuth)
            for each in session.scalars(select(table.id))
            if each.startswith("guest_")
        )


def test_a_guest_joins_by_the_link_is_let_in_and_sent_away(
    counsellor, appointment, link, guest, happen, database
) -> None:
    [number] = {name.partition("_")[2] for name in telephones(database)}
    assert telephones(database) == [f"guest_{number}"] * 3
    page = page_of(counsellor, appointment)
    # Opened, the link is worth nothing and not shown.
    assert LET_IN in page and link not in page
    waits = f"{WHO} : Cette personne attend que vous la fassiez entrer."
    assert beside(counsellor, appointment) == waits
    assert guest.client.get("/invite/entree", headers=OURS).status_code == 204
    assert press(counsellor, appointment, "/faire-entrer").status_code == 303
    assert guest.wait() == "entering"
    happen(interpreter_came, f"guest_{number}")
    assert guest.wait() == "here"
    page = page_of(counsellor, appointment)
    assert "Cette personne est dans l'appel." in page and "Faire partir" in page
    assert beside(counsellor, appointment) == ""
    press(counsellor, appointment, "/faire-partir")
    assert guest.wait() == "sent_away"
    assert telephones(database) == []
    assert guest.client.get("/invite/entree", headers=OURS).status_code == 403
    assert guest.send("/invite/telephone").status_code == 410
    happen(call_ended)
    assert "L'invitation est retirée. L'appel continue." in page_of(
        counsellor, appointment
    )
    told = [(act, detail) for _, act, detail in acts_of(database, appointment)]
    told = [each for each in told if each[0].startswith("guest")]
    assert told == [
        (f"guest_{act}", f"guest {number}")
        for act in ("invited", "let_in", "joined", "sent_away", "left")
    ]


def test_a_guest_to_whom_the_resident_does_not_agree_leaves_and_all_three_read_why(
    app, ground, counsellor, appointment, link, guest, happen, database
) -> None:
    screen = app.test_client()
    ground.let_in(screen, "kiosk-wassigny")
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest_1")
    assert guest.wait() == "here"
    assert f"{WHO} est là." in read(screen.get("/borne"))
    says(counsellor, appointment, "refused")
    assert guest.wait() == "sent_away"
    assert telephones(database) == []
    happen(call_ended)
    gone = "Cette personne n'est plus dans l'appel : l'usager n'est pas d'accord."
    page = page_of(counsellor, appointment)
    assert gone in page and "Créer le lien" not in page
    assert beside(counsellor, appointment).startswith(f"{WHO} : {gone}")
    assert f"{WHO} n'est plus là." in read(screen.get("/borne"))
    # Who agrees again may have somebody invited again.
    says(counsellor, appointment, "agreed")
    assert "Créer le lien" in page_of(counsellor, appointment)


def says(person, appointment, said: str) -> None:
    """Note what the resident says to the text."""
    page = person.client.get(f"/rendez-vous/{appointment}/accord").text
    form = next(each for each in forms_of(page) if each.action.endswith("/accord"))
    person.client.post(form.action, data=form.values | {"reponse": said})


def test_to_look_at_the_link_uses_nothing_up_and_a_second_browser_is_refused(
    counsellor, appointment, link, browser
) -> None:
    first, second = browser(), browser()
    for _ in range(3):
        # A mail's scanner, and the guest who hesitates.
        shown = second.client.get(link)
        assert shown.status_code == 200 and "Rejoindre" in shown.text
        assert second.client.head(link).status_code == 200
    assert first.open(link).status_code == 303
    cookie = first.client.get_cookie("invite", path="/invite")
    assert cookie.http_only and cookie.path == "/invite"
    refused = second.client.get(link)
    assert refused.status_code == 410 and "Ce lien a déjà servi." in read(refused)
    token = forms_of(second.client.get("/connexion").text)[0].values["csrf_token"]
    assert second.client.post(link, data={"csrf_token": token}).status_code == 410
    assert second.client.get("/invite").status_code == 403
    assert second.send("/invite/telephone").status_code in (400, 403)
    assert "une seconde fois, et a été refusé" in page_of(counsellor, appointment)
    # Whose link it is comes back by it.
    again = first.client.get(link)
    assert again.status_code == 303 and again.location == "/invite"


def test_a_link_ends_with_its_time_with_the_call_and_as_it_is_taken_back(
    counsellor, appointment, link, browser, database, later
) -> None:
    assert TAKE_BACK in page_of(counsellor, appointment)
    press(counsellor, appointment, "/faire-partir")
    assert browser().client.get(link).status_code == 410

    press(counsellor, appointment, name=WHO)
    assert not later(VALID_FOR - timedelta(minutes=1))
    assert later(VALID_FOR + timedelta(seconds=1))
    assert "L'invitation a expiré." in page_of(counsellor, appointment)

    press(counsellor, appointment, name=WHO)
    page = page_of(counsellor, appointment)
    link = re.search(r"/invite/[A-Za-z0-9_-]{43}", page)[0]
    made = browser()
    made.open(link)
    made.send("/invite/telephone")
    assert made.wait() == "waiting"
    bring_to(database, appointment, S.DONE)
    assert made.wait() == "call_over"
    assert telephones(database) == []
    assert browser().client.get(link).status_code == 410
    # Nobody is invited, or let in, where there is no call.
    press(counsellor, appointment, name=WHO)
    assert "Créer le lien" not in page_of(counsellor, appointment)
    press(counsellor, appointment, "/faire-entrer")
    assert "La borne n'écoute plus" in page_of(counsellor, appointment).replace(
        "la borne", "La borne"
    )


def test_a_page_that_is_closed_or_reloaded_is_told_and_waits_again(
    counsellor, appointment, guest, happen, later, database
) -> None:
    assert later(HEARD_WITHIN + timedelta(seconds=1))
    assert "n'attend pas en ce moment" in page_of(counsellor, appointment)
    assert guest.wait() == "waiting"
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    # Reloaded: the call before ends, and the counsellor lets them in anew.
    first = guest.send("/invite/telephone").json
    assert first["server"] == "ws://localhost/invite/ws"
    assert "Sa participation se termine" in page_of(counsellor, appointment)
    happen(call_ended)
    assert guest.wait() == "waiting"
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    assert guest.send("/invite/telephone").json["ha1"] != first["ha1"]
    happen(call_ended)
    # Gone without a word in the call.
    guest.wait()
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    assert later(HEARD_WITHIN + timedelta(seconds=1))
    with database.read() as session:
        newest = select(InterpreterCall).order_by(InterpreterCall.id.desc())
        assert session.scalars(newest).first().end_requested_at is not None


def test_a_guest_who_leaves_may_come_back(
    counsellor, appointment, guest, happen
) -> None:
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    assert guest.send("/invite/quitter").status_code == 204
    happen(call_ended)
    assert "n'attend pas en ce moment" in page_of(counsellor, appointment)
    assert guest.wait() == "waiting"
    assert LET_IN in page_of(counsellor, appointment)


def test_a_guest_is_not_alone_with_a_resident_whose_counsellors_page_is_gone(
    counsellor, appointment, guest, happen, later, database
) -> None:
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    with database.write() as session:
        session.get_one(Appointment, appointment).kept_since = datetime.now(UTC)
    # It is reloaded, as a rule.
    assert not later(timedelta(seconds=1))
    assert guest.wait() == "here"
    assert later(ALONE_FOR)
    happen(call_ended)
    assert guest.wait() == "waiting"
    with database.write() as session:
        session.get_one(Appointment, appointment).kept_since = None
    assert LET_IN in page_of(counsellor, appointment)


@pytest.mark.parametrize("is_taken", [True, False])
def test_of_a_call_that_is_handed_over_the_guest_waits_for_who_takes_it(
    counsellor, appointment, guest, happen, database, is_taken
) -> None:
    press(counsellor, appointment, "/faire-entrer")
    happen(interpreter_came, "guest")
    now = datetime.now(UTC)
    with database.write() as session:
        handed = session.get_one(Appointment, appointment)
        wait_again(session, handed, actor="dispatcher", at=now)
    happen(call_ended)
    assert guest.wait() == "waiting"
    bring_to(database, appointment, S.IN_CALL if is_taken else S.ABANDONED)
    if is_taken:
        assert LET_IN in page_of(counsellor, appointment)
        press(counsellor, appointment, "/faire-entrer")
        assert guest.wait() == "entering"
    else:
        assert guest.wait() == "call_over"
        assert telephones(database) == []


def test_who_takes_it_in_another_organisation_does_not_have_the_guest(
    appointment, guest, database
) -> None:
    have_call(database, appointment)
    with database.write() as session:
        handed = session.get_one(Appointment, appointment)
        own = session.get_one(Counsellor, handed.counsellor_id)
        other = Wanted(organisation="sous-prefecture-vervins", resident_agrees=True)
        now = datetime.now(UTC)
        ask_to_hand_over(session, handed, own, other, actor="user:1", now=now)
    with database.write() as session:
        assert take_handovers(session, datetime.now(UTC))
    assert guest.wait() == "call_over"


def test_beside_an_interpreter_nobody_is_let_in(
    counsellor, appointment, guest, happen, database
) -> None:
    let_interpret(database)
    book_interpreter(database, appointment)
    token = forms_of(counsellor.client.get("/rendez-vous").text)[0].values["csrf_token"]
    counsellor.client.post(
        f"/rendez-vous/{appointment}/interprete/rappeler", data={"csrf_token": token}
    )
    page = page_of(counsellor, appointment)
    assert "la borne prend une seule personne de plus" in page and LET_IN not in page
    press(counsellor, appointment, "/faire-entrer")
    assert "Faites-le partir d'abord" in page_of(counsellor, appointment)
    assert guest.wait() == "waiting"
    happen(call_ended)
    assert LET_IN in page_of(counsellor, appointment)
    press(counsellor, appointment, "/faire-entrer")
    page = page_of(counsellor, appointment)
    assert "Cette personne entre dans l'appel" in page
    assert "Rappeler l'interprète" not in page


def test_one_person_at_a_time_and_with_a_name(counsellor, appointment, link) -> None:
    press(counsellor, appointment, name="Un autre")
    page = page_of(counsellor, appointment)
    assert "Une personne est déjà invitée" in page and "Un autre" not in page
    press(counsellor, appointment, "/faire-partir")
    for bad in ("", "  ", "12", "x" * 81, "a\u202eb"):
        press(counsellor, appointment, name=bad)
        page = page_of(counsellor, appointment)
        assert "Dites en quelques mots qui vous invitez." in page


def test_a_page_of_another_site_opens_no_door_and_guesses_are_stopped(
    guest, browser
) -> None:
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert guest.client.get("/invite/entree", headers=origin).status_code == 403
    page = guest.client.get("/invite")
    assert page.headers["Permissions-Policy"].startswith("camera=(self)")
    assert WHO not in read(page) and "Dupont" not in read(page)
    guesser = browser()
    answers = [
        guesser.client.get(f"/invite/{number:043d}").status_code for number in range(21)
    ]
    assert answers == [404] * 20 + [429]
    assert guesser.client.get("/invite/entree", headers=OURS).status_code == 403


def test_only_who_has_the_call_invites(neighbour, appointment) -> None:
    for act in ("", "/faire-entrer", "/faire-partir"):
        assert press_as(neighbour, appointment, act).status_code in (403, 404)


def press_as(person, appointment, act):
    token = forms_of(person.client.get("/mot-de-passe").text)[0].values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/invite{act}",
        data={"csrf_token": token, "name": WHO},
    )


@pytest.fixture
def neighbour(visitor):
    """Give a counsellor of another organisation."""
    email = "conseiller@mission-locale-thierache.example"
    assert visitor.sign_in(email).status_code == 302
    return visitor


def test_the_name_goes_with_the_residents(link, appointment, database) -> None:
    bring_to(database, appointment, S.DONE)
    with database.write() as session:
        prune(session, 30, datetime.now(UTC) + timedelta(days=60))
    with database.read() as session:
        assert session.scalars(select(Guest.name)).all() == [""]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who sees an appointment follows its place and the town hall that booked it, nobody's job."""

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Relay, User
from stage.html_forms import forms_of
from stage.keyboard_desk import publish_hours
from tests.factories.orders import an_order
from tests.integration.booking_web.conftest import NEIGHBOUR, SECRETARY, Desk

NAME = "Mme Lefèvre"


@pytest.fixture
def sign_in(app, ground):
    """Give a function that signs somebody in at a browser of their own."""

    def at_a_browser(email: str) -> Desk:
        person = Desk(app.test_client(), ground.passwords)
        assert person.sign_in(email).status_code == 302
        return person

    return at_a_browser


def move_to(database, email: str, relay: str) -> None:
    """Have somebody work for another town hall, as an inventory would say."""
    with database.write() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        user.relay_id = session.scalar(select(Relay.id).where(Relay.slug == relay))


def book_at(database, email: str, relay: str) -> int:
    """Book at a relay for whoever has this address, and give the appointment."""
    with database.write() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        request = an_order(
            token=f"{email} at {relay}",
            user_id=user_id,
            relay=relay,
            resident_name=NAME,
        )
        return book(session, request, datetime.now(UTC)).appointment.id


def seen_by(database, relay: str) -> list[str]:
    """List the names that the town hall of this relay may see."""
    with database.read() as session:
        relay_id = session.scalar(select(Relay.id).where(Relay.slug == relay))
        query = Person(user_id=0, actor="", relay_id=relay_id).appointments()
        return [each.resident_name for each in session.scalars(query)]


def test_a_secretary_who_moves_leaves_her_bookings_behind(sign_in, database) -> None:
    appointment = book_at(database, SECRETARY, "wassigny")
    move_to(database, SECRETARY, "guise")
    mover, new_colleague = sign_in(SECRETARY), sign_in(NEIGHBOUR)
    for person in (mover, new_colleague):
        for address in (
            "/bureau",
            f"/bureau/rendez-vous/{appointment}/annuler",
            f"/bureau/rendez-vous/{appointment}/fiche.pdf",
            f"/rendez-vous/{appointment}",
        ):
            page = person.client.get(address)
            assert NAME not in page.text, address
        for act in ("arrive", "annuler", "appeler"):
            assert person.press(appointment, act).status_code in (404, 405), act
    with database.read() as session:
        assert session.get_one(Appointment, appointment).state == "arrived"
        told = session.scalars(select(LiveEvent.id)).all()
    numbers = ",".join(map(str, told))
    for person in (mover, new_colleague):
        assert NAME not in person.client.get(f"/bureau/changements?n={numbers}").text
    assert told
    assert seen_by(database, "wassigny") == [NAME]


def test_those_who_come_to_a_relay_do_not_bring_their_former_colleagues_bookings(
    sign_in, database
) -> None:
    book_at(database, NEIGHBOUR, "marly-gomont")
    move_to(database, NEIGHBOUR, "wassigny")
    assert NAME not in sign_in(SECRETARY).client.get("/bureau").text
    assert seen_by(database, "wassigny") == []
    # Those who stay in Guise go on with what their town hall booked elsewhere.
    [name] = seen_by(database, "guise")
    assert name == NAME
    assert seen_by(database, "marly-gomont") == [NAME]


def move_in_the_page(person: Desk, appointment: int, relay: str) -> str:
    """Move an appointment to the first hour that the page offers at a relay; its answer."""
    address = f"/bureau/rendez-vous/{appointment}/deplacer"
    [form] = [
        form
        for form in forms_of(person.client.get(address).text)
        if "place" in form.choices
    ]
    place = next(each for each in form.choices["place"] if each.endswith(f"@{relay}"))
    answer = person.client.post(
        address, data=form.values | {"place": place}, follow_redirects=True
    )
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("booked_by", "stays"),
    [("responsable@msa.example", True), (SECRETARY, False)],
    ids=["no town hall's", "another town hall's"],
)
def test_who_sends_an_appointment_to_a_neighbour_is_told_so(
    sign_in, database, booked_by: str, stays: bool
) -> None:
    publish_hours(database, "msa")
    appointment = book_at(database, booked_by, "guise")
    with database.write() as session:
        booked = session.get_one(Appointment, appointment)
        move(
            session,
            booked,
            AppointmentState.BOOKED,
            actor="user:1",
            at=booked.created_at,
        )
        booked.call_requested_at = None
    page = move_in_the_page(sign_in(NEIGHBOUR), appointment, "marly-gomont")
    assert "Rendez-vous déplacé" in html.unescape(page)
    assert (NAME in seen_by(database, "guise")) is stays
    assert seen_by(database, "marly-gomont") == [NAME]


def test_every_link_of_a_row_opens_where_the_kiosk_is_a_neighbours(
    sign_in, database
) -> None:
    appointment = book_at(database, NEIGHBOUR, "marly-gomont")
    town_hall = sign_in(NEIGHBOUR)
    page = town_hall.client.get("/bureau").text
    links = sorted(set(re.findall(rf'href="([^"]*/{appointment}(?:/[^"]*)?)"', page)))
    assert f"/rendez-vous/{appointment}" in links
    for link in links:
        assert town_hall.client.get(html.unescape(link)).status_code == 200, link

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A place that no page offers, written by hand into a form, is held to the same rules."""

import html
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from booking_web.tables.appointment import Appointment
from booking_web.tables.hours import BookingRules, Opening
from provisioning.database.models import Organisation, Relay
from stage.html_forms import forms_of
from stage.keyboard_desk import publish_hours

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
ORGANISATION = "msa"
MANAGER = "responsable@msa.example"
PAGE = "/organisme/heures"
BOOKED = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
GONE = "Cette heure vient d'être prise"


@pytest.fixture
def app(new_app, ground):
    """Give the application on a Tuesday at 10:02."""
    return new_app(ground, now=lambda: NOW)


@pytest.fixture(autouse=True)
def _rules(database) -> None:
    """Have the MSA open on workdays, three hours ahead; Marly-Gomont lies far away."""
    publish_hours(database, ORGANISATION)
    with database.write() as session:
        msa = session.scalars(
            select(Organisation.id).where(Organisation.slug == ORGANISATION)
        ).one()
        session.add(BookingRules(organisation_id=msa, lead_minutes=180))
        session.execute(
            update(Relay)
            .where(Relay.slug == "marly-gomont")
            .values(latitude=43.3, longitude=5.37)
        )


@pytest.fixture
def booked(desk, database) -> int:
    """Give an appointment of Thursday at ten."""
    slot = f"{BOOKED:%Y-%m-%dT%H:%MZ}@wassigny"
    assert desk.book(organisation=ORGANISATION, when=slot).status_code == 303
    [made] = appointments(database)
    return made.id


def appointments(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def move(desk, number: int, place: str):
    token = desk.form().values["csrf_token"]
    return desk.client.post(
        f"/bureau/rendez-vous/{number}/deplacer",
        data={"csrf_token": token, "place": place},
    )


@pytest.mark.parametrize(
    "place",
    [
        "2026-11-25T09:05Z@wassigny",
        "2026-11-25T07:00Z@wassigny",
        "2026-11-25T16:00Z@wassigny",
        "2026-11-28T09:00Z@wassigny",
        "2026-12-25T09:00Z@wassigny",
        "2027-02-01T09:00Z@wassigny",
        "2026-11-24T11:00Z@wassigny",
        "2026-11-25T09:00Z@marly-gomont",
    ],
    ids=[
        "between two starts",
        "before the hours",
        "after the hours",
        "a Saturday",
        "a holiday",
        "beyond the horizon",
        "too soon",
        "far away",
    ],
)
def test_an_appointment_is_moved_only_where_a_page_could_offer_it(
    desk, database, booked, place: str
) -> None:
    refused = move(desk, booked, place)
    assert refused.status_code == 409
    assert GONE in html.unescape(refused.text)
    [kept] = appointments(database)
    assert (kept.starts_at, kept.sequence) == (BOOKED, 0)


def test_a_later_slot_than_those_on_the_page_and_a_neighbours_are_as_good(
    desk, database, booked
) -> None:
    for place in ("2026-12-10T09:00Z@wassigny", "2026-12-11T09:00Z@guise"):
        assert move(desk, booked, place).status_code == 303, place
    [moved] = appointments(database)
    assert moved.starts_at == datetime(2026, 12, 11, 9, 0, tzinfo=UTC)


def test_nobody_is_booked_at_a_relay_that_is_no_neighbour(desk, database) -> None:
    refused = desk.book(
        organisation=ORGANISATION, when="2026-11-25T09:00Z@marly-gomont"
    )
    assert refused.status_code == 409
    assert appointments(database) == []


@pytest.mark.parametrize(
    "place", ["2026-11-30T09:05Z@wassigny", "2026-11-30T09:00Z@guise"]
)
def test_a_manager_moves_to_the_hours_that_are_proposed(
    app, ground, database, desk, booked, place: str
) -> None:
    with database.write() as session:
        # Thursday's hours are withdrawn.
        session.execute(update(Opening).values(weekdays=0b00001))
    manager = type(desk)(app.test_client(), ground.passwords)
    manager.sign_in(MANAGER)
    token = forms_of(manager.client.get(PAGE).text)[0].values["csrf_token"]
    answer = manager.client.post(
        f"{PAGE}/a-deplacer/{booked}/deplacer",
        data={"csrf_token": token, "place": place},
        follow_redirects=True,
    )
    assert GONE in html.unescape(answer.text)
    [kept] = appointments(database)
    assert kept.starts_at == BOOKED

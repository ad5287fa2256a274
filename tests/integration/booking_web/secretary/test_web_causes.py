# SPDX-License-Identifier: AGPL-3.0-or-later
"""A walk-in's true cause in words, on the desk and on the kiosk, and the hour it ends."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State

# Ten o'clock in Paris, a Tuesday.
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KIOSK, COUNSELLOR = "kiosk-wassigny", ("msa", "counsellor-msa-1")
OFF = "La borne est éteinte, l'appel partira quand elle sera allumée."
BOOKED = "La borne est réservée à 10 h 20, l'appel partira à 10 h 50 au plus tôt."


@pytest.fixture
def app(new_app, ground):
    return new_app(ground, now=lambda: TEN)


def told(database, kiosk=Presence.READY) -> None:
    with database.write() as session:
        write_presence(
            session, {KIOSK: kiosk}, {COUNSELLOR: Presence.READY}, TEN, is_all=True
        )


def shown(answer) -> str:
    return html.unescape(answer.text)


def now_of(desk) -> str:
    """Read what the form says of "now" for the MSA."""
    page = shown(desk.client.get("/bureau/creneaux?organisation=msa&relay=wassigny"))
    return page.partition('<small id="now-words">')[2].partition("</small>")[0]


def kiosk_screen(app, ground) -> str:
    kiosk = app.test_client()
    ground.let_in(kiosk, KIOSK)
    return shown(kiosk.get("/borne"))


def books_at(desk, hour: str) -> None:
    answer = desk.book(resident_name="M. Grand", when="at", day="2026-11-24", hour=hour)
    assert answer.status_code == 303


def test_with_the_kiosk_off_the_form_promises_no_call(desk, database) -> None:
    told(database)
    assert now_of(desk) == "la borne appelle aussitôt"
    told(database, Presence.OFFLINE)
    assert now_of(desk) == OFF


def test_who_comes_while_the_kiosk_is_off_is_told_so_everywhere(
    desk, database, app, ground
) -> None:
    told(database, Presence.OFFLINE)
    answer = desk.book(resident_name="Mme Petit", organisation="msa", when="now")
    page = shown(desk.client.get(answer.location))
    assert page.count(OFF) >= 2
    assert "impossible à estimer" not in page
    with database.read() as session:
        assert session.scalars(select(Appointment)).one().in_line
    assert OFF in kiosk_screen(app, ground)


def test_an_hour_booked_for_later_is_the_cause_and_has_an_end(
    desk, database, app, ground
) -> None:
    told(database)
    books_at(desk, "10:20")
    assert now_of(desk) == f"Premier dans la file. {BOOKED}"
    answer = desk.book(resident_name="Mme Petit", organisation="msa", when="now")
    page = shown(desk.client.get(answer.location))
    assert f"Premier dans la file. {BOOKED}" in page
    assert "M. Grand" not in kiosk_screen(app, ground)
    assert BOOKED in kiosk_screen(app, ground)


def test_a_place_that_is_kept_is_told_without_a_name(
    desk, database, app, ground
) -> None:
    told(database)
    desk.book(resident_name="M. Grand", organisation="msa", when="now")
    with database.write() as session:
        failed = session.scalars(select(Appointment)).one()
        failed.call_requested_at = None
        for state in (State.CALLING, State.UNREACHABLE):
            at = TEN - timedelta(minutes=1)
            move(session, failed, state, actor="dispatcher", at=at)
            session.flush()
    desk.book(resident_name="Mme Petit", organisation="msa", when="now")
    kept = "La borne est gardée jusqu'à 10 h 04 pour un autre usager, "
    kept += "l'appel partira à 10 h 04 au plus tôt."
    assert kept in shown(desk.client.get("/bureau"))
    with database.write() as session:
        session.scalars(select(Appointment)).first().state_since = TEN
    assert "La borne est gardée jusqu'à 10 h 05" in shown(desk.client.get("/bureau"))


def test_a_call_service_that_is_away_is_the_cause(desk, database) -> None:
    told(database)
    with database.write() as session:
        end_watch(session, TEN)
    assert now_of(desk) == (
        "Le service d'appel ne répond pas, l'appel partira quand il sera revenu."
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen: let in by its token, showing where its resident stands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.lifecycle import move
from booking_web.models import Appointment
from booking_web.states import AppointmentState as State


@pytest.fixture
def kiosk(app, ground):
    client = app.test_client()
    token = ground.kiosk_tokens["kiosk-wassigny"]
    answer = client.get(f"/borne/ouvrir?jeton={token}")
    assert answer.status_code == 303 and answer.location == "/borne"
    cookie = answer.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/borne"):
        assert attribute in cookie
    return client


def advance(database, *states, at=None) -> None:
    with database.write() as session:
        [appointment] = session.scalars(select(Appointment))
        appointment.call_requested_at = None
        for state in states:
            move(session, appointment, state, actor="d", at=at or datetime.now(UTC))
            session.flush()


@pytest.mark.parametrize("token", ["", "guess", "é" * 20])
def test_a_guessed_token_opens_nothing(app, token) -> None:
    client = app.test_client()
    answer = client.get("/borne/ouvrir", query_string={"jeton": token})
    assert answer.status_code == 403
    assert client.get("/borne").status_code == 403
    assert client.get("/borne/flux").status_code == 403


def test_a_secretary_is_not_a_kiosk(desk) -> None:
    assert desk.client.get("/borne").status_code == 403


def test_a_kiosk_is_not_a_secretary(kiosk) -> None:
    assert kiosk.get("/bureau").status_code == 303


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "Restez assis."),
        ((State.CALLING,), "Un conseiller va vous répondre."),
        ((State.CALLING, State.QUEUED), "Un conseiller va vous répondre."),
        ((State.CALLING, State.IN_CALL), "Le conseiller est là."),
        ((State.CALLING, State.IN_CALL, State.DONE), "Merci, au revoir."),
        (
            (State.CALLING, State.QUEUED, State.ABANDONED),
            "Aucun conseiller n'a pu répondre.",
        ),
        ((State.CALLING, State.IN_CALL, State.INTERRUPTED), "L'appel est coupé."),
        ((State.CALLING, State.UNREACHABLE), "Voyez la secrétaire."),
    ],
)
def test_each_moment_has_its_sentence_and_no_name(
    kiosk, desk, database, states, words
) -> None:
    assert "Bienvenue au guichet virtuel." in kiosk.get("/borne").text
    desk.book(resident_name="M. Dupont", reason="carte grise")
    if states:
        advance(database, *states)
    page = kiosk.get("/borne").text
    assert words in page
    assert "Dupont" not in page and "carte grise" not in page


def test_a_screen_shows_its_own_kiosk_only(app, ground, desk) -> None:
    client = app.test_client()
    client.get(f"/borne/ouvrir?jeton={ground.kiosk_tokens['kiosk-guise']}")
    desk.book()
    assert "Bienvenue au guichet virtuel." in client.get("/borne").text


@pytest.mark.parametrize(
    ("states", "later"),
    [
        ((State.CALLING, State.IN_CALL, State.DONE), timedelta(minutes=1)),
        ((State.CALLING, State.QUEUED, State.ABANDONED), timedelta(minutes=6)),
    ],
)
def test_the_screen_is_idle_again_after_a_while(
    new_app, ground, desk, database, states, later
) -> None:
    desk.book()
    advance(database, *states)
    app = new_app(ground, now=lambda: datetime.now(UTC) + later)
    client = app.test_client()
    client.get(f"/borne/ouvrir?jeton={ground.kiosk_tokens['kiosk-wassigny']}")
    assert "Bienvenue au guichet virtuel." in client.get("/borne").text


def test_the_time_waited_is_said(new_app, ground, desk) -> None:
    desk.book()
    app = new_app(ground, now=lambda: datetime.now(UTC) + timedelta(minutes=7))
    client = app.test_client()
    client.get(f"/borne/ouvrir?jeton={ground.kiosk_tokens['kiosk-wassigny']}")
    assert "Attente\u00a0: 7 min" in client.get("/borne").text

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen: let in by a code, showing where its resident stands."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.scenes import Known, Scene, scene_of
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.domain.kiosks.second_screen import show_cue
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State


@pytest.fixture
def kiosk(app, ground):
    client = app.test_client()
    answer = ground.let_in(client, "kiosk-wassigny")
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


def test_a_secretary_is_not_a_kiosk(desk) -> None:
    assert desk.client.get("/borne").location == "/borne/rattacher"
    assert desk.client.get("/borne/changements").status_code == 403


def test_a_kiosk_is_not_a_secretary(kiosk) -> None:
    assert kiosk.get("/bureau").status_code == 303


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "Restez assis."),
        ((State.CALLING,), "Nous appelons un conseiller."),
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
    page = html.unescape(kiosk.get("/borne").text)
    assert words in page
    assert "Dupont" not in page and "carte grise" not in page


def test_a_screen_shows_its_own_kiosk_only(app, ground, desk) -> None:
    client = app.test_client()
    ground.let_in(client, "kiosk-guise")
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
    ground.let_in(client, "kiosk-wassigny")
    assert "Bienvenue au guichet virtuel." in client.get("/borne").text


def test_the_time_waited_is_said(new_app, ground, desk) -> None:
    desk.book()
    app = new_app(ground, now=lambda: datetime.now(UTC) + timedelta(minutes=7))
    client = app.test_client()
    ground.let_in(client, "kiosk-wassigny")
    page = client.get("/borne").text
    said = r'data-seconds="4[23][0-9]"[^>]*>\s*Vous attendez depuis 7 minutes\.</p>'
    assert re.search(said, page)


@pytest.mark.parametrize(
    ("kiosks", "side", "lines"), [("", "haut", 5), ("kiosk-wassigny", "bas", 1)]
)
def test_a_feeder_is_drawn_with_the_side_up_that_it_wants(
    new_app, ground, desk, database, kiosks, side, lines
) -> None:
    desk.book()
    advance(database, State.CALLING, State.IN_CALL)
    with database.write() as session:
        [appointment] = session.scalars(select(Appointment))
        cue = ShownCue(Cue.LOAD_FEEDER, 0, 0)
        show_cue(session, appointment, cue, datetime.now(UTC))
    client = new_app(ground, face_down_feeder_kiosks=kiosks).test_client()
    ground.let_in(client, "kiosk-wassigny")
    page = client.get("/borne").text
    assert f"Le côté écrit vers le {side}." in page
    [sheet] = re.findall(r'<g class="lays">.*?</g></g>', page, re.S)
    assert sheet.count('class="writing"') == lines


SCENES = {
    Scene.WAITING: (State.CALLING, State.QUEUED),
    Scene.IN_CALL: (State.CALLING, State.IN_CALL),
    Scene.GOODBYE: (State.CALLING, State.IN_CALL, State.DONE),
    Scene.NOBODY: (State.CALLING, State.QUEUED, State.ABANDONED),
    Scene.CALL_CUT: (State.CALLING, State.IN_CALL, State.INTERRUPTED),
    Scene.FREE: None,
}


def drawings_of(page: str) -> list[str]:
    return re.findall(r'<svg class="drawing drawing-(\w+)"', page)


@pytest.mark.parametrize("scene", SCENES)
def test_each_scene_and_each_cue_has_a_picture_of_the_thing_itself(
    kiosk, desk, database, scene
) -> None:
    if SCENES[scene] is not None:
        desk.book()
        advance(database, *SCENES[scene])
    # Besides the scene's own: what the page has for a line that is cut, and the key.
    assert sorted(drawings_of(kiosk.get("/borne").text)) == sorted(
        [scene, "line_cut", "help_key", "end_call"]
    )
    if scene is not Scene.IN_CALL:
        return
    with database.read() as session:
        [appointment] = session.scalars(select(Appointment))
    for cue in set(Cue) - {Cue.NONE}:
        with database.write() as session:
            shown = session.get_one(Appointment, appointment.id)
            show_cue(session, shown, ShownCue(cue), datetime.now(UTC))
        found = drawings_of(kiosk.get("/borne").text)
        scene = scene_of(Known(state=State.IN_CALL, cue=cue))
        assert scene in found


def test_the_screen_uses_no_pictogram_of_a_program(kiosk, desk, database) -> None:
    pages = [kiosk.get("/borne").text]
    desk.book()
    for states in ((State.CALLING,), (State.IN_CALL,), (State.INTERRUPTED,)):
        advance(database, *states)
        pages.append(kiosk.get("/borne").text)
    assert not any("bootstrap-icons" in page or "<img" in page for page in pages)

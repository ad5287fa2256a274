# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen is sent of a form: its own call's, as it looks now, and no more."""

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.screen_content import Reading
from booking_web.domain.kiosks.second_screen import point_at, say
from booking_web.pages.kiosk import mirror, reading
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.forms import Draft
from booking_web.tables.states import AppointmentState as State
from booking_web.telling.voice.speaking import VoiceFailed
from stage.kiosk_ground import archive_of, documents_settings
from tests.factories.followed import follow_a_draft
from tests.factories.forms_read import ink, picture

WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def followed(database, archive):
    return follow_a_draft(database, archive)


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, WASSIGNY)
    return client


def asked(screen, **seen):
    answer = screen.get("/borne/miroir", query_string=seen)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return answer.json


def end(followed, state=State.DONE) -> None:
    with followed.database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        move(session, appointment, state, actor="d", at=utc_now())


def test_the_whole_page_comes_once_and_then_what_changed(screen, followed) -> None:
    assert asked(screen)["sheet"] is None
    followed.show(1, "nom")
    sheet = asked(screen)["sheet"]
    assert (sheet["page"], sheet["pages"], sheet["size"]) == (1, 2, [595, 842])
    assert sheet["redraw"] and sheet["crops"] == []
    # From "Nom :" to the end of the line to write upon.
    assert sheet["frame"] == [50, 68, 250, 18]
    page = screen.get(sheet["picture"])
    assert page.headers["Guichet-Revision"] == "0"
    drawn = Image.open(io.BytesIO(page.data))
    assert (drawn.format, drawn.size) == ("JPEG", (2023, 2863))

    seen = {"feuille": sheet["key"], "page": 1, "revision": 0}
    followed.write("nom", "Lefèvre")
    followed.write("accord", "Oui")
    sheet = asked(screen, **seen)["sheet"]
    assert (sheet["revision"], sheet["redraw"]) == (2, False)
    # The box, and what is agreed to.
    assert sheet["frame"] == [50, 310, 121.29, 12.24]
    # What is ticked has no words of its own.
    assert sheet["words"]["value"] == ""
    assert len(sheet["crops"]) == 2
    assert all(ink(picture(base64.b64decode(each["png"]))) for each in sheet["crops"])
    again = asked(screen, **seen | {"revision": 2})["sheet"]
    assert (again["crops"], again["redraw"]) == ([], False)


def test_a_key_that_is_kept_while_the_screen_asks_is_not_lost(
    screen, followed, monkeypatch
) -> None:
    followed.show(1, "nom")
    asked(screen)
    found = mirror.screen_content

    def found_and_then_typed(session, appointment, now):
        content = found(session, appointment, now)
        followed.write("nom", "Lefèvre")
        return content

    monkeypatch.setattr(mirror, "screen_content", found_and_then_typed)
    seen = {"feuille": f"draft-{followed.draft_id}", "page": 1, "revision": 0}
    sheet = asked(screen, **seen)["sheet"]
    assert (sheet["revision"], len(sheet["crops"])) == (1, 1)


def test_what_is_framed_is_told_in_words_as_the_manager_had_it_asked(
    screen, followed, database
) -> None:
    followed.show(1, "nom")
    followed.write("nom", "Lefèvre-Œuvrard")
    with database.write() as session:
        edition = session.get_one(Draft, followed.draft_id).edition
        edition.asked = [
            each | {"label": "Votre nom"} if each["key"] == "nom" else each
            for each in edition.asked
        ]
    words = asked(screen)["sheet"]["words"]
    assert words == {"label": "Votre nom", "value": "Lefèvre-Œuvrard"}
    followed.write("commune", "02")
    words = asked(screen)["sheet"]["words"]
    assert words == {"label": "Commune", "value": "Guise"}
    followed.show(1, "")
    assert asked(screen)["sheet"]["words"] == {"label": "", "value": ""}


def test_the_page_turns_with_the_place_and_a_field_of_both_pages_is_on_both(
    screen, followed
) -> None:
    followed.show(1, "nom")
    followed.write("reference", "12-A")
    seen = {"feuille": f"draft-{followed.draft_id}", "revision": 0}
    first = asked(screen, page=1, **seen)["sheet"]
    assert (first["page"], len(first["crops"])) == (1, 1)
    followed.show(1, "reference#2")
    second = asked(screen, page=1, **seen)["sheet"]
    assert (second["page"], second["redraw"], second["crops"]) == (2, True, [])
    assert screen.get(second["picture"]).status_code == 200
    assert screen.get(second["picture"]).status_code == 200
    with followed.database.read() as session:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.act == "viewed")
        )
        assert [each.detail for each in entries] == [
            f"draft {followed.draft_id}, page 2"
        ]


def test_many_changes_at_once_are_a_new_page(screen, followed) -> None:
    followed.show(1, "nom")
    seen = {"feuille": f"draft-{followed.draft_id}", "page": 1}
    # Of before an older copy of the database came back.
    assert asked(screen, revision=7, **seen)["sheet"]["redraw"]


def test_a_pointer_is_told_in_fractions(screen, followed, database) -> None:
    followed.show(1, "nom")
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        point_at(session, appointment, 0.25, 0.75, utc_now())
    assert asked(screen)["pointer"] == [0.25, 0.75]


@pytest.mark.parametrize("state", [State.DONE, State.INTERRUPTED])
def test_nothing_is_given_once_the_call_has_ended(screen, followed, state) -> None:
    followed.show(1, "nom")
    address = asked(screen)["sheet"]["picture"]
    end(followed, state)
    assert screen.get("/borne/miroir").status_code == 404
    assert screen.get(address).status_code == 404


def test_nobody_else_is_given_anything(app, ground, screen, followed, database) -> None:
    followed.show(1, "nom")
    address = asked(screen)["sheet"]["picture"]
    neighbour = app.test_client()
    ground.let_in(neighbour, GUISE)
    stranger = app.test_client()
    for each in ("/borne/miroir", address):
        assert neighbour.get(each).status_code == 404
        assert stranger.get(each).status_code == 403
    # The screen is another browser's from now on.
    ground.let_in(app.test_client(), WASSIGNY)
    for each in ("/borne/miroir", address):
        assert screen.get(each).status_code == 403


def test_no_other_draft_and_no_other_page_is_given(screen, followed) -> None:
    followed.show(1, "nom")
    for number, page in ((followed.draft_id + 1, 1), (followed.draft_id, 3)):
        assert screen.get(f"/borne/brouillon/{number}/{page}.jpg").status_code == 404


def test_the_scene_says_that_a_form_is_filled_in(screen, followed) -> None:
    followed.show(1, "nom")
    page = screen.get("/borne").text
    assert "Le conseiller remplit un formulaire avec vous." in page
    followed.write("nom", "Lefèvre")
    assert "Lefèvre" not in screen.get("/borne").text


def say_it(followed, what, place="") -> None:
    with followed.database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        assert say(session, appointment, what, utc_now(), place)


@pytest.fixture
def said(monkeypatch):
    texts = []

    def note(text: str) -> bytes:
        texts.append(text)
        return b"OggS"

    monkeypatch.setattr(reading, "speak", note)
    return texts


def test_a_field_and_then_the_page_are_read_aloud(screen, followed, said) -> None:
    followed.show(1, "nom")
    assert asked(screen)["reading"] is None
    followed.write("nom", "Lefèvre")
    say_it(followed, Reading.FIELD)
    number = asked(screen)["reading"]["number"]
    answer = screen.get(f"/borne/lecture/{number}.opus")
    assert (answer.status_code, answer.mimetype) == (200, "audio/ogg")
    assert answer.headers["Cache-Control"] == "no-store"
    followed.write("accord", "Oui")
    say_it(followed, Reading.PAGE)
    assert screen.get(f"/borne/lecture/{number}.opus").status_code == 404
    assert screen.get(f"/borne/lecture/{number + 1}.opus").status_code == 200
    field, page = said
    assert field == "Nom de famille : Lefèvre."
    assert page.splitlines()[:3] == [
        "Page 1.",
        "Reference : vide.",
        "Nom de famille : Lefèvre.",
    ]
    assert "coché" in page and "Signature" not in page


def test_nothing_is_read_to_others_or_after_the_call(
    app, ground, screen, followed, said
) -> None:
    followed.show(1, "nom")
    say_it(followed, Reading.FIELD)
    address = f"/borne/lecture/{asked(screen)['reading']['number']}.opus"
    neighbour = app.test_client()
    ground.let_in(neighbour, GUISE)
    assert neighbour.get(address).status_code == 404
    assert app.test_client().get(address).status_code == 403
    say_it(followed, Reading.NONE)
    assert asked(screen)["reading"] is None
    assert screen.get(address).status_code == 404
    end(followed)
    assert screen.get(address).status_code == 404
    assert said == []


def test_without_a_voice_the_screen_shows_on(screen, followed, monkeypatch) -> None:
    def fail(_text: str) -> bytes:
        raise VoiceFailed("espeak-ng")

    monkeypatch.setattr(reading, "speak", fail)
    followed.show(1, "nom")
    say_it(followed, Reading.FIELD)
    number = asked(screen)["reading"]["number"]
    assert screen.get(f"/borne/lecture/{number}.opus").status_code == 503
    assert asked(screen)["sheet"]["page"] == 1

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CV that the second screen follows, read aloud: a field, a part, all of it, and no more."""

import pytest

from booking_web.base.clock import utc_now
from booking_web.domain.cv.content import Section, with_entry
from booking_web.domain.cv.cvs import Cvs
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.domain.kiosks.second_screen import show_cv, show_page
from booking_web.pages.kiosk import reading
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from stage.kiosk_ground import (
    add_document,
    archive_of,
    documents_settings,
    in_call,
    make_pdf,
)
from tests.factories.drafts import anne_of

MSA, WASSIGNY = "conseiller@msa.example", "kiosk-wassigny"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, WASSIGNY)
    return client


@pytest.fixture
def said(monkeypatch):
    """Give what the voice is given; it says nothing."""
    texts = []
    monkeypatch.setattr(reading, "speak", lambda text: texts.append(text) or b"OggS")
    return texts


@pytest.fixture
def appointment(database):
    return in_call(database)


@pytest.fixture
def shown(database, archive, appointment):
    """Have a CV with an experience written and shown."""
    cvs = Cvs(database, archive.store.key, utc_now)
    cv = cvs.begin(appointment, "user:1")
    cvs.restructure(cv, lambda each: with_entry(each, Section.EXPERIENCE), "user:1")
    written = {
        "name": "Amélie Œuvrard",
        "telephone": "06 12 34 56 78",
        "experience.1.title": "Vendeuse",
        "experience.1.tasks": "Tenir la caisse.\nAccueillir",
    }
    cvs.save(cv, 0, written, "user:1")
    with database.write() as session:
        one = session.get_one(Appointment, appointment)
        assert show_cv(session, one, cv, 5, anne_of(one.organisation_id), utc_now())
    return cvs, cv


@pytest.fixture
def ask(visitor, appointment):
    """Give a function that has the kiosk read, as the page's script does."""
    visitor.sign_in(MSA)
    page = visitor.client.get(f"/rendez-vous/{appointment}").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    def post(what, place=""):
        data = {"csrf_token": token, "quiet": "1", "what": what, "place": place}
        return visitor.client.post(f"/rendez-vous/{appointment}/lire", data=data)

    return post


def number_of(database, appointment):
    with database.read() as session:
        one = session.get_one(Appointment, appointment)
        return screen_content(session, one, utc_now()).reading.number


@pytest.mark.parametrize(
    ("what", "place", "words"),
    [
        ("champ", "experience.1.title", "Expérience 1, poste : Vendeuse."),
        ("champ", "telephone", "Téléphone : 06, 12, 34, 56, 78."),
        ("champ", "town", "Commune : vide."),
        ("champ", "layout", "Présentation : Sobre, une colonne."),
        (
            *("champ", "experience-1"),
            "Expériences.\nExpérience 1, poste : Vendeuse.\nExpérience 1, ce que j'y ai "
            "fait, une ligne par tâche : Tenir la caisse, Accueillir.",
        ),
        ("champ", "language", "Langues.\nRien n'est encore écrit."),
    ],
)
def test_a_field_or_a_part_is_read_with_its_label(
    database, screen, said, appointment, shown, ask, what, place, words
) -> None:
    assert ask(what, place).status_code == 204
    number = number_of(database, appointment)
    assert screen.get("/borne/miroir").json["reading"] == {"number": number}
    answer = screen.get(f"/borne/lecture/{number}.opus")
    assert (answer.status_code, said) == (200, [words])
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_of_it_is_read_in_the_order_of_the_page_and_what_is_gone_is_not(
    database, screen, said, appointment, shown, ask
) -> None:
    ask("page", "experience.1.title")
    number = number_of(database, appointment)
    assert screen.get(f"/borne/lecture/{number}.opus").status_code == 200
    lines = said[0].split("\n")
    assert lines[0] == "Nom et prénom : Amélie Œuvrard."
    assert lines[2:4] == ["Expériences.", "Expérience 1, poste : Vendeuse."]
    assert ask("silence").status_code == 204
    assert screen.get("/borne/miroir").json["reading"] is None
    assert screen.get(f"/borne/lecture/{number}.opus").status_code == 404
    ask("page")
    cvs, cv = shown
    cvs.erase(cv, "user:1")
    number = number_of(database, appointment)
    assert screen.get(f"/borne/lecture/{number}.opus").status_code == 404


def test_a_document_that_is_shown_is_told_not_to_be_read_aloud(
    database, screen, archive, appointment, ask
) -> None:
    document = add_document(archive, appointment, make_pdf(), "Lettre").id
    with database.write() as session:
        one = session.get_one(Appointment, appointment)
        found = session.get_one(Document, document)
        show_page(session, one, found, 1, "user:1", utc_now())
    answer = ask("champ")
    assert answer.status_code == 409
    assert "Le document 1 est une image" in answer.text
    assert "Lisez-le vous-même à l'usager." in answer.text

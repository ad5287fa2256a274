# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor writes to the resident, points, and has a form read aloud or hidden."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.screen_content import (
    WHOLE,
    Closer,
    Pointer,
    Reading,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.pages.counsellor.second_screen import pages
from booking_web.shell.written_words import LONGEST_WORDS
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.documents import CodeToPlay, Document, KioskScreen
from booking_web.tables.forms import Draft
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Organisation
from stage.html_forms import forms_of
from stage.kiosk_ground import add_document, archive_of, documents_settings, make_pdf
from tests.factories.followed import follow_a_draft
from tests.integration.booking_web.conftest import Desk

MSA = "conseiller@msa.example"
WASSIGNY = "mairie@wassigny.example"
WORDS = "Bonjour Mme Lefèvre-Œuvrard 🙂\nمرحبا"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def followed(database, archive):
    return follow_a_draft(database, archive)


class Counsellor:
    """A counsellor, or who else may, at the console of the appointment."""

    def __init__(self, person, followed) -> None:
        self.client, self.followed = person.client, followed
        self.address = f"/rendez-vous/{followed.appointment_id}"
        self.token = forms_of(self.page)[0].values["csrf_token"]

    @classmethod
    def signed_in(cls, person, followed, email=MSA) -> "Counsellor":
        assert person.sign_in(email).status_code == 302
        return cls(person, followed)

    @property
    def page(self) -> str:
        return self.client.get(self.address).text

    def post(self, act, **fields):
        fields["csrf_token"] = self.token
        return self.client.post(f"{self.address}/{act}", data=fields)

    def quietly(self, act, **fields) -> int:
        return self.post(act, quiet="1", **fields).status_code

    @property
    def content(self):
        with self.followed.database.read() as session:
            shown = session.get_one(Appointment, self.followed.appointment_id)
            return screen_content(session, shown, utc_now())


@pytest.fixture(autouse=True)
def _voice(monkeypatch) -> None:
    monkeypatch.setattr(pages, "has_voice", lambda: True)


@pytest.fixture
def counsellor(visitor, followed):
    return Counsellor.signed_in(visitor, followed)


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, "kiosk-wassigny")
    return client


def end(followed) -> None:
    with followed.database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        move(session, appointment, State.DONE, actor="d", at=utc_now())


def test_what_is_written_is_read_by_the_resident_alone(
    counsellor, screen, database
) -> None:
    assert counsellor.quietly("ecrire", words=WORDS) == 204
    assert screen.get("/borne/miroir").json["words"] == WORDS
    with database.read() as session:
        sealed = session.scalars(select(KioskScreen.sealed_words)).one()
    assert b"Bonjour" not in sealed
    # Who comes to the page later goes on with it.
    assert "Lefèvre-Œuvrard 🙂" in counsellor.page
    assert counsellor.post("ecrire", words=WORDS, effacer="1").status_code == 303
    assert screen.get("/borne/miroir").json["words"] == ""
    assert counsellor.content.words is None


def test_too_much_is_shown_as_far_as_it_goes(counsellor, screen) -> None:
    assert counsellor.quietly("ecrire", words="a" * (LONGEST_WORDS + 5)) == 204
    assert screen.get("/borne/miroir").json["words"] == "a" * LONGEST_WORDS


def test_nothing_written_is_left_after_the_call(counsellor, followed, database) -> None:
    counsellor.quietly("ecrire", words=WORDS)
    end(followed)
    with database.read() as session:
        assert session.scalars(select(KioskScreen.sealed_words)).one() is None
    assert counsellor.quietly("ecrire", words="encore") == 409
    answer = counsellor.post("ecrire", words="encore")
    assert answer.status_code == 303
    assert "il n&#39;y a pas d&#39;appel" in counsellor.page
    with database.read() as session:
        assert session.scalars(select(KioskScreen.sealed_words)).one() is None


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"x": "0.25", "y": "0.5"}, Pointer(0.25, 0.5)),
        ({"x": "0.25"}, None),
        ({"x": "2", "y": "0.5"}, None),
        ({"x": "nan", "y": "ici"}, None),
        ({}, None),
    ],
)
def test_a_pointer_is_a_place_on_the_page_or_nowhere(counsellor, told, pointer) -> None:
    assert counsellor.quietly("pointer", **told) == 204
    assert counsellor.content.pointer == pointer


def test_to_point_at_another_page_of_the_form_shows_it(counsellor, followed) -> None:
    followed.show(1, "nom")
    draft = {"draft": str(followed.draft_id), "x": "0.5", "y": "0.5"}
    counsellor.quietly("pointer", page="1", **draft)
    assert counsellor.content.draft.place == "nom"
    counsellor.quietly("pointer", page="2", **draft)
    shown = counsellor.content.draft
    assert (shown.page, shown.place) == (2, "")
    assert counsellor.content.pointer == Pointer(0.5, 0.5)


def test_who_may_not_read_a_form_does_not_have_it_shown_by_pointing_at_it(
    app, ground, followed, database
) -> None:
    """It was shown, and the resident's name in it: 204."""
    secretary = Desk(app.test_client(), ground.passwords)
    desk = Counsellor.signed_in(secretary, followed, WASSIGNY)
    draft = {"draft": str(followed.draft_id), "page": "1"}
    assert desk.quietly("pointer", x="0.5", y="0.5", **draft) == 404
    assert (desk.content.draft, desk.content.pointer) == (None, None)
    # What is shown already they may point at.
    assert desk.quietly("pointer", x="0.5", y="0.5") == 204
    assert desk.content.pointer == Pointer(0.5, 0.5)


def test_a_form_of_the_organisation_that_handed_over_is_shown_no_more(
    counsellor, followed, database
) -> None:
    """It was: the one who took the call over could not open it, and have it shown."""
    with database.write() as session:
        others = select(Organisation.id).where(Organisation.slug != "msa").limit(1)
        draft = session.get_one(Draft, followed.draft_id)
        draft.organisation_id = session.scalars(others).one()
    draft = {"draft": str(followed.draft_id), "page": "1"}
    assert counsellor.quietly("pointer", x="0.5", y="0.5", **draft) == 404
    assert counsellor.content.draft is None


def test_a_form_is_read_aloud_where_one_is_shown(counsellor, followed) -> None:
    assert counsellor.quietly("lire", what="champ") == 409
    assert "Formulaire montré" not in counsellor.page
    followed.show(1, "nom")
    assert "Formulaire envoyé, pas affiché : Demande de logement." in counsellor.page
    assert counsellor.quietly("lire", what="page") == 204
    assert counsellor.content.reading.what is Reading.PAGE
    assert counsellor.post("lire", what="silence").status_code == 303
    assert counsellor.content.reading.what is Reading.NONE


def test_a_form_is_hidden_by_the_same_button_as_a_document(
    counsellor, followed, database
) -> None:
    followed.show(1, "nom")
    assert counsellor.post("ne-plus-montrer").status_code == 303
    assert counsellor.content.draft is None
    with database.read() as session:
        assert session.scalars(select(CodeToPlay)).all() == []


def test_a_documents_page_is_pointed_at(
    counsellor, archive, followed, database
) -> None:
    number = add_document(archive, followed.appointment_id, make_pdf(3)).number
    address = f"{counsellor.address}/documents/{number}/montrer"
    assert "data-pointing" not in counsellor.client.get(address).text
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        document = session.scalars(select(Document)).one()
        show_page(session, appointment, document, 2, "kiosk:k", utc_now())
    page = counsellor.client.get(address).text
    assert "data-pointing" in page
    assert f"documents/{number}/pages/2.png" in page
    for drawn, status in ((2, 200), (4, 404)):
        picture = f"{counsellor.address}/documents/{number}/pages/{drawn}.png"
        assert counsellor.client.get(picture).status_code == status


@pytest.fixture
def shown(archive, followed, database):
    """Have the second screen show the second page of a document; give its number."""
    number = add_document(archive, followed.appointment_id, make_pdf(3)).number
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        document = session.scalars(select(Document)).one()
        show_page(session, appointment, document, 2, "kiosk:k", utc_now())
    return number


def test_a_documents_page_is_looked_at_closely_by_buttons_and_by_a_script(
    counsellor, screen, shown
) -> None:
    address = f"{counsellor.address}/documents/{shown}/montrer"
    act = f"documents/{shown}/loupe"
    assert screen.get("/borne/miroir").json["closer"] is None
    assert counsellor.post(act, how="closer").headers["Location"] == address
    assert screen.get("/borne/miroir").json["closer"] == [1.5, 0.5, 0.3333]
    assert "agrandie 1,5 fois" in counsellor.client.get(address).text
    sent = {"zoom": "4", "x": "0.25", "y": "0.5"}
    assert counsellor.quietly(act, **sent) == 204
    assert screen.get("/borne/miroir").json["closer"] == [4, 0.25, 0.5]
    # Another zoom than none, a place that is none, a step that nobody knows.
    for wrong in (
        {"zoom": "7"},
        {"zoom": "nan"},
        {"zoom": "2", "x": "9"},
    ):
        assert counsellor.quietly(act, **(sent | wrong)) == 409
    assert counsellor.quietly(act, how="?") == counsellor.quietly(act) == 409
    assert counsellor.quietly("documents/99/loupe", how="closer") == 409
    assert counsellor.content.closer == Closer(4, 0.25, 0.5)
    assert counsellor.quietly(act, how="whole") == 204
    assert screen.get("/borne/miroir").json["closer"] is None


def test_a_page_is_written_down_as_seen_once_however_closely(
    counsellor, followed, screen, shown, database
) -> None:
    picture = f"/borne/page/{followed.appointment_id}/{shown}/2.png"
    for address, kind, side in (
        (picture, "PNG", 1800),
        (f"{picture}?grand=1", "JPEG", 3300),
    ):
        answer = screen.get(address)
        drawn = Image.open(io.BytesIO(answer.data))
        assert (drawn.format, max(drawn.size)) == (kind, side)
        assert answer.headers["Cache-Control"] == "no-store"
    for _ in range(3):
        counsellor.quietly(f"documents/{shown}/loupe", how="closer")
    with database.read() as session:
        acts = session.scalars(
            select(JournalEntry.act).where(JournalEntry.actor.startswith("kiosk:"))
        ).all()
    assert acts == ["document_shown", "viewed"]


def test_how_closely_it_is_looked_at_is_gone_with_the_page_and_with_the_call(
    counsellor, followed, shown, database
) -> None:
    act = f"documents/{shown}/loupe"
    counsellor.quietly(act, how="closer")
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        document = session.scalars(select(Document)).one()
        show_page(session, appointment, document, 3, "kiosk:k", utc_now())
    assert counsellor.content.closer == WHOLE
    counsellor.quietly(act, how="closer")
    end(followed)
    with database.read() as session:
        row = session.scalars(select(KioskScreen)).one()
        assert (row.zoom, row.zoom_x, row.zoom_y) == (1.0, 0.5, 0.5)
    assert counsellor.quietly(act, how="closer") == 409
    followed.show(1, "nom")
    assert counsellor.quietly(act, how="closer") == 409


def test_a_server_without_a_voice_says_what_is_missing(
    counsellor, followed, monkeypatch
) -> None:
    followed.show(1, "nom")
    monkeypatch.setattr(pages, "has_voice", lambda: False)
    answer = counsellor.post("lire", what="champ", quiet="1")
    # Not 503: the page would ask again for ever.
    assert answer.status_code == 409
    assert "espeak-ng et opus-tools" in answer.text
    assert counsellor.content.reading.what is Reading.NONE
    assert counsellor.quietly("lire", what="silence") == 204
    counsellor.post("lire", what="page")
    assert "espeak-ng et opus-tools" in counsellor.page


def test_the_town_hall_does_not_read_what_is_written_to_the_resident(
    counsellor, followed, app, ground
) -> None:
    followed.show(1, "nom")
    counsellor.quietly("ecrire", words=WORDS)
    town_hall = Desk(app.test_client(), ground.passwords)
    assert town_hall.sign_in("mairie@wassigny.example").status_code == 302
    page = town_hall.client.get(counsellor.address)
    assert page.status_code == 200
    assert "Lefèvre" not in page.text and "Demande de logement" not in page.text
    token = forms_of(page.text)[0].values["csrf_token"]
    for act, fields in (("ecrire", {"words": "x"}), ("lire", {"what": "champ"})):
        sent = fields | {"csrf_token": token}
        answer = town_hall.client.post(f"{counsellor.address}/{act}", data=sent)
        assert answer.status_code == 403


def test_the_print_that_a_form_prepared_runs_by_its_code(
    counsellor, followed, app, ground, database
) -> None:
    answer = counsellor.post(f"brouillons/{followed.draft_id}/imprimer", vu="0")
    assert answer.status_code == 303
    with database.read() as session:
        [code] = session.scalars(select(CodeToPlay.code))
    assert code == "*71#"
    kiosk = app.test_client()
    bearer = {"Authorization": f"Bearer {ground.kiosk_tokens['kiosk-wassigny']}"}
    call = f"/api/kiosk/v1/appointments/{followed.appointment_id}"
    job = kiosk.get(f"{call}/jobs/1", headers=bearer).json
    assert (job["operation"], job["document"]) == ("print", 1)
    form = kiosk.get(f"{call}/documents/1", headers=bearer)
    assert form.data.startswith(b"%PDF-")


def test_what_the_screen_shows_is_said_on_the_console(counsellor, followed) -> None:
    assert "Le second écran ne montre rien." in counsellor.page
    followed.show(1, "nom")
    page = counsellor.page
    assert 'id="cacher-formulaire"' in page and "Lire le champ" in page

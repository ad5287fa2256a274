# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mark and a counsellor's photo: sent, shown in their call alone, gone at once."""

import html
import io
import re
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlalchemy import func, select

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.documents.errors import ExaminerUnavailable
from booking_web.domain.documents.examiner import Examiner
from booking_web.shell import carrying_out
from booking_web.shell.forms import sent_pictures
from booking_web.tables.administration import DirectoryAct
from booking_web.tables.appointment import Appointment
from booking_web.tables.pictures import CounsellorPhoto, OrganisationMark
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counsellor, User
from tests.factories.orders import an_order
from tests.factories.small_pictures import SECRET_PLACE, mark_png, photo_jpeg, saved
from tests.integration.booking_web.manager.library.page_forms import sent_form
from tests.integration.booking_web.manager.test_web_manager import Person

MANAGER, COUNSELLOR = "responsable@msa.example", "conseiller@msa.example"
STRANGER = "responsable@sous-prefecture-vervins.example"
IMAGES, OWN = "/organisme/images", "/ma-photo"
AGREED = {"agreed": "1"}


class Pictures(Person):
    """A person at the pages of pictures; each form is sent as the page has it."""

    def upload(self, page: str, action: str, content: bytes, **typed: str):
        """Send a file by a form of the page."""
        form = sent_form(self.read(page), action)
        form.update(typed)
        form["file"] = (io.BytesIO(content), "image.png")
        return self.client.post(action, data=form, content_type="multipart/form-data")

    def press(self, page: str, action: str):
        """Send a form that has nothing to fill in."""
        return self.client.post(action, data=sent_form(self.read(page), action))


@pytest.fixture
def web(app, ground):
    """Give what makes a person of an address at the pages."""
    return lambda email: Pictures(app, ground.passwords, email)


@pytest.fixture
def kiosk(app, ground):
    client = app.test_client()
    assert ground.let_in(client, "kiosk-wassigny").status_code == 303
    return client


@pytest.fixture
def counsellor_id(database) -> int:
    with database.read() as session:
        its = Counsellor.slug == "counsellor-msa-1"
        return session.scalars(select(Counsellor.id).where(its)).one()


def begin_call(database, counsellor_id: int) -> int:
    """Have the counsellor of the MSA speak with a resident at Wassigny."""
    now = datetime.now(UTC)
    with database.write() as session:
        appointment = book(session, an_order(), now).appointment
        appointment.counsellor_id = counsellor_id
        for state in (State.CALLING, State.IN_CALL):
            move(session, appointment, state, actor="d", at=now)
            session.flush()
        return appointment.id


def end_call(database, appointment_id: int) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        move(session, appointment, State.DONE, actor="d", at=datetime.now(UTC))


def shown(kiosk) -> dict[str, str]:
    """Give the address of each picture on the screen, by its words."""
    page = html.unescape(kiosk.get("/borne").text)
    pattern = r'<img src="(/borne/(?:marque|photo)/[^"]+)"[^>]*alt="([^"]+)"'
    return {words: address for address, words in re.findall(pattern, page)}


def count(database, table) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_mark_and_a_photo_stand_before_whom_the_counsellor_speaks_with(
    web, kiosk, database, counsellor_id
) -> None:
    manager, counsellor = web(MANAGER), web(COUNSELLOR)
    assert manager.upload(IMAGES, f"{IMAGES}/marque", mark_png()).status_code == 303
    assert counsellor.upload(OWN, OWN, photo_jpeg(), **AGREED).status_code == 303
    assert shown(kiosk) == {}
    appointment_id = begin_call(database, counsellor_id)
    pictured = shown(kiosk)
    assert set(pictured) == {"MSA", "Photo de Conseillère de la MSA"}
    for address, size in zip(pictured.values(), ((720, 720), (600, 200))):
        answer = kiosk.get(address)
        assert Image.open(io.BytesIO(answer.data)).size == size
        assert answer.headers["Cache-Control"] == "no-store"
        assert SECRET_PLACE.encode() not in answer.data
    # Not for a kiosk without that call, nor once it is over.
    end_call(database, appointment_id)
    assert {kiosk.get(each).status_code for each in pictured.values()} == {404}
    for page, person in ((IMAGES, manager), (OWN, counsellor)):
        assert "Photo de Conseillère de la MSA" in html.unescape(person.read(page))


def test_who_removes_a_picture_has_it_gone_everywhere_at_once(
    web, kiosk, database, counsellor_id
) -> None:
    manager, counsellor = web(MANAGER), web(COUNSELLOR)
    manager.upload(IMAGES, f"{IMAGES}/marque", mark_png())
    counsellor.upload(OWN, OWN, photo_jpeg(), **AGREED)
    begin_call(database, counsellor_id)
    pictured = shown(kiosk)
    assert counsellor.press(OWN, f"{OWN}/retirer").status_code == 303
    assert manager.press(IMAGES, f"{IMAGES}/marque/retirer").status_code == 303
    assert {kiosk.get(each).status_code for each in pictured.values()} == {404}
    assert count(database, OrganisationMark) == count(database, CounsellorPhoto) == 0
    page = kiosk.get("/borne").text
    assert "drawing-in_call" in page and ">MSA</span>" in page
    with database.read() as session:
        acts = session.scalars(select(DirectoryAct.act).order_by(DirectoryAct.id)).all()
    assert list(acts)[-4:] == [
        "mark_kept",
        "photo_kept",
        "photo_removed",
        "mark_removed",
    ]


def test_the_telephone_that_the_account_names_is_whose_photo_it_is(
    web, database, counsellor_id
) -> None:
    counsellor = web(COUNSELLOR)
    with database.write() as session:
        phone = session.get_one(Counsellor, counsellor_id)
        phone.name = "Poste 1"
    assert "ne porte pas le même nom" in counsellor.read(OWN)
    with database.write() as session:
        account = session.scalars(select(User).where(User.email == COUNSELLOR)).one()
        account.counsellor_id = counsellor_id
    assert counsellor.upload(OWN, OWN, photo_jpeg(), **AGREED).status_code == 303
    with database.read() as session:
        assert session.get(CounsellorPhoto, counsellor_id) is not None


def test_the_manager_keeps_and_removes_a_photo_with_its_persons_word(
    web, database, counsellor_id
) -> None:
    manager, action = web(MANAGER), f"{IMAGES}/photo/{counsellor_id}"
    refused = manager.upload(IMAGES, action, photo_jpeg())
    assert refused.status_code == 422 and "Cochez la case" in refused.text
    assert count(database, CounsellorPhoto) == 0
    assert manager.upload(IMAGES, action, photo_jpeg(), **AGREED).status_code == 303
    assert manager.press(IMAGES, f"{action}/retirer").status_code == 303
    assert count(database, CounsellorPhoto) == 0


def test_another_organisations_manager_finds_no_such_counsellor(
    web, database, counsellor_id
) -> None:
    stranger = web(STRANGER)
    token = sent_form(stranger.read(IMAGES), f"{IMAGES}/marque")
    for action in ("", "/retirer"):
        address = f"{IMAGES}/photo/{counsellor_id}{action}"
        form = token.copy() | AGREED
        form["file"] = (io.BytesIO(photo_jpeg()), "photo.jpg")
        assert stranger.client.post(address, data=form).status_code == 404
    assert count(database, CounsellorPhoto) == 0


def test_an_account_whose_name_is_no_counsellors_is_told_what_to_do(
    web, database, counsellor_id
) -> None:
    counsellor = web(COUNSELLOR)
    form = sent_form(counsellor.read(OWN), OWN) | AGREED
    with database.write() as session:
        session.get_one(Counsellor, counsellor_id).name = "Quelqu'un d'autre"
    page = html.unescape(counsellor.read(OWN))
    assert "L'administrateur peut dire quel téléphone est le vôtre" in page
    form["file"] = (io.BytesIO(photo_jpeg()), "photo.jpg")
    assert counsellor.client.post(OWN, data=form).status_code == 409
    assert count(database, CounsellorPhoto) == 0


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"<svg/>", 422, "enregistrez-le d'abord en PNG"),
        (photo_jpeg()[:2000], 422, "Cette image est abîmée"),
        (mark_png(size=(90, 20), margin=0), 422, "trop petite (90 × 20 points)"),
        (saved(Image.new("RGBA", (90, 90)), "PNG"), 422, "rien n'y est dessiné"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 200_000, 413, "Cette image est trop lourde"),
    ],
)
def test_what_is_no_good_picture_leaves_the_mark_as_it_was(
    web, database, monkeypatch, content, status, words
) -> None:
    monkeypatch.setattr(sent_pictures, "MAX_PICTURE_BYTES", 100_000)
    manager = web(MANAGER)
    manager.upload(IMAGES, f"{IMAGES}/marque", mark_png())
    answer = manager.upload(IMAGES, f"{IMAGES}/marque", content)
    assert answer.status_code == status
    assert words in html.unescape(answer.text)
    with database.read() as session:
        assert session.scalars(select(OrganisationMark.width)).one() == 600


def test_a_form_without_a_file_says_so(web) -> None:
    manager = web(MANAGER)
    answer = manager.press(IMAGES, f"{IMAGES}/marque")
    assert answer.status_code == 422 and "Choisissez d&#39;abord" in answer.text


def test_fault_nobody_reads_the_picture_or_the_database_is_held(
    web, database, monkeypatch
) -> None:
    manager, action = web(MANAGER), f"{IMAGES}/marque"

    def away(*_given: object) -> None:
        raise ExaminerUnavailable("none")

    def busy(*_given: object) -> None:
        raise DatabaseBusy

    with monkeypatch.context() as faulty:
        faulty.setattr(Examiner, "draw_mark", away)
        answer = manager.upload(IMAGES, action, mark_png())
    assert answer.status_code == 503 and "Rien n&#39;est changé" in answer.text
    with monkeypatch.context() as faulty:
        faulty.setattr(carrying_out, "in_transaction", busy)
        assert manager.upload(IMAGES, action, mark_png()).status_code == 303
    assert "très occupé" in manager.read(IMAGES)
    assert count(database, OrganisationMark) == 0
    assert manager.upload(IMAGES, action, mark_png()).status_code == 303


def test_a_form_that_is_sent_twice_does_it_once(web, database) -> None:
    manager, action = web(MANAGER), f"{IMAGES}/marque"
    form = sent_form(manager.read(IMAGES), action)
    for colour in ("#0b4a24", "#6b1400"):
        sent = form.copy()
        sent["file"] = (io.BytesIO(mark_png(colour)), "logo.png")
        assert manager.client.post(action, data=sent).status_code == 303
    with database.read() as session:
        content = session.scalars(select(OrganisationMark.content)).one()
    assert Image.open(io.BytesIO(content)).convert("RGB").getpixel((9, 9)) == (
        11,
        74,
        36,
    )

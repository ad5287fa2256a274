# SPDX-License-Identifier: AGPL-3.0-or-later
"""A still of a call: kept by who has the call, told to the resident, taken back, refused."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from booking_web.domain.kiosks.stills import TOLD_FOR
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor, User

MSA = "conseiller@msa.example"
OWN, COLLEAGUE = "counsellor-msa-1", "counsellor-msa-2"
TOLD = "Une image de l'appel est gardée."


def picture(kind: str = "JPEG") -> bytes:
    """Give a picture as a page takes it of its video."""
    file = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(file, kind)
    return file.getvalue()


@pytest.fixture
def in_own_call(database, appointment):
    """Have the counsellor telephone in the browser, and have the call of the appointment."""
    with database.write() as session:
        counsellor = session.scalars(
            select(Counsellor).where(Counsellor.slug == OWN)
        ).one()
        counsellor.browser = True
        session.execute(
            update(User).where(User.email == MSA).values(counsellor_id=counsellor.id)
        )
        session.get_one(Appointment, appointment).counsellor_id = counsellor.id
    return appointment


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, "kiosk-wassigny")
    return client


class Stills:
    """The desk's page, of which this is what it sends."""

    def __init__(self, desk, appointment: int) -> None:
        self._client = desk.client
        self._address = f"/bureau/appels/{appointment}/images"
        page = self._client.get("/mot-de-passe").text
        self._token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def keep(self, content: bytes, kind: str = "image/jpeg"):
        return self._send("", data=content, content_type=kind)

    def undo(self, number: int):
        return self._send(f"/{number}/annuler")

    def _send(self, end: str, **more):
        headers = {"X-CSRFToken": self._token}
        return self._client.post(self._address + end, headers=headers, **more)


@pytest.fixture
def stills(counsellor, in_own_call) -> Stills:
    return Stills(counsellor, in_own_call)


def acts(database) -> list[tuple[str, str]]:
    with database.read() as session:
        found = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    return [(each.act, each.detail) for each in found if "document" in each.detail]


def documents(database) -> list[Document]:
    with database.read() as session:
        return list(session.scalars(select(Document).order_by(Document.id)))


def test_a_still_is_a_document_of_the_appointment_and_the_resident_is_told(
    stills, counsellor, screen, database, in_own_call
) -> None:
    assert TOLD not in screen.get("/borne").text
    answer = stills.keep(picture())
    assert (answer.status_code, answer.json["number"]) == (201, 1)
    assert "document 1" in answer.json["words"]
    [kept] = documents(database)
    assert (kept.source, kept.pages) == ("still", 1)
    assert kept.title.startswith("Image de l'appel, ")
    assert acts(database) == [("still_kept", "document 1, 1 pages")]
    console = f"/rendez-vous/{in_own_call}"
    assert "image de l&#39;appel" in counsellor.client.get(console).text
    pdf = counsellor.client.get(f"{console}/documents/1.pdf").data
    assert pdf.startswith(b"%PDF-")
    assert TOLD in screen.get("/borne").text
    with database.write() as session:
        session.get_one(Document, kept.id).created_at -= TOLD_FOR
    assert TOLD not in screen.get("/borne").text


def test_a_still_that_is_taken_back_at_once_leaves_nothing_but_the_journal(
    stills, screen, database, archive
) -> None:
    stills.keep(picture())
    [kept] = documents(database)
    answer = stills.undo(1)
    assert answer.status_code == 200
    assert "rien n'est gardé" in answer.json["words"]
    [removed] = documents(database)
    assert removed.removed_at is not None
    assert removed.removal_reason == "undone"
    assert not archive.is_needed(kept.sha256)
    assert acts(database)[1:] == [("document_removed", "document 1, undone")]
    assert TOLD not in screen.get("/borne").text
    assert stills.undo(1).status_code == 404


def test_later_it_is_removed_like_any_document_and_with_a_reason(
    stills, database
) -> None:
    stills.keep(picture())
    with database.write() as session:
        [kept] = session.scalars(select(Document))
        kept.created_at -= timedelta(minutes=2)
    assert stills.undo(1).status_code == 409
    assert documents(database)[0].removed_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"state": AppointmentState.DONE, "state_since": datetime.now(UTC)},
        {"counsellor_id": None},
    ],
)
def test_outside_the_call_nothing_is_kept(
    stills, database, in_own_call, change
) -> None:
    with database.write() as session:
        found = session.get_one(Appointment, in_own_call)
        for name, value in change.items():
            setattr(found, name, value)
    answer = stills.keep(picture())
    assert answer.status_code == 409
    assert "rien n'est gardé" in answer.json["words"]
    assert documents(database) == []


def test_in_a_colleagues_call_nothing_is_kept_and_they_are_named(
    stills, database, in_own_call
) -> None:
    with database.write() as session:
        own = session.scalars(select(Counsellor).where(Counsellor.slug == OWN)).one()
        colleague = Counsellor(
            slug=COLLEAGUE, name="Ben Diallo", organisation_id=own.organisation_id
        )
        session.add(colleague)
        session.flush()
        session.get_one(Appointment, in_own_call).counsellor_id = colleague.id
    answer = stills.keep(picture())
    assert answer.status_code == 409
    assert "Ben Diallo" in answer.json["words"]
    assert documents(database) == []


def test_who_telephones_with_a_softphone_has_no_picture_to_keep(
    stills, database
) -> None:
    with database.write() as session:
        session.execute(
            update(Counsellor).where(Counsellor.slug == OWN).values(browser=False)
        )
    assert stills.keep(picture()).status_code == 409
    assert documents(database) == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"\xff\xd8\xff" + b"no picture" * 40, 422),
        (picture()[:400], 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422),
        (b"\xff" * (26 * 1024 * 1024), 413),
    ],
)
def test_what_is_no_picture_is_refused_in_words(
    stills, database, content, status
) -> None:
    answer = stills.keep(content)
    assert answer.status_code == status
    assert answer.json["words"]
    assert documents(database) == []

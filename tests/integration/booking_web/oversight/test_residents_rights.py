# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officer answers a resident: all that is held, corrected everywhere, or erased."""

import html
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from sqlalchemy import func, select

from booking_web.base.sms_spool import SmsSpool
from booking_web.domain.held.parts import PARTS
from booking_web.domain.retention.purges import note_purge
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import User
from stage.appointments import put_appointment
from stage.kiosk_ground import archive_of, documents_settings
from tests.factories.rare_name import NAME, RARE, TELEPHONE, lay_sms, seed_rare
from tests.integration.booking_web.conftest import form_with

OFFICER = "rgpd@guichet.example"


@pytest.fixture
def app(new_app, ground, tmp_path):
    settings = documents_settings(tmp_path) | {"sms_spool": str(tmp_path / "sms")}
    return new_app(ground, **settings)


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def spool(tmp_path):
    (tmp_path / "sms").mkdir()
    return SmsSpool(tmp_path / "sms")


@pytest.fixture
def rare(database, archive):
    return seed_rare(database, archive, datetime.now(UTC))


@pytest.fixture
def officer(visitor):
    visitor.sign_in(OFFICER)
    return visitor


def page_of(rare, part: str = "") -> str:
    return f"/droits/usagers/{rare.resident}{part}"


def taken(officer, rare) -> zipfile.ZipFile:
    answer = officer.client.get(page_of(rare, "/donnees.zip"))
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert RARE not in answer.headers["Content-Disposition"]
    return zipfile.ZipFile(io.BytesIO(answer.data))


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join(" ".join(pages).split())


def test_everything_is_given_to_a_person_and_to_a_program(
    officer, rare, database, spool
) -> None:
    sms = lay_sms(database, rare, spool)
    found = officer.client.post(
        "/droits/usagers",
        data=form_with(officer.client.get("/droits/usagers").text, "cherche").values
        | {"cherche": "zyzz"},
    ).text
    assert NAME in found and page_of(rare) in found
    assert "Télécharger tout le dossier" in officer.client.get(page_of(rare)).text
    file = taken(officer, rare)
    data = json.loads(file.read("donnees.json"))
    tables = data["tables"]
    assert set(tables) == {part.name for part in PARTS}
    for name in (
        *("resident", "appointment", "appointment_address", "conclusion", "handover"),
        *("guest", "device_job", "document", "arrangement", "draft", "cv", "mandate"),
    ):
        assert RARE in json.dumps(tables[name]), name
    [draft] = tables["draft"]
    assert draft["values"] == [
        {"field": "nom", "label": draft["values"][0]["label"], "value": NAME}
    ]
    assert "sealed_values" not in draft and "nonce" not in tables["guest"][0]
    for row in tables["document"]:
        assert file.read(row["file"]).startswith(b"%PDF")
    [original] = tables["document_original"]
    assert file.read(original["file"]).startswith(b"%PDF")
    assert data["not_yet_in_it"] == {"a_call_goes_on": False, "scans_on_their_way": 0}
    assert data["unreadable"] == []
    [waiting] = data["sms_waiting_in_files"].values()
    assert waiting == f"To: {TELEPHONE[1:]}\nAlphabet: UTF-8\n\n{sms}\n"
    words = words_of(file.read("mes-donnees.pdf"))
    for expected in (
        f"Pour {NAME}. Relais : Relais de Wassigny.",
        f"retraite de {RARE}",
        f"{RARE} reviendra",
        f"voici {RARE}",
        f"Carte de {RARE}",
        f"{RARE} cherche",
        "Vos formulaires en cours",
        sms,
        "Combien de temps c'est gardé",
        "CNIL",
    ):
        assert expected in words
    with database.read() as session:
        told = words + file.read("donnees.json").decode()
        # Who works here is told by the office.
        for staff in session.scalars(select(User.name)):
            assert staff not in told
        query = select(JournalEntry).where(JournalEntry.act == Act.FILE_EXPORTED)
        [entry] = session.scalars(query)
    assert (entry.resident_id, entry.detail) == (rare.resident, "4 documents")


def test_in_a_call_it_says_what_is_not_in_it_yet(officer, rare, database) -> None:
    call = appointment_of(database, rare, datetime.now(UTC), S.IN_CALL)
    file = taken(officer, rare)
    data = json.loads(file.read("donnees.json"))
    assert data["not_yet_in_it"]["a_call_goes_on"] is True
    assert call in [each["id"] for each in data["tables"]["appointment"]]
    words = words_of(file.read("mes-donnees.pdf"))
    assert "Vous êtes en rendez-vous en ce moment." in words


def test_a_content_that_is_lost_is_said_and_the_rest_is_given(
    officer, rare, archive
) -> None:
    archive.store.remove(rare.contents[0])
    file = taken(officer, rare)
    data = json.loads(file.read("donnees.json"))
    [lost] = data["unreadable"]
    assert lost not in file.namelist()
    assert "1 contenu n'a pas pu être lu" in words_of(file.read("mes-donnees.pdf"))


def test_what_is_corrected_is_corrected_wherever_it_stands(
    officer, rare, database
) -> None:
    to_come = appointment_of(
        database, rare, datetime.now(UTC) + timedelta(days=5), S.BOOKED
    )
    form = form_with(
        officer.client.get(page_of(rare, "/corriger")).text, "resident_name"
    )
    wrong = officer.client.post(form.action, data=form.values | {"resident_name": "5"})
    assert wrong.status_code == 422
    form.values |= {"resident_name": "Mme Zita Brun", "street": "2 rue Neuve"}
    assert officer.client.post(form.action, data=form.values).status_code == 303
    with database.read() as session:
        names = set(session.scalars(select(Resident.name)))
        booked = {
            session.get_one(Appointment, number).resident_name
            for number in (rare.appointment, to_come)
        }
        told = session.get_one(AppointmentAddress, rare.appointment)
        acts = session.scalars(
            select(JournalEntry.detail).where(
                JournalEntry.act == Act.APPOINTMENT_CORRECTED
            )
        ).all()
    assert (names, booked, told.street) == (
        {"Mme Zita Brun"},
        {"Mme Zita Brun"},
        "2 rue Neuve",
    )
    assert acts == ["name address", "name"]


@pytest.mark.parametrize(
    ("starts_in", "state", "said"),
    [
        (timedelta(), S.IN_CALL, "en appel en ce moment"),
        (timedelta(), S.BOOKED, "un rendez-vous aujourd'hui"),
        (timedelta(), S.DONE, "un rendez-vous aujourd'hui"),
        (timedelta(days=3), S.BOOKED, "des rendez-vous à venir"),
    ],
)
def test_who_is_there_or_will_come_is_not_erased(
    officer, rare, database, starts_in, state, said
) -> None:
    number = appointment_of(database, rare, datetime.now(UTC) + starts_in, state)
    answer = erase(officer, rare)
    assert answer.status_code == 409 and said in html.unescape(answer.text)
    with database.read() as session:
        assert session.get_one(Appointment, number).resident_name == NAME
        assert session.get_one(Resident, rare.resident).name == NAME
        erased = JournalEntry.act == Act.RESIDENT_ERASED
        assert session.scalar(select(func.count()).where(erased)) == 0


def test_an_erasure_is_previewed_ticked_and_cancels_what_is_to_come(
    officer, rare, database
) -> None:
    number = appointment_of(
        database, rare, datetime.now(UTC) + timedelta(days=3), S.BOOKED
    )
    preview = officer.client.get(page_of(rare, "/effacer")).text
    for line in ("3 documents", "1 formulaire en cours", "1 CV", "2 rendez-vous"):
        assert line in preview
    assert "Annuler aussi son rendez-vous à venir" in preview
    assert erase(officer, rare, sure="").status_code == 422
    assert erase(officer, rare, cancel="1").status_code == 303
    assert "Le dossier est effacé." in officer.client.get("/droits/usagers").text
    assert officer.client.get(page_of(rare)).status_code == 404
    assert erase_again(officer, rare).status_code == 404
    with database.read() as session:
        cancelled = session.get_one(Appointment, number)
        assert (cancelled.state, cancelled.resident_name) == (S.CANCELLED, "")
        assert cancelled.resident_id is None
        acts = session.scalars(
            select(JournalEntry.resident_id).where(
                JournalEntry.act == Act.RESIDENT_ERASED
            )
        ).all()
    assert rare.resident in acts


def test_the_terms_are_read_with_what_is_due_and_the_last_purge(
    officer, rare, database
) -> None:
    page = html.unescape(officer.client.get("/droits/durees").text)
    assert "Aucun n'est encore noté." in page and "1000 jours" in page
    now = datetime.now(UTC)
    with database.write() as session:
        note_purge(session, {"documents_removed": 3, "cvs_erased": 0}, now)
        appointment = session.get_one(Appointment, rare.appointment)
        appointment.starts_at -= timedelta(days=1100)
        appointment.ends_at -= timedelta(days=1100)
    page = html.unescape(officer.client.get("/droits/durees").text)
    assert "<li>3 documents</li>" in page and " CV</li>" not in page
    assert page.count("</span>3</td>") == 1
    assert RARE not in page


def appointment_of(database, rare, starts_at, state) -> int:
    """Give the resident another appointment."""
    with database.write() as session:
        number = put_appointment(
            session, "kiosk-guise", "msa", starts_at=starts_at, state=state
        )
        appointment = session.get_one(Appointment, number)
        appointment.resident_id, appointment.resident_name = rare.resident, NAME
    return number


def erase(officer, rare, **ticked: str):
    # Not from the page: where something stands against it, it has no button.
    ticked = {"sure": "1"} | ticked
    sent = {name: value for name, value in ticked.items() if value}
    return officer.client.post(page_of(rare, "/effacer"), data=token_of(officer) | sent)


def erase_again(officer, rare):
    return erase(officer, rare)


def token_of(officer) -> dict[str, str]:
    form = form_with(officer.client.get("/droits/usagers").text, "cherche")
    return {"csrf_token": form.values["csrf_token"]}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV's page: written, kept, taken over, printed, shown, and erased when it must be."""

import html
import json
import os
import signal
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from booking_web.base.clock import utc_now
from booking_web.domain.cv.cvs import Cvs
from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.retention.pruning import prune
from booking_web.shell.paper_maker import PAPERS_EXTENSION
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.cv import Cv, CvChange
from booking_web.tables.documents import DeviceJob, Document
from booking_web.telling.papers.paper_maker import PaperMaker
from provisioning.database.models import User
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    archive_of,
    book_one,
    bring_to,
    documents_settings,
    in_call,
)

MSA = "conseiller@msa.example"
WRITTEN = "Boulangerie Petit-Œuvrard"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def counsellor(visitor):
    assert visitor.sign_in(MSA).status_code == 302
    return visitor


@pytest.fixture
def appointment(database):
    return in_call(database)


@pytest.fixture
def resident(database, appointment):
    """Give the appointment a resident with an e-mail address."""
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        resident = Resident(
            relay_id=found.kiosk.relay_id,
            name="Amélie Œuvrard",
            search_key="amelie oeuvrard",
            email="amelie@exemple.fr",
            telephone="+33612345678",
            commune="Guise",
            created_at=datetime.now(UTC),
            created_by_id=1,
            seen_at=datetime.now(UTC),
        )
        session.add(resident)
        session.flush()
        found.resident_id = resident.id
        return resident.id


def address(appointment, act=""):
    return f"/rendez-vous/{appointment}/cv{act}"


def token_of(person, appointment):
    page = person.client.get(address(appointment)).text
    return [f.values["csrf_token"] for f in forms_of(page) if "csrf_token" in f.values][
        -1
    ]


@pytest.fixture
def begun(counsellor, database, appointment):
    """Have the CV begun."""
    token = token_of(counsellor, appointment)
    counsellor.client.post(
        address(appointment, "/commencer"), data={"csrf_token": token}
    )
    return appointment


def form_of(person, appointment):
    page = person.client.get(address(appointment)).text
    [form] = [each for each in forms_of(page) if "was" in each.values]
    return form.values


@pytest.fixture
def kept(database, archive):
    """Give a function that reads the fields that are kept of an appointment's CV."""
    cvs = Cvs(database, archive.store.key, utc_now)
    return lambda appointment: cvs.read(appointment).content.fields()


def press(person, appointment, act="save", **fields):
    values = form_of(person, appointment) | {"act": act}
    values |= {f"f.{key.replace('__', '.')}": each for key, each in fields.items()}
    return person.client.post(address(appointment), data=values)


def send_key(person, appointment, key, value, revision=0):
    data = {
        "csrf_token": token_of(person, appointment),
        "cle": key,
        "valeur": value,
        "revision": revision,
    }
    return person.client.post(address(appointment, "/champ"), data=data)


def rows(database, model):
    with database.read() as session:
        return list(session.scalars(select(model)))


def words_of(archive, document) -> str:
    pdf = b"".join(archive.read(document))
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True)
    return " ".join(run.stdout.decode().split())


def test_a_cv_begins_with_what_the_booking_knows_once(
    counsellor, database, appointment, resident
) -> None:
    token = token_of(counsellor, appointment)
    for _ in range(2):
        answer = counsellor.client.post(
            address(appointment, "/commencer"), data={"csrf_token": token}
        )
        assert answer.status_code == 303
    assert len(rows(database, Cv)) == 1
    values = form_of(counsellor, appointment)
    assert values["f.name"] == "Amélie Œuvrard"
    assert values["f.email"] == "amelie@exemple.fr"
    assert values["f.telephone"] == "06 12 34 56 78"
    assert values["f.town"] == "Guise"


def test_a_cv_is_written_printed_and_told_of_without_a_word_of_it(
    counsellor, database, archive, begun
) -> None:
    press(counsellor, begun, "add:experience", title="Vendeuse")
    press(
        counsellor,
        begun,
        experience__1__employer=WRITTEN,
        experience__1__tasks="Tenir la caisse\r\nAccueillir",
    )
    answer = press(counsellor, begun, "print", layout="columns", town="Guise")
    page = html.unescape(counsellor.client.get(answer.location).text)
    assert "Le CV s'imprime à la borne. C'est le document 1." in page
    [document] = rows(database, Document)
    words = words_of(archive, document)
    for said in ("M. Dupont", "Vendeuse", WRITTEN, "• Tenir la caisse", "Me joindre"):
        assert said in words
    [job] = rows(database, DeviceJob)
    assert (job.document, job.colour) == (1, True)
    told = " ".join(f"{a} {b} {c}" for a, b, c in acts_of(database, begun))
    assert "cv_begun" in told and "cv_made" in told and "print_requested" in told
    assert [each.field for each in rows(database, CvChange)] == [
        "title",
        "structure",
        "experience.1.employer",
        "experience.1.tasks",
        "town",
        "layout",
    ]
    # Neither the journal nor the database tells what was written.
    database.dispose()
    with database.read() as session:
        for table in ("journal", "cv", "cv_change", "document", "live_event"):
            for row in session.execute(text(f"SELECT * FROM {table}")):
                assert WRITTEN not in str(row) and "Tenir la caisse" not in str(row)


def test_a_key_is_kept_at_once_and_what_others_changed_comes_back(
    counsellor, database, begun
) -> None:
    first = send_key(counsellor, begun, "title", "Vend")
    assert (first.json["revision"], first.json["meanwhile"]) == (1, {})
    send_key(counsellor, begun, "town", "Guise", revision=1)
    other = send_key(counsellor, begun, "title", "Vendeuse", revision=1)
    assert other.json["meanwhile"] == {"town": "Guise"}
    # The same again changes nothing.
    again = send_key(counsellor, begun, "title", "Vendeuse", revision=3)
    assert again.json["revision"] == 3
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


def test_two_tabs_that_are_saved_as_a_whole_lose_nothing_of_each_other(
    counsellor, begun
) -> None:
    first, second = form_of(counsellor, begun), form_of(counsellor, begun)
    post = counsellor.client.post
    post(address(begun), data=first | {"f.title": "Vendeuse", "act": "save"})
    post(address(begun), data=second | {"f.town": "Guise", "act": "save"})
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")


def test_what_is_too_long_is_told_and_shown_and_the_rest_is_kept(
    counsellor, begun
) -> None:
    answer = press(counsellor, begun, title="x" * 200, town="Guise")
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert "x" * 200 in page and "C'est trop long pour un CV" in page
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("", "Guise")
    refused = send_key(counsellor, begun, "title", "x" * 200)
    assert refused.status_code == 422 and "trop long" in refused.json["refused"]


def test_entries_are_added_moved_taken_away_and_put_back(counsellor, begun) -> None:
    answer = press(counsellor, begun, "add:experience")
    assert answer.location.endswith("vers=experience-1")
    press(counsellor, begun, "add:experience", experience__1__title="Caissière")
    press(counsellor, begun, "down:experience:2", experience__2__title="Vendeuse")
    values = form_of(counsellor, begun)
    keys = [each for each in values if each.startswith("f.exp") and "title" in each]
    assert keys == ["f.experience.1.title", "f.experience.2.title"]
    answer = press(counsellor, begun, "remove:experience:1")
    assert "« Remettre » annule" in counsellor.client.get(answer.location).text
    press(counsellor, begun, "back")
    assert form_of(counsellor, begun)["f.experience.1.title"] == "Caissière"


def test_a_wording_is_added_to_the_field_that_was_chosen(
    counsellor, begun, kept
) -> None:
    values = form_of(counsellor, begun) | {"act": "phrase:0", "target": "skills"}
    counsellor.client.post(address(begun), data=values | {"f.skills": "Vendre"})
    assert kept(begun)["skills"].split("\n") == [
        "Vendre",
        "Conduire un tracteur et les outils attelés",
    ]


@pytest.mark.parametrize(
    "act", ["add:salary", "remove:experience:9", "up:experience:x", "phrase:999", "?"]
)
def test_a_button_that_is_not_there_does_nothing(counsellor, begun, act) -> None:
    answer = press(counsellor, begun, act, title="Vendeuse")
    assert answer.status_code == 303
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


def other_counsellor(new_app, ground, tmp_path, visitor, database):
    """Give a colleague of the same organisation, signed in."""
    with database.write() as session:
        mail = "mairie@guise.example"
        one = session.scalars(select(User).where(User.email == mail)).one()
        msa = session.scalars(select(User).where(User.email == MSA)).one()
        one.role, one.organisation_id, one.relay_id = (
            msa.role,
            msa.organisation_id,
            None,
        )
        one.name = "Anne Colin"
    app = new_app(ground, **documents_settings(tmp_path))
    colleague = type(visitor)(app.test_client(), ground.passwords)
    assert colleague.sign_in(mail).status_code == 302
    return colleague


def test_a_colleague_reads_takes_over_and_nothing_typed_is_lost(
    counsellor, new_app, ground, tmp_path, visitor, database, begun
) -> None:
    colleague = other_counsellor(new_app, ground, tmp_path, visitor, database)
    press(counsellor, begun, title="Vendeuse")
    page = html.unescape(colleague.client.get(address(begun)).text)
    assert "écrit ce CV : vous pouvez le lire." in page and "Vendeuse" in page
    held = send_key(colleague, begun, "town", "Guise")
    assert held.status_code == 409
    press(colleague, begun, "take")
    assert send_key(colleague, begun, "town", "Guise").status_code == 200
    lost = press(counsellor, begun, title="Vendeuse qualifiée")
    assert lost.status_code == 409
    assert "Vendeuse qualifiée" in html.unescape(lost.text)
    values = form_of(colleague, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")
    assert "cv_taken_over" in [act for _, act, _ in acts_of(database, begun)]


def test_without_agreement_a_cv_is_erased_after_its_appointment(
    counsellor, database, begun
) -> None:
    press(counsellor, begun, title="Vendeuse")
    bring_to(database, begun, S.DONE)
    with database.write() as session:
        assert prune(session, 400, datetime.now(UTC)).cvs_erased == 0
        later = datetime.now(UTC) + timedelta(hours=3)
        assert prune(session, 400, later, dry_run=True).cvs_erased == 1
        assert prune(session, 400, later).cvs_erased == 1
    [cv] = rows(database, Cv)
    assert cv.sealed_content is None and cv.erased_at is not None
    assert "Commencer un CV" in counsellor.client.get(address(begun)).text


def test_with_agreement_it_is_resumed_in_the_next_appointment(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    values = form_of(counsellor, appointment)
    counsellor.client.post(
        address(appointment), data=values | {"f.title": "Vendeuse", "agree": "1"}
    )
    bring_to(database, appointment, S.DONE)
    with database.write() as session:
        later = datetime.now(UTC) + timedelta(days=30)
        assert prune(session, 400, later).cvs_erased == 0
    following = book_one(database)
    with database.write() as session:
        session.get_one(Appointment, following).resident_id = resident
    page = counsellor.client.get(address(following)).text
    [resume] = [each for each in forms_of(page) if "cv" in each.values]
    counsellor.client.post(resume.action, data=resume.values)
    assert form_of(counsellor, following)["f.title"] == "Vendeuse"
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert "cv_keeping_agreed" in acts
    assert [act for _, act, _ in acts_of(database, following)][-1] == "cv_resumed"
    # A year later it is erased all the same.
    with database.write() as session:
        later = datetime.now(UTC) + timedelta(days=366)
        assert prune(session, 4000, later).cvs_erased == 1


def begin(person, appointment):
    person.client.post(
        address(appointment, "/commencer"),
        data={"csrf_token": token_of(person, appointment)},
    )


def test_the_agreement_is_taken_back_and_needs_a_resident(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    send_key(counsellor, appointment, "agree", "1")
    send_key(counsellor, appointment, "agree", "")
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert acts[-2:] == ["cv_keeping_agreed", "cv_keeping_withdrawn"]


def test_another_residents_appointment_finds_no_cv(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    send_key(counsellor, appointment, "agree", "1")
    bring_to(database, appointment, S.DONE)
    stranger = book_one(database)
    page = counsellor.client.get(address(stranger)).text
    assert "Reprendre le CV" not in page
    [cv] = rows(database, Cv)
    token = token_of(counsellor, stranger)
    counsellor.client.post(
        address(stranger, "/continuer"), data={"csrf_token": token, "cv": cv.id}
    )
    [cv] = rows(database, Cv)
    assert cv.appointment_id == appointment


def test_content_that_was_put_into_another_cv_is_not_read(
    counsellor, database, begun
) -> None:
    with database.write() as session:
        [cv] = session.scalars(select(Cv))
        other = Cv(
            appointment_id=book_one_in(session, cv),
            organisation_id=cv.organisation_id,
            sealed_content=cv.sealed_content,
            changed_at=cv.changed_at,
            changed_by=cv.changed_by,
        )
        session.add(other)
        session.flush()
        appointment = other.appointment_id
    answer = counsellor.client.get(address(appointment))
    assert answer.status_code in (303, 503)
    assert issubclass(ContentMissing, Exception)


def book_one_in(session, cv):
    """Give another appointment's number."""
    query = select(Appointment.id).where(Appointment.id != cv.appointment_id)
    found = session.scalars(query).first()
    if found is not None:
        return found
    one = session.get_one(Appointment, cv.appointment_id)
    copy = Appointment(
        submission="another",
        kiosk_id=one.kiosk_id,
        counter_id=one.counter_id,
        organisation_id=one.organisation_id,
        resident_name="Mme Autre",
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        state="done",
        state_since=one.state_since,
        created_by_id=one.created_by_id,
        created_at=one.created_at,
    )
    session.add(copy)
    session.flush()
    return copy.id


def test_thirty_experiences_are_told_to_be_too_many_for_a_page_and_all_are_printed(
    counsellor, database, archive, begun
) -> None:
    for number in range(1, 31):
        key = f"experience.{number}.title"
        press(counsellor, begun, "add:experience")
        send_key(counsellor, begun, key, f"Poste {number}")
        tasks = "Tenir la caisse\nAccueillir les clients\nRanger"
        send_key(counsellor, begun, f"experience.{number}.tasks", tasks)
    told = preview(counsellor, begun)
    assert not told["fits"]
    assert "Le CV dépasse une page" in told["words"][0]
    assert "Raccourcissez d'abord : Expérience « Poste" in told["words"][1]
    press(counsellor, begun, "print")
    words = words_of(archive, rows(database, Document)[-1])
    assert all(f"Poste {number}" in words for number in range(1, 31))


def preview(person, appointment):
    answer = person.client.post(
        address(appointment, "/apercu"),
        data={"csrf_token": token_of(person, appointment), "partie": "name"},
    )
    return json.loads(answer.text)


def test_long_names_arabic_and_emoji_are_drawn_or_told(
    counsellor, database, archive, begun
) -> None:
    press(counsellor, begun, name="محمد " + "Œ" * 120, title="Vendeur 😀")
    told = preview(counsellor, begun)
    assert told["fits"]
    assert told["words"][-1].endswith("les remplace : 😀") or "😀" in told["words"][-1]
    press(counsellor, begun, "print")
    words = words_of(archive, rows(database, Document)[-1])
    assert "Vendeur ?" in words and "Œ" * 20 in words


def test_an_empty_cv_is_a_page(counsellor, database, begun) -> None:
    press(counsellor, begun, name="")
    assert preview(counsellor, begun)["words"] == ["Tout tient sur une page."]
    picture = counsellor.client.get(address(begun, "/page.png"))
    assert picture.data.startswith(b"\x89PNG")


def test_a_page_that_takes_too_long_is_told_and_what_is_written_is_kept(
    app, counsellor, database, begun
) -> None:
    press(counsellor, begun, title="Vendeuse")
    maker = app.extensions[PAPERS_EXTENSION] = PaperMaker(timeout_seconds=0.6)
    press(counsellor, begun, town="Guise")
    maker.get_ready()
    os.kill(maker.pid, signal.SIGSTOP)
    told = preview(counsellor, begun)
    assert not told["fits"] and "à temps" in told["words"][0]
    assert rows(database, Document) == []
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")
    app.extensions[PAPERS_EXTENSION] = PaperMaker()
    assert preview(counsellor, begun)["fits"]


def test_a_database_that_is_locked_is_told_and_the_key_can_be_sent_again(
    counsellor, database, ground, begun, monkeypatch
) -> None:
    monkeypatch.setattr("booking_web.base.transactions.LOCKED_ATTEMPTS", 1)
    monkeypatch.setattr("provisioning.database.engine.SQLITE_BUSY_TIMEOUT_MS", 50)
    data = {
        "csrf_token": token_of(counsellor, begun),
        "cle": "title",
        "valeur": "Vendeuse",
        "revision": 0,
    }
    lock = sqlite3.connect(ground.url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    locked = counsellor.client.post(address(begun, "/champ"), data=data)
    lock.execute("ROLLBACK")
    lock.close()
    assert locked.status_code == 503
    assert form_of(counsellor, begun)["f.title"] == ""
    answer = counsellor.client.post(address(begun, "/champ"), data=data)
    assert answer.status_code == 200
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


def test_printing_twice_prints_one_document_once(counsellor, database, begun) -> None:
    press(counsellor, begun, "print")
    press(counsellor, begun, "print")
    assert len(rows(database, Document)) == 1
    assert len(rows(database, DeviceJob)) == 1


def test_an_erased_cv_is_gone_and_its_documents_stay(
    counsellor, database, begun
) -> None:
    press(counsellor, begun, "print", title="Vendeuse")
    token = token_of(counsellor, begun)
    counsellor.client.post(address(begun, "/effacer"), data={"csrf_token": token})
    [cv] = rows(database, Cv)
    assert cv.sealed_content is None
    assert len(rows(database, Document)) == 1
    assert send_key(counsellor, begun, "title", "x").status_code == 404


@pytest.mark.parametrize("person", ["mairie@wassigny.example", "admin@guichet.example"])
def test_who_is_no_counsellor_reads_no_cv(
    visitor, database, appointment, person
) -> None:
    visitor.sign_in(person)
    assert visitor.client.get(address(appointment)).status_code == 403
    page = visitor.client.get(f"/rendez-vous/{appointment}").text
    assert address(appointment) not in page


def test_the_history_says_who_changed_what_and_not_to_what(counsellor, begun) -> None:
    press(counsellor, begun, title="Vendeuse")
    page = html.unescape(counsellor.client.get(address(begun, "/historique")).text)
    assert "Métier ou poste cherché" in page and "Conseillère de la MSA" in page
    assert "Vendeuse" not in page

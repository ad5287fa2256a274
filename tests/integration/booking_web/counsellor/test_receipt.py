# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt: what is proposed, what is printed of it, once, and what it never says."""

import html
import io
import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from sqlalchemy import select, update

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.appointments.booking import book
from booking_web.pages.counsellor import made_document
from booking_web.shell.paper_maker import PAPERS_EXTENSION
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import CodeToPlay, DeviceJob, Document
from booking_web.tables.forms import Draft, Form, FormEdition
from booking_web.tables.printed_forms import PrintedForm
from booking_web.tables.receipts import Receipt
from booking_web.telling.papers.paper_maker import PaperMaker, PaperTooSlow
from provisioning.database.models import Organisation, Relay
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    bring_to,
    make_pdf,
)
from tests.factories.orders import an_order
from tests.factories.paper_words import words_of
from tests.factories.rows import rows

MSA = "conseiller@msa.example"


def form_of(person, appointment):
    page = person.client.get(f"/rendez-vous/{appointment}/recu").text
    [form] = [each for each in forms_of(page) if "telephone" in each.values]
    return form


def press(person, appointment, act="/imprimer", **values):
    token = form_of(person, appointment).values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/recu{act}", data={"csrf_token": token} | values
    )


def scan(archive, appointment, title="", pages=1):
    with memory_file("scan", make_pdf(pages)) as file:
        return archive.add(
            appointment, file, title=title, source=Source.SCAN, actor="kiosk:wassigny"
        )


@pytest.fixture
def papers(archive, database, appointment):
    """Give the appointment a printed form, a file nobody printed, and two scanned papers."""
    printed = add_document(archive, appointment, make_pdf(), "Demande de retraite")
    add_document(archive, appointment, make_pdf(2), "Notice")
    scan(archive, appointment, "Pièce d'identité", pages=2)
    scan(archive, appointment)
    now = datetime.now(UTC)
    with database.write() as session:
        session.add(
            DeviceJob(
                appointment_id=appointment,
                number=1,
                uuid="7b3c5d9e-0000-4000-8000-000000000001",
                operation="print",
                document=printed.number,
                state="completed",
                created_at=now - timedelta(minutes=5),
                created_by="user:1",
                changed_at=now,
            )
        )


def test_one_key_prints_what_was_done_and_makes_it_a_document(
    counsellor, database, archive, appointment, papers
) -> None:
    with database.write() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.slug == "msa")
            .values(telephone="+33323000001")
        )
    answer = press(counsellor, appointment)
    assert answer.location == f"/rendez-vous/{appointment}#document-5"
    [document] = [each for each in rows(database, Document) if each.number == 5]
    words = words_of(archive, document)
    assert "Imprimé : Demande de retraite" in words
    assert "Vous avez donné : Pièce d'identité (2 pages)" in words
    assert "Papier numérisé" in words
    assert "03 23 00 00 01" in words
    # What nobody printed is not told of, nor who takes it home.
    assert "Notice" not in words and "Dupont" not in words
    job = rows(database, DeviceJob)[-1]
    assert (job.operation, job.document, job.state) == ("print", 5, "pending")
    assert [each.code for each in rows(database, CodeToPlay)] == ["*72#"]
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert acts[-3:] == ["receipt_made", "print_requested", "document_added"]
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "Le reçu est fait : document 5" in html.unescape(page)


def test_the_receipt_is_in_the_appointments_language_and_its_title_in_ours(
    counsellor, database, archive, appointment, papers
) -> None:
    with database.write() as session:
        session.get_one(Appointment, appointment).language = "en"
    press(counsellor, appointment)
    document = rows(database, Document)[-1]
    assert document.title.startswith("Reçu du ")
    words = words_of(archive, document)
    assert "Your appointment" in words and "You gave:" in words
    assert "(2 pages)" in words and "Scanned paper" in words
    # What others have written stays as it is.
    assert "Demande de retraite" in words
    assert "Votre" not in words and "Vous" not in words and "Imprimé" not in words
    content = io.BytesIO(b"".join(archive.read(document)))
    with pikepdf.open(content) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_the_receipt_is_tagged_and_its_letters_are_very_large(
    counsellor, database, archive, appointment, papers
) -> None:
    press(counsellor, appointment)
    document = rows(database, Document)[-1]
    content = b"".join(archive.read(document))
    run = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True
    )
    heights = [
        float(line.split('yMax="')[1].split('"')[0])
        - float(line.split('yMin="')[1].split('"')[0])
        for line in run.stdout.decode().splitlines()
        if "<word" in line
    ]
    assert min(heights) >= 20
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked and "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "fr"
        assert len(pdf.pages) == 1


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waiting", "Envoyé par e-mail : Notice"),
        ("sent", "Envoyé par e-mail : Notice"),
        ("given_up", "Ajouté à votre dossier : Notice"),
    ],
)
def test_what_went_out_by_e_mail_is_proposed(
    counsellor, database, appointment, papers, state, sentence
) -> None:
    now = datetime.now(UTC)
    notice = next(each for each in rows(database, Document) if each.title == "Notice")
    with database.write() as session:
        session.add(
            DocumentMail(
                document_id=notice.id,
                state=state,
                attempts=1,
                next_attempt_at=now,
                reason="",
                created_at=now,
                created_by="user:1",
                state_since=now,
            )
        )
    page = counsellor.client.get(f"/rendez-vous/{appointment}/recu").text
    assert sentence in html.unescape(page)


def test_what_is_unticked_and_what_is_added_make_the_receipt(
    counsellor, database, archive, appointment, papers
) -> None:
    form = form_of(counsellor, appointment)
    values = {
        "csrf_token": form.values["csrf_token"],
        "line": ["document-3"],
        "other": "Mot de passe du site retrouvé\n\n",
        "next_steps": "La MSA vous répond avant le 15 mars.",
        "whom": "Mme Œuvrard, accueil",
        "telephone": "01 99 00 01 01",
    }
    answer = counsellor.client.post(
        f"/rendez-vous/{appointment}/recu", data=values | {"act": "keep"}
    )
    assert answer.status_code == 303
    words = words_of(archive, rows(database, Document)[-1])
    assert "Demande de retraite" not in words
    for said in (
        "Mot de passe du site retrouvé",
        "La suite : La MSA vous répond avant le 15 mars.",
        "Pièce d'identité (2 pages)",
        "Mme Œuvrard, accueil",
        "01 99 00 01 01",
    ):
        assert said in words
    # Kept, not printed: the earlier job is the only one.
    assert len(rows(database, DeviceJob)) == 1


def test_a_wrong_telephone_loses_nothing_that_was_written(
    counsellor, database, appointment
) -> None:
    token = form_of(counsellor, appointment).values["csrf_token"]
    answer = counsellor.client.post(
        f"/rendez-vous/{appointment}/recu",
        data={"csrf_token": token, "other": "Dossier vérifié", "telephone": "12"},
    )
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert "Ce numéro n'existe pas" in page and "Dossier vérifié" in page
    assert rows(database, Document) == [] and rows(database, Receipt) == []


def test_the_next_appointment_is_that_of_the_same_resident_and_organisation(
    counsellor, database, archive, appointment
) -> None:
    soon = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with database.write() as session:
        relay = session.scalars(select(Relay).where(Relay.slug == "guise")).one()
        numbers = []
        for token, organisation, days in (
            ("a", "sous-prefecture-vervins", 7),
            ("b", "msa", 14),
            ("c", "msa", 21),
        ):
            order = an_order(
                token=token,
                organisation=organisation,
                relay="guise",
                starts_at=soon + timedelta(days=days),
            )
            numbers.append(book(session, order, datetime.now(UTC)).appointment.id)
        resident = make_resident(session, relay.id)
        for number in (appointment, *numbers):
            session.get_one(Appointment, number).resident_id = resident
    page = html.unescape(counsellor.client.get(f"/rendez-vous/{appointment}/recu").text)
    assert "Prochain rendez-vous :" in page
    assert "Relais de Guise, avec Mutualité sociale agricole" in page
    assert "Sous-préfecture" not in page.split("Prochain rendez-vous :")[1]
    press(counsellor, appointment)
    words = words_of(archive, rows(database, Document)[-1])
    assert "Votre prochain rendez-vous" in words and "Relais de Guise" in words


def make_resident(session, relay_id) -> int:
    resident = Resident(
        relay_id=relay_id,
        name="M. Dupont",
        search_key="dupont m",
        created_at=datetime.now(UTC),
        created_by_id=1,
        seen_at=datetime.now(UTC),
    )
    session.add(resident)
    session.flush()
    return resident.id


def test_a_form_that_came_back_signed_is_one_line_of_the_receipt(
    counsellor, database, archive, appointment
) -> None:
    printed = add_document(archive, appointment, make_pdf(), "Demande de retraite")
    signed = add_document(archive, appointment, make_pdf(2), "Demande de retraite")
    now = datetime.now(UTC)
    with database.write() as session:
        organisation = session.get_one(Appointment, appointment).organisation_id
        form = Form(
            organisation_id=organisation, title="Demande de retraite", position=0
        )
        edition = FormEdition(
            form=form,
            number=1,
            sha256="0" * 64,
            pages=1,
            description={},
            asked=[],
            taken_at=now,
            taken_by="user:1",
        )
        draft = Draft(
            edition=edition,
            appointment_id=appointment,
            organisation_id=organisation,
            sealed_values=b"sealed",
            revision=3,
            changed_at=now,
            changed_by="user:1",
        )
        session.add(draft)
        session.flush()
        session.add(
            PrintedForm(
                appointment_id=appointment,
                draft_id=draft.id,
                edition_id=edition.id,
                revision=3,
                document_id=printed.id,
                signed_document_id=signed.id,
                pages=1,
                sha256="0" * 64,
                codes=[None],
                printed_at=now,
                printed_by="user:1",
            )
        )
    press(counsellor, appointment)
    words = words_of(archive, rows(database, Document)[-1])
    assert words.count("Demande de retraite") == 1
    assert "Formulaire rempli et signé : Demande de retraite" in words


def test_a_key_pressed_twice_prints_one_receipt(
    counsellor, database, appointment, papers
) -> None:
    press(counsellor, appointment)
    press(counsellor, appointment)
    assert len(rows(database, Receipt)) == 1
    receipts = [each for each in rows(database, DeviceJob) if each.document == 5]
    assert len(receipts) == 1


def test_a_receipt_asked_for_again_later_is_printed_again_as_it_is(
    counsellor, database, appointment, papers
) -> None:
    press(counsellor, appointment)
    with database.write() as session:
        session.execute(
            update(DeviceJob).values(
                created_at=datetime.now(UTC) - timedelta(minutes=2)
            )
        )
    press(counsellor, appointment)
    assert len(rows(database, Receipt)) == 1
    assert [e.document for e in rows(database, DeviceJob)] == [1, 5, 5]


def test_after_the_call_the_receipt_is_kept_and_not_printed(
    counsellor, database, appointment
) -> None:
    bring_to(database, appointment, S.DONE)
    answer = press(counsellor, appointment)
    page = html.unescape(counsellor.client.get(answer.location).text)
    assert "Le reçu est gardé : c'est le document 1. Il n'est pas imprimé." in page
    assert rows(database, DeviceJob) == [] and rows(database, CodeToPlay) == []
    assert len(rows(database, Receipt)) == 1


def test_a_paper_that_takes_too_long_is_told_and_nothing_is_kept(
    app, counsellor, database, appointment
) -> None:
    app.extensions[PAPERS_EXTENSION] = PaperMaker(timeout_seconds=0.6)
    paper_of = app.extensions[PAPERS_EXTENSION]
    paper_of.get_ready()
    os.kill(paper_of.pid, signal.SIGSTOP)
    answer = press(counsellor, appointment)
    assert answer.location == f"/rendez-vous/{appointment}/recu"
    page = html.unescape(counsellor.client.get(answer.location).text)
    assert "La page n'a pas pu être faite à temps." in page
    assert rows(database, Document) == [] and rows(database, Receipt) == []
    # The next one is made.
    app.extensions[PAPERS_EXTENSION] = PaperMaker()
    assert "#document-1" in press(counsellor, appointment).location


def test_a_database_that_is_locked_is_told_and_the_form_keeps_what_was_typed(
    counsellor, database, appointment, monkeypatch
) -> None:
    def locked(*_args, **_values):
        raise DatabaseBusy

    monkeypatch.setattr(made_document, "in_transaction", locked)
    token = form_of(counsellor, appointment).values["csrf_token"]
    answer = counsellor.client.post(
        f"/rendez-vous/{appointment}/recu",
        data={"csrf_token": token, "other": "Dossier vérifié", "act": "print"},
        headers={"X-Guichet-Form": "0123456789"},
    )
    assert answer.status_code == 503
    # A script shows it, and does not send the form again until it is taken.
    assert answer.headers["X-Guichet-Words"] == "1"
    page = html.unescape(answer.text)
    assert "Le serveur est très occupé" in page and "Dossier vérifié" in page
    assert rows(database, Document) == []


@pytest.mark.parametrize("state", [S.DONE, S.INTERRUPTED])
def test_the_receipt_is_offered_when_the_call_has_ended(
    counsellor, database, appointment, state
) -> None:
    bring_to(database, appointment, state)
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert f'href="/rendez-vous/{appointment}/recu"' in page


def test_names_in_arabic_and_emoji_are_drawn_or_told() -> None:
    maker = PaperMaker()
    paper = maker.make(
        '<html lang="fr"><title>x</title><p>محمد Œuvré 😀😀 x</p>', [20.0]
    )
    run = subprocess.run(
        ["pdftotext", "-", "-"], input=paper.pdf, capture_output=True, check=True
    )
    assert "Œuvré ? x" in run.stdout.decode()
    assert paper.strangers == "😀"
    maker.close()


def test_a_process_that_was_killed_is_started_again() -> None:
    maker = PaperMaker()
    page = '<html lang="fr"><title>x</title><p>é</p>'
    first = maker.make(page, [20.0]).pdf
    os.kill(maker.pid, signal.SIGKILL)
    assert maker.make(page, [20.0]).pdf == first
    maker.close()


def test_a_process_that_hangs_is_ended_and_told() -> None:
    maker = PaperMaker()
    page = '<html lang="fr"><title>x</title><p>é</p>'
    maker.make(page, [20.0])
    maker.timeout_seconds = 1.0
    os.kill(maker.pid, signal.SIGSTOP)
    with pytest.raises(PaperTooSlow):
        maker.make(page, [20.0])
    assert maker.pid is None
    maker.close()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor prints a form, sees what came back, asks for the rest, keeps what is signed."""

import html
import re
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.forms.library import Sent
from booking_web.shell.form_services import FORMS_EXTENSION
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import Operation, Preset
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import (
    CodeToPlay,
    DeviceJob,
    Document,
    KioskScreen,
    ScanUpload,
)
from booking_web.tables.printed_forms import PrintedForm, ReturnedPage
from booking_web.words.documents import PAPERS
from provisioning.database.models import Organisation
from stage import scanned_sheets as scans
from stage.html_forms import forms_of
from stage.kiosk_ground import acts_of, archive_of, documents_settings, in_call
from tests.factories.drafts import appointment_of
from tests.factories.orders import add_resident
from tests.factories.printed_forms import BOX, Paper

SOUS_PREFECTURE = "conseiller@sous-prefecture-vervins.example"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def paper(database, ground, tmp_path) -> Paper:
    return Paper.on(database, archive_of(database, ground.url, tmp_path))


@pytest.fixture
def begun(paper, database) -> tuple[int, int]:
    """Give an appointment in call and a draft that is filled in for it."""
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == "msa")
        sent = Sent(session.scalars(query).one(), "user:1", "submission 1")
    return paper.begin(sent, in_call(database))


def page_of(person, appointment: int, path: str = "") -> str:
    answer = person.client.get(f"/rendez-vous/{appointment}{path}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def press(person, appointment: int, path: str, **values: str):
    token = forms_of(person.client.get(f"/rendez-vous/{appointment}").text)[0]
    data = {"csrf_token": token.values["csrf_token"]} | values
    return person.client.post(f"/rendez-vous/{appointment}/{path}", data=data)


def rows(database, model):
    with database.read() as session:
        return list(session.scalars(select(model)))


def wait_for_readings(app) -> None:
    app.extensions[FORMS_EXTENSION].scan_readings.wait(60)


def test_a_draft_is_printed_and_its_job_prepared(counsellor, begun, database) -> None:
    appointment, draft = begun
    answer = press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    assert answer.status_code == 303
    console = page_of(counsellor, appointment)
    assert "Le document 1 part à l'imprimante." in console
    assert "2 pages imprimées, aucune revenue." in console
    (job,) = rows(database, DeviceJob)
    assert (job.operation, job.document) == ("print", 1)
    assert [each.code for each in rows(database, CodeToPlay)] == ["*71#"]
    # Printed again, it is the same document and another job.
    press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    assert [each.title for each in rows(database, Document)] == ["Déclaration"]
    assert len(rows(database, DeviceJob)) == 2


def test_what_is_printed_to_be_signed_makes_room_for_the_scene_that_says_so(
    counsellor, begun, database
) -> None:
    appointment, draft = begun

    def shown() -> int | None:
        (screen,) = rows(database, KioskScreen)
        return screen.draft_id

    press(counsellor, appointment, f"brouillons/{draft}/montrer", page="1")
    assert shown() == draft
    press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    assert "Le second écran ne montre plus le formulaire." in page_of(
        counsellor, appointment
    )
    assert shown() is None
    # Shown again it stays: a sheet that was lost is printed once more from the console.
    press(counsellor, appointment, f"brouillons/{draft}/montrer", page="1")
    press(counsellor, appointment, "formulaires-imprimes/1/reimprimer")
    assert shown() == draft
    assert "ne montre plus" not in page_of(counsellor, appointment)


def test_what_would_print_badly_is_said_first(
    counsellor, begun, paper, database
) -> None:
    appointment, draft = begun
    paper.fill_in(draft, "")
    answer = press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    page = html.unescape(answer.text)
    assert answer.status_code == 200
    assert "Ce champ est obligatoire et il est vide." in page
    assert f'href="/rendez-vous/{appointment}/brouillons/{draft}#c0"' in page
    assert rows(database, PrintedForm) == []
    seen = next(form for form in forms_of(answer.text) if "vu" in form.values)
    # What was said counts for what was seen alone.
    paper.fill_in(draft, "محمد")
    values = {"vu": seen.values["vu"]}
    answer = press(counsellor, appointment, f"brouillons/{draft}/imprimer", **values)
    assert "Ces caractères ne peuvent pas être imprimés" in html.unescape(answer.text)
    revision = paper.drafts.read(draft).revision
    path = f"brouillons/{draft}/imprimer"
    assert press(counsellor, appointment, path, vu=str(revision)).status_code == 303
    assert [each.revision for each in rows(database, PrintedForm)] == [revision]


def test_what_came_back_is_read_asked_for_again_and_kept(
    counsellor, app, begun, paper, database
) -> None:
    appointment, draft = begun
    press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    first, second = paper.sheets(appointment, 1)
    paper.scan(appointment, [second, first], then=lambda: None)
    page_of(counsellor, appointment)
    wait_for_readings(app)
    console = page_of(counsellor, appointment)
    said = "2 pages imprimées, 2 revenues ; page 2 : la case de signature est vide."
    assert said in console
    (form,) = rows(database, PrintedForm)
    path = f"formulaires-imprimes/{form.id}"
    assert press(counsellor, appointment, f"{path}/garder").status_code == 303
    assert "Il manque encore quelque chose" in page_of(counsellor, appointment)
    press(counsellor, appointment, f"{path}/renumeriser")
    console = page_of(counsellor, appointment)
    assert "Signez la page 2, puis posez-la dans le scanner." in console
    # The resident reads it too.
    assert [each.sealed_words is not None for each in rows(database, KioskScreen)] == [
        True
    ]
    press(counsellor, appointment, f"{path}/reimprimer")
    assert [each.title for each in rows(database, Document)][-1] == (
        "Déclaration (page 2)"
    )
    assert [(j.operation, j.document) for j in rows(database, DeviceJob)] == [
        ("print", 1),
        ("scan", None),
        ("print", 3),
    ]
    sheet = scans.signed(paper.sheets(appointment, 3)[0], BOX)
    file = (BytesIO(scans.one_scan([sheet])), "retour.pdf")
    assert press(counsellor, appointment, "documents", file=file).status_code == 303
    wait_for_readings(app)
    page_of(counsellor, appointment)
    wait_for_readings(app)
    assert "tout y est" in page_of(counsellor, appointment)
    # What it asked for is back: the resident reads it no more.
    assert [each.sealed_words for each in rows(database, KioskScreen)] == [None]
    press(counsellor, appointment, f"{path}/garder")
    kept = rows(database, Document)[-1]
    assert (kept.title, kept.source, kept.pages) == ("Déclaration, signé", "made", 2)
    console = page_of(counsellor, appointment)
    assert f"Signé et gardé : document {kept.number}." in console
    assert kept.sha256 in console
    press(counsellor, appointment, f"{path}/garder")
    assert len(rows(database, Document)) == kept.number


def test_scans_are_called_by_the_forms_in_them_and_by_how_they_lay(
    counsellor, begun, paper, database
) -> None:
    appointment, draft = begun
    press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    first, second = paper.sheets(appointment, 1)
    other = Image.new("RGB", first.size, "gray")
    for pages in ([second, first], [second, other], [other]):
        paper.scan(appointment, pages)
    for preset in Preset:
        number = paper.scan(appointment, [other], then=lambda: None)
        with database.write() as session:
            delivered(session, appointment, number, preset)
    page = page_of(counsellor, appointment)
    titles = re.findall(r'<span class="number">\d+</span> ([^<]+)</h3>', page)
    hour = r" de \d{1,2} h \d\d"
    assert titles[:3] == [
        "Déclaration",
        "Déclaration (pages 1 et 2)",
        "Déclaration (page 2) et autre chose",
    ]
    lay = ["Numérisation", *(str(PAPERS[preset]) for preset in Preset)]
    assert [re.sub(hour, "", title) for title in titles[3:]] == lay
    assert all(re.search(hour, title) for title in titles[3:])
    # The same words wherever it is named.
    for path in (
        "/documents/2/arranger",
        "/documents/2/montrer",
        "/documents/2/retirer",
    ):
        assert "Déclaration (pages 1 et 2)" in page_of(counsellor, appointment, path)


def delivered(session, appointment: int, number: int, preset: Preset) -> None:
    """Say of a scan by which job of the kiosk it was delivered, and how the paper lay."""
    query = select(Document).where(Document.number == number)
    document = session.scalars(
        query.where(Document.appointment_id == appointment)
    ).one()
    job = str(uuid4())
    session.add(
        DeviceJob(
            appointment_id=appointment,
            uuid=job,
            operation=Operation.SCAN,
            preset=str(preset),
            created_at=utc_now(),
            created_by="kiosk:wassigny",
            changed_at=utc_now(),
        )
    )
    session.add(
        ScanUpload(
            id=job.replace("-", ""),
            appointment_id=appointment,
            kiosk_id=document.appointment.kiosk_id,
            job=job,
            sha256=document.sha256,
            size=document.size,
            pages=document.pages,
            document_id=document.id,
            created_at=utc_now(),
        )
    )


def test_a_page_is_named_and_its_signature_said_to_be_good(
    counsellor, app, begun, paper, database
) -> None:
    appointment, draft = begun
    press(counsellor, appointment, f"brouillons/{draft}/imprimer")
    first, second = paper.sheets(appointment, 1)
    cut_off = second.crop((0, 0, second.width, round(second.height * 0.87)))
    paper.scan(appointment, [first, cut_off])
    console = page_of(counsellor, appointment)
    assert "Document 2, page 2 : Cette page n'a pas de carré lisible" in console
    (form,) = rows(database, PrintedForm)
    stray = rows(database, ReturnedPage)[1].id
    path = f"pages-revenues/{stray}"
    assert "Aucune de ces pages" in page_of(counsellor, appointment, f"/{path}")
    picture = counsellor.client.get(f"/rendez-vous/{appointment}/{path}.png")
    assert picture.data.startswith(b"\x89PNG")
    answer = press(counsellor, appointment, path, page="7", sens="0")
    assert answer.status_code == 422
    press(counsellor, appointment, path, page=f"{form.id}-2", sens="0")
    console = page_of(counsellor, appointment)
    assert "C'est noté. Sur cette page, la case de signature est vide." in console
    assert "page 2 : la case de signature est vide" in console
    press(counsellor, appointment, f"{path}/signature")
    assert "tout y est" in page_of(counsellor, appointment)
    press(counsellor, appointment, path, page="aucune", sens="0")
    assert "il manque la page 2" in page_of(counsellor, appointment)
    acts = [act for _, act, _ in acts_of(database, appointment)]
    named = [
        act for act in acts if act in ("returned_page_named", "signature_accepted")
    ]
    assert named == ["returned_page_named", "signature_accepted", "returned_page_named"]


def test_nobody_else_sees_them(visitor, begun, paper) -> None:
    appointment, draft = begun
    paper.print(appointment, draft)
    paper.scan(appointment, paper.sheets(appointment, 1), Source.UPLOAD)
    visitor.sign_in(SOUS_PREFECTURE)
    for path in (f"brouillons/{draft}/imprimer", "pages-revenues/1"):
        answer = visitor.client.get(f"/rendez-vous/{appointment}/{path}")
        assert answer.status_code == 404


def test_a_form_brought_to_another_appointment_is_kept_there(
    counsellor, app, begun, paper, database
) -> None:
    before, draft = begun
    paper.print(before, draft)
    first, second = paper.sheets(before, 1)
    with database.write() as session:
        mine = add_resident(session, utc_now(), birth_date=date(1948, 3, 7)).id
        theirs = add_resident(
            session, utc_now(), "guise", birth_date=date(1948, 3, 7), telephone=""
        ).id
        session.get_one(Appointment, before).resident_id = mine
    later = appointment_of(database, theirs)
    paper.scan(later, [first, scans.signed(second, BOX)], then=lambda: None)
    page_of(counsellor, later)
    wait_for_readings(app)
    console = page_of(counsellor, later)
    assert "2 pages de « Déclaration » sont revenues" in console
    assert "pour une personne du même nom, née le même jour." in console
    (printed,) = rows(database, PrintedForm)
    path = f"formulaires-imprimes/{printed.id}"
    # Not before somebody said so.
    assert press(counsellor, later, f"{path}/garder").status_code == 303
    assert "n'est plus là" in page_of(counsellor, later)
    assert len(rows(database, Document)) == 2
    assert press(counsellor, later, f"{path}/meme-personne").status_code == 303
    console = page_of(counsellor, later)
    assert "tout y est" in console and "Imprimé au rendez-vous du" in console
    assert "Revenu au rendez-vous du" in page_of(counsellor, before)
    press(counsellor, later, f"{path}/garder")
    assert "Signé et gardé : document 2." in page_of(counsellor, later)
    # The earlier appointment tells where it is.
    console = page_of(counsellor, before)
    assert "Signé et gardé : document 2 du rendez-vous du" in console
    assert f'href="/rendez-vous/{later}#printed-forms-title"' in console

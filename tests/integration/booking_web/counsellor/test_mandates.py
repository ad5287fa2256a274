# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mandate: printed twice, signed, scanned as one object, and over by its day or by a word."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.expiry import expire_documents
from booking_web.domain.mandates.signing import take_signed_scan
from booking_web.domain.mandates.standing import allows
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.mandates import Mandate
from stage.html_forms import forms_of
from stage.kiosk_ground import S, in_call, make_pdf
from tests.factories.one_sheet import text_of
from tests.integration.booking_web.conftest import SECRETARY

DAUGHTER = "Mme Zoé Œuvrard"
FORM = {
    "representative": DAUGHTER,
    "relation": "family",
    "for_appointments": "1",
    "matter": "le dossier de retraite",
}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def page_of(person, appointment: int) -> str:
    return read(person.client.get(f"/rendez-vous/{appointment}/mandats"))


def press(person, appointment: int, act: str = "", **values):
    token = forms_of(person.client.get("/rendez-vous").text)[0].values["csrf_token"]
    answer = person.client.post(
        f"/rendez-vous/{appointment}/mandats{act}",
        data={"csrf_token": token} | values,
        follow_redirects=True,
    )
    return answer.status_code, read(answer)


@pytest.fixture
def today(database, appointment):
    with database.read() as session:
        found = session.get_one(Appointment, appointment)
        return found.starts_at.date()


@pytest.fixture
def drawn_up(counsellor, appointment, resident, today) -> int:
    """Give a mandate of the appointment's resident, until in ten days."""
    until = (today + timedelta(days=10)).isoformat()
    status, page = press(counsellor, appointment, **FORM, until=until)
    assert status == 200 and "s'imprime en deux exemplaires" in page
    assert "pas encore signé : il ne permet rien" in page
    return 1


def scanned(database, archive, appointment: int) -> int:
    """Have the scan come that was asked for last."""
    with database.read() as session:
        query = select(DeviceJob.uuid).where(DeviceJob.operation == "scan")
        uuid = session.scalars(query.order_by(DeviceJob.id.desc())).first()

    def link(session, document) -> None:
        take_signed_scan(session, uuid, document, document.created_at)

    with memory_file("scan", make_pdf()) as file:
        return archive.add(
            appointment,
            file,
            title="",
            source=Source.SCAN,
            actor="kiosk:kiosk-wassigny",
            then=link,
        ).number


def test_it_is_printed_twice_in_one_job_and_says_who_for_what_until_when(
    counsellor, database, archive, appointment, drawn_up
) -> None:
    with database.read() as session:
        job = session.scalars(select(DeviceJob)).one()
        assert (job.operation, job.copies, job.document) == ("print", 2, 1)
        paper = session.scalars(select(Document)).one()
        content = b"".join(archive.read(paper))
        acts = session.scalars(select(JournalEntry)).all()
        told = " ".join(f"{each.act} {each.detail}" for each in acts)
    assert "mandate_drawn_up" in told and "Zoé" not in told
    text = text_of(content)
    for words in (DAUGHTER, "M. Dupont", "le dossier de retraite", "Signature"):
        assert words in text


def test_the_signed_scan_and_the_mandate_are_one_thing_until_it_is_revoked(
    counsellor, database, archive, appointment, drawn_up, today
) -> None:
    status, page = press(counsellor, appointment, f"/{drawn_up}/numeriser")
    assert status == 200 and "elle sera liée au mandat" in page
    number = scanned(database, archive, appointment)
    page = page_of(counsellor, appointment)
    assert "feuille signée" in page and f"document-{number}" in page
    with database.read() as session:
        mandate = session.get_one(Mandate, drawn_up)
        assert allows(mandate, today + timedelta(days=10))
        assert not allows(mandate, today + timedelta(days=11))
        assert mandate.signed_document.kind == "mandate"
    # Its signed paper stays as long as somebody may act by it, however soon others go.
    with database.write() as session:
        session.get_one(Appointment, appointment).state = S.DONE
    at = datetime.now(UTC)
    assert expire_documents(database, archive, 1, at + timedelta(days=9)) == 1
    with database.read() as session:
        assert allows(session.get_one(Mandate, drawn_up), today + timedelta(days=9))
    late = at + timedelta(days=13)
    assert expire_documents(database, archive, 1, late, dry_run=True) == 1
    # At another appointment of the same resident with the organisation it stands too.
    later = in_call(database)
    assert DAUGHTER not in read(counsellor.client.get(f"/rendez-vous/{later}"))
    with database.write() as session:
        whose = session.get_one(Appointment, appointment).resident_id
        session.get_one(Appointment, later).resident_id = whose
    console = read(counsellor.client.get(f"/rendez-vous/{later}"))
    assert DAUGHTER in console and "signé" in console
    press(counsellor, later, f"/{drawn_up}/retirer", raison="asked_by_resident")
    page = page_of(counsellor, later)
    assert "retiré : il ne permet plus rien" in page
    assert "Aucun mandat n'est en vigueur" in page
    assert "L'usager le demande – noté par Conseillère de la MSA" in page
    assert DAUGHTER not in read(counsellor.client.get(f"/rendez-vous/{later}"))
    status, page = press(counsellor, later, f"/{drawn_up}/numeriser")
    assert "Ce mandat est terminé ou retiré" in page
    with database.read() as session:
        revoked = session.get_one(Mandate, drawn_up)
        assert not allows(revoked, today)
        assert (revoked.revocation, revoked.revoked_by[:5]) == (
            "asked_by_resident",
            "user:",
        )


def test_the_secretary_sees_that_somebody_acts_may_end_it_and_gives_a_receipt(
    app, ground, visitor, counsellor, database, archive, appointment, drawn_up
) -> None:
    secretary = type(visitor)(app.test_client(), ground.passwords)
    secretary.sign_in(SECRETARY)
    page = page_of(secretary, appointment)
    assert DAUGHTER in page and "retraite" not in page
    assert "Rédiger un mandat" not in page
    token = forms_of(page)[0].values["csrf_token"]
    answer = secretary.client.post(
        f"/rendez-vous/{appointment}/mandats/{drawn_up}/retirer",
        data={"csrf_token": token, "raison": "asked_by_representative"},
        follow_redirects=True,
    )
    page = read(answer)
    assert "Le mandat est retiré" in page and "Faire le reçu" in page
    press(secretary, appointment, f"/{drawn_up}/recu")
    with database.read() as session:
        query = select(Document).order_by(Document.number.desc())
        text = text_of(b"".join(archive.read(session.scalars(query).first())))
    assert f"{DAUGHTER} (famille) n'agit plus à votre place" in text
    assert "retraite" not in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"representative": "  "}, "Écrivez le nom"),
        ({"relation": "roi"}, "Choisissez dans la liste."),
        ({"for_appointments": "", "matter": ""}, "Dites pour quoi"),
        ({"until": "2020-01-01"}, "dans un an au plus"),
        ({"until": "2990-01-01"}, "dans un an au plus"),
        ({"until": "demain"}, "dans un an au plus"),
    ],
)
def test_what_is_no_mandate_is_refused_with_what_was_typed(
    counsellor, database, appointment, wrong, said
) -> None:
    status, page = press(counsellor, appointment, **FORM | wrong)
    assert status == 422 and said in page
    with database.read() as session:
        assert session.scalars(select(Mandate)).all() == []


def test_it_is_forgotten_with_its_resident(
    counsellor, database, appointment, drawn_up
) -> None:
    with database.write() as session:
        session.get_one(Appointment, appointment).state = S.DONE
        prune(session, 30, datetime.now(UTC) + timedelta(days=40))
    with database.read() as session:
        assert session.scalars(select(Mandate)).all() == []

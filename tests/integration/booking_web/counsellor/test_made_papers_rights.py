# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who reads documents: who fills in. A secretary reads what she added, and can print all again."""

import html

import pytest

from booking_web.base.own_process import memory_file
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob
from booking_web.tables.receipts import Receipt
from provisioning.database.models import User
from stage.html_forms import forms_of
from stage.kiosk_ground import make_pdf
from tests.factories.rows import rows

SECRETARY, COUNSELLOR = "mairie@wassigny.example", "conseiller@msa.example"
TITLE, COLLEAGUES = "Demande de RSA", "Avis d'imposition"
READING = (
    *("documents/{0}.pdf", "documents/{0}.pdf?telecharger=1", "documents/{0}.png"),
    *("documents/{0}/montrer", "documents/{0}/pages/1.png", "documents/{0}/arranger"),
    "documents/{0}/retirer",
)


@pytest.fixture
def made(archive, database, appointment):
    """Have a form filled in and a receipt made; then a notice that the secretary added, and two
    papers that she did not: a colleague's and a scan."""
    [secretary] = [each for each in rows(database, User) if each.email == SECRETARY]
    [counsellor] = [each for each in rows(database, User) if each.email == COUNSELLOR]
    added = [
        (TITLE, Source.MADE, f"user:{counsellor.id}"),
        ("Reçu du 27 novembre", Source.MADE, f"user:{counsellor.id}"),
        ("Notice", Source.UPLOAD, f"user:{secretary.id}"),
        (COLLEAGUES, Source.UPLOAD, f"user:{counsellor.id}"),
        ("Jugement", Source.SCAN, "kiosk:kiosk-wassigny"),
    ]
    made = []
    for title, source, actor in added:
        with memory_file("made", make_pdf(2)) as file:
            made.append(
                archive.add(appointment, file, title=title, source=source, actor=actor)
            )
    document = made[1]
    with database.write() as session:
        session.add(
            Receipt(
                appointment_id=appointment,
                document_id=document.id,
                sha256=document.sha256,
                made_at=document.created_at,
            )
        )


@pytest.fixture
def other(visitor):
    """Give somebody who has the console, and fills in nothing."""
    assert visitor.sign_in(SECRETARY).status_code == 302
    return visitor


def test_who_fills_in_nothing_reads_what_they_added_and_of_others_that_they_are_there(
    other, appointment, made
) -> None:
    base = f"/rendez-vous/{appointment}"
    page = html.unescape(other.client.get(base).text)
    for title in (TITLE, COLLEAGUES, "Jugement"):
        assert title not in page
    assert page.count("Papier fait avec le conseiller") == 2
    assert page.count("Papier de ce rendez-vous") == 2
    token = forms_of(page)[0].values["csrf_token"]
    for number in (1, 2, 4, 5):
        for path in READING:
            address = f"{base}/{path.format(number)}"
            assert address not in page
            assert other.client.get(address).status_code == 403
        for act in ("montrer", "retirer"):
            address = f"{base}/documents/{number}/{act}"
            answer = other.client.post(address, data={"csrf_token": token})
            assert answer.status_code == 403
    # What they added themselves.
    assert "Notice" in page
    for path in READING:
        assert other.client.get(f"{base}/{path.format(3)}").status_code == 200


def test_a_made_paper_is_not_read_by_way_of_a_scan_that_it_is_joined_to(
    other, appointment, made
) -> None:
    table = f"/rendez-vous/{appointment}/documents/3/arranger"
    page = other.client.get(table).text
    assert TITLE not in page and 'name="document" value="1"' not in page
    token = forms_of(page)[0].values["csrf_token"]
    data = {"csrf_token": token, "revision": "0", "document": "1"}
    assert other.client.post(f"{table}/joindre", data=data).status_code == 403


def test_who_fills_in_nothing_makes_no_receipt_and_reads_no_proposal(
    other, database, appointment
) -> None:
    base = f"/rendez-vous/{appointment}"
    page = other.client.get(base).text
    assert f"{base}/recu" not in page
    assert "Le conseiller n'a pas encore fait le reçu." in html.unescape(page)
    token = forms_of(page)[0].values["csrf_token"]
    assert other.client.get(f"{base}/recu").status_code == 403
    for path in ("recu", "recu/imprimer"):
        answer = other.client.post(f"{base}/{path}", data={"csrf_token": token})
        assert answer.status_code == 403
    assert rows(database, Receipt) == [] and rows(database, DeviceJob) == []


def test_a_receipt_that_was_made_is_printed_again_without_being_read(
    other, database, appointment, made
) -> None:
    page = other.client.get(f"/rendez-vous/{appointment}").text
    assert "Imprimer le reçu encore une fois" in page
    [again] = [
        form
        for form in forms_of(page)
        if form.values.get("document") == "2" and form.values.get("colour") == "gray"
    ]
    assert other.client.post(again.action, data=again.values).status_code == 303
    [job] = rows(database, DeviceJob)
    assert (job.operation, job.document, job.state) == ("print", 2, "pending")


def test_who_fills_in_reads_all_of_it(counsellor, appointment, made) -> None:
    base = f"/rendez-vous/{appointment}"
    page = html.unescape(counsellor.client.get(base).text)
    assert TITLE in page and f"{base}/recu" in page
    for number in range(1, 6):
        for path in READING:
            address = f"{base}/{path.format(number)}"
            assert counsellor.client.get(address).status_code == 200

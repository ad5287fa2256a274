# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who reads what was made with a resident: who fills in; a secretary can print it again."""

import html

import pytest

from booking_web.base.own_process import memory_file
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob
from booking_web.tables.receipts import Receipt
from stage.html_forms import forms_of
from stage.kiosk_ground import add_document, make_pdf
from tests.factories.rows import rows

SECRETARY, ADMINISTRATOR = "mairie@wassigny.example", "admin@guichet.example"
TITLE = "Demande de RSA"
READING = (
    *("documents/1.pdf", "documents/1.pdf?telecharger=1", "documents/1.png"),
    *("documents/1/montrer", "documents/1/pages/1.png", "documents/1/arranger"),
)


@pytest.fixture
def made(archive, database, appointment):
    """Have a form filled in and a receipt made, and a notice added by hand."""
    for title in (TITLE, "Reçu du 27 novembre"):
        with memory_file("made", make_pdf()) as file:
            document = archive.add(
                appointment, file, title=title, source=Source.MADE, actor="user:1"
            )
    with database.write() as session:
        session.add(
            Receipt(
                appointment_id=appointment,
                document_id=document.id,
                sha256=document.sha256,
                made_at=document.created_at,
            )
        )
    add_document(archive, appointment, make_pdf(2), "Notice")


@pytest.fixture(params=[SECRETARY, ADMINISTRATOR])
def other(request, visitor):
    """Give somebody who has the console, and fills in nothing."""
    assert visitor.sign_in(request.param).status_code == 302
    return visitor


def test_who_fills_in_nothing_reads_no_made_paper_and_not_its_title(
    other, appointment, made
) -> None:
    base = f"/rendez-vous/{appointment}"
    page = html.unescape(other.client.get(base).text)
    assert TITLE not in page
    assert page.count("Papier fait avec le conseiller") == 2
    # What was added by hand stays as it was.
    assert "Notice" in page and f'href="{base}/documents/3.pdf"' in page
    for path in READING:
        assert f"{base}/{path}" not in page
        assert other.client.get(f"{base}/{path}").status_code == 403
    token = forms_of(page)[0].values["csrf_token"]
    shown = other.client.post(f"{base}/documents/1/montrer", data={"csrf_token": token})
    assert shown.status_code == 403
    assert TITLE not in html.unescape(
        other.client.get(f"{base}/documents/1/retirer").text
    )


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
    for path in READING:
        assert counsellor.client.get(f"{base}/{path}").status_code == 200

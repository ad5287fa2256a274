# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans looked at together: on the second screen as they are arranged, and scanned again."""

import hashlib
import io
import uuid

import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.tables.documents import CodeToPlay, DeviceJob, Document
from stage.kiosk_ground import (
    add_document,
)
from tests.factories.scan_table import Table, nearest, tops
from tests.factories.scanned_pages import scan_of_colours

MSA = "conseiller@msa.example"
KIOSK = "kiosk-wassigny"
API = "/api/kiosk/v1"


@pytest.fixture
def table(visitor, archive, appointment):
    add_document(archive, appointment, scan_of_colours("red", "green", "blue"))
    assert visitor.sign_in(MSA).status_code == 302
    return Table(visitor.client, appointment, 1)


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, KIOSK)
    return client


@pytest.fixture
def deliver(app, ground, database, appointment):
    """Give a function that delivers, as the kiosk, the scan of the job prepared last."""
    kiosk = app.test_client()
    bearer = {"Authorization": f"Bearer {ground.kiosk_tokens[KIOSK]}"}

    def send(content: bytes, pages: int, job: str = "") -> None:
        if not job:
            with database.read() as session:
                query = select(DeviceJob.uuid).order_by(DeviceJob.id.desc())
                job = session.scalars(query.limit(1)).one() or ""
        announced = {
            "job": job,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "pages": pages,
        }
        address = f"{API}/appointments/{appointment}/scans"
        told = kiosk.post(address, json=announced, headers=bearer)
        assert told.status_code == 201
        piece = {
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
        }
        answer = kiosk.patch(
            told.headers["Location"], data=content, headers=bearer | piece
        )
        assert answer.status_code == 204

    return send


def shown_on(screen) -> Image.Image:
    """Give the picture that the second screen's page asks for."""
    page = screen.get("/borne").text
    address = page.partition('<img src="')[2].partition('"')[0]
    return Image.open(io.BytesIO(screen.get(address).data)).convert("RGB")


def test_the_second_screen_shows_a_page_as_it_is_arranged_and_then_as_it_is_kept(
    table, screen
):
    page = table.do("", "/2/montrer")
    assert "Cette page est envoyée au second écran." in page
    assert "Envoyé au second écran, pas encore affiché." in page
    first = screen.get("/borne").text
    picture = shown_on(screen)
    screen.post("/borne/vu", data={"feuille": "document-1/2", "langue": "fr"})
    assert "Montrée au second écran" in table.look()
    assert nearest(picture.getpixel((picture.width // 2, 20))) == "green"
    assert picture.height > picture.width
    table.do("droite 2")
    # The page asks for another picture: what it showed is not what it shows now.
    assert screen.get("/borne").text != first
    picture = shown_on(screen)
    assert picture.width > picture.height
    assert nearest(picture.getpixel((20, 20))) == "white"
    table.do("retirer 1")
    table.keep()
    assert "page 1 sur 2" in screen.get("/borne").text
    picture = shown_on(screen)
    assert picture.width > picture.height
    table.do("cacher", f"/{_first_key(table)}/montrer")
    assert "Le conseiller est là." in screen.get("/borne").text


def _first_key(table: Table) -> str:
    return table.page.partition('id="page-')[2].partition('"')[0]


def test_a_page_that_is_scanned_again_is_replaced_by_what_comes(
    table, deliver, database
):
    page = table.do("", "/2/refaire", preset="a4")
    assert "la nouvelle page prendra la place de celle-ci" in page
    assert "Une nouvelle numérisation va la remplacer." in page
    with database.read() as session:
        codes = session.scalars(select(CodeToPlay.code)).all()
        job = session.scalars(select(DeviceJob)).one()
    assert (codes, job.operation, job.preset) == (["*71#"], "scan", "a4")
    # Meanwhile the others are arranged.
    table.do("apres 1")
    deliver(scan_of_colours("white"), 1)
    page = table.look()
    assert "Une nouvelle numérisation" not in page
    assert "du document 2" in page
    # What came in its place can be taken back too.
    table.do("annuler")
    assert "du document 2" not in table.page
    table.do("", "/joindre", document="2")
    assert table.page.count("data-laid") == 4
    table.do("annuler")
    assert table.page.count("data-laid") == 3


def test_a_page_scanned_again_is_kept_in_its_place(table, deliver):
    table.do("", "/2/refaire", preset="a4")
    deliver(scan_of_colours("white", "green"), 2)
    table.look()
    assert tops(table.keep()) == ["red", "white", "green", "blue"]


def test_a_scan_for_a_page_that_is_gone_or_that_nobody_asked_for_is_a_document_alone(
    table, deliver, database
):
    table.do("", "/2/refaire", preset="a4")
    table.do("retirer 2")
    deliver(scan_of_colours("white"), 1)
    deliver(scan_of_colours("blue"), 1, str(uuid.uuid4()))
    assert table.look().count("data-laid") == 2
    with database.read() as session:
        numbers = session.scalars(select(Document.number).order_by(Document.id)).all()
    assert numbers == [1, 2, 3]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans looked at together: pages turned, cropped, moved, dropped, joined, named and kept."""

import html
import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.documents import Document
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    bring_to,
)
from tests.factories.rows import rows
from tests.factories.scan_table import Table, drawn, nearest, tops
from tests.factories.scanned_pages import CAMERA_NOTE, hidden_in, scan_of_colours

MSA = "conseiller@msa.example"


@pytest.fixture
def scan(archive, appointment):
    """Give the document of three pages: red, green, blue."""
    return add_document(archive, appointment, scan_of_colours("red", "green", "blue"))


@pytest.fixture
def table(counsellor, appointment, scan):
    return Table(counsellor.client, appointment, scan.number)


def stored(tmp_path) -> list[str]:
    folder = tmp_path / "documents" / "content"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_pages_are_turned_moved_and_dropped_without_losing_a_pixel(table, archive):
    page = table.look()
    assert "Pages du document 1" in page
    table.do("droite 1")
    table.do("apres 1")
    page = table.do("retirer 3")
    assert "tournée à droite" in page
    kept = table.keep()
    assert tops(kept) == ["green", "white"]
    # Turned to the right, what was above is on the right.
    [(upright, _), (turned, _)] = drawn(kept)
    assert (upright, turned) == ((595, 842), (842, 595))
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        images = [
            bytes(image.read_raw_bytes()) for image in pdf.objects if _is_picture(image)
        ]
        assert not pdf.docinfo
        assert "/Metadata" not in pdf.Root
    # The pictures are those of the scan, without what the camera wrote into them.
    assert all(each[:2] == b"\xff\xd8" for each in images)
    assert CAMERA_NOTE.encode() not in hidden_in(kept)


def test_the_last_gesture_is_undone_as_often_as_wanted(table):
    assert 'id="annuler"' in table.page
    table.do("retirer 1")
    table.do("gauche 2")
    assert table.page.count("data-laid") == 2
    table.do("annuler")
    table.do("annuler")
    assert table.page.count("data-laid") == 3
    assert "tournée" not in table.page
    # Once more does nothing.
    table.do("annuler")
    assert table.page.count("data-laid") == 3


def test_what_is_cropped_away_is_not_in_the_document_any_more(table):
    # The lower half, with the words, is taken off; the page is turned half first.
    table.do("demi-tour 1")
    table.do("cadre", "/1/recadrer", haut="50", gauche="0", droite="0", bas="0")
    assert "renversée, recadrée" in table.page
    kept = table.keep()
    [(size, colours), *others] = drawn(kept)
    assert size == (595, 421)
    assert colours == ["red", "red"]
    assert [each[0] for each in others] == [(595, 842)] * 2
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        image = pdf.pages[0].obj.Resources.XObject.Scan
        # One picture, as large as what is left: nothing is hidden by a box.
        assert "/CropBox" not in pdf.pages[0].obj
        assert int(image.Height) < int(image.Width)
        assert len([o for o in pdf.objects if _is_picture(o)]) == 3


def _is_picture(item) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"


def test_pages_of_another_scan_are_joined(
    counsellor, archive, appointment, table, tmp_path
):
    add_document(archive, appointment, scan_of_colours("white", "red"))
    assert "Joindre un autre document" in table.look()
    page = table.do("", "/joindre", document="2")
    assert "2 pages du document 2 sont jointes" in page
    assert page.count("data-laid") == 5
    kept = table.keep()
    assert tops(kept) == ["red", "green", "blue", "white", "red"]
    # The other one stays as it is.
    other = f"/rendez-vous/{appointment}/documents/2.pdf"
    assert tops(counsellor.client.get(other).data) == ["white", "red"]


def test_a_copy_says_what_it_is_for(table):
    assert "copie pour la MSA, " in table.page
    page = table.do("ecrire", "/copie", mention="copie pour la MSA, 25/11/2026")
    assert "« copie pour la MSA, 25/11/2026 » sera écrit sur chaque page" in page
    before = table.pdf()
    kept = table.keep()
    assert len(drawn(kept)) == 3
    for marked, plain in zip(_greys(kept), _greys(before), strict=True):
        # Readable, and hiding nothing.
        assert 0.003 < marked - plain < 0.1


def _greys(pdf: bytes) -> list[float]:
    """Give how dark each page is, from 0 to 1."""
    darkness = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            lower = page.render(scale=1).to_pil().convert("L")
            histogram = lower.crop((0, 430, lower.width, lower.height)).histogram()
            total = sum(histogram)
            darkness.append(sum((255 - v) * n for v, n in enumerate(histogram)) / total)
    return [each / 255 for each in darkness]


def test_a_document_is_named_by_its_kind_and_title(
    counsellor, database, appointment, table
):
    table.do("", "/nommer", nature="health_card", titre="")
    [document] = rows(database, Document)
    assert (document.kind, document.title) == ("health_card", "")
    console = html.unescape(counsellor.client.get(f"/rendez-vous/{appointment}").text)
    assert "Carte Vitale" in console
    table.do("", "/nommer", nature="other", titre="  Lettre\nde la CAF ")
    [document] = rows(database, Document)
    assert (document.kind, document.title) == ("other", "Lettre de la CAF")
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert acts.count("document_named") == 2
    details = " ".join(detail for _, _, detail in acts_of(database, appointment))
    assert "CAF" not in details and "health" not in details


def test_what_was_scanned_comes_back_and_what_was_made_of_it_is_erased(
    table, database, appointment, tmp_path
):
    before = table.pdf()
    [scanned] = stored(tmp_path)
    table.do("retirer 1")
    kept = table.keep()
    assert tops(kept) == ["green", "blue"]
    assert len(stored(tmp_path)) == 2
    assert "Revenir à la numérisation d'origine" in table.page
    table.do("revenir", "/origine")
    assert table.pdf() == before
    assert stored(tmp_path) == [scanned]
    assert rows(database, DocumentOriginal) == []
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert [act for act in acts if act.startswith("document_")] == [
        "document_added",
        "document_arranged",
        "document_set_back",
    ]


def test_arranged_twice_the_first_scan_is_what_comes_back(table, tmp_path):
    before = table.pdf()
    table.do("retirer 1")
    table.keep()
    keys = [form for form in table.page.split('id="page-')[1:]]
    first = keys[0].split('"')[0]
    table.do(f"retirer {first}")
    assert tops(table.keep()) == ["blue"]
    assert len(stored(tmp_path)) == 2
    table.do("revenir", "/origine")
    assert table.pdf() == before


def test_the_original_is_erased_at_once_where_the_resident_wants_it(
    table, database, appointment, tmp_path
):
    table.do("retirer 1")
    kept = table.keep()
    table.do("effacer", "/origine")
    assert len(stored(tmp_path)) == 1
    assert table.pdf() == kept
    assert "Revenir à la numérisation" not in table.page
    page = table.do("revenir", "/origine")
    assert "n'est plus là" in page
    assert table.pdf() == kept
    assert "original_erased" in [act for _, act, _ in acts_of(database, appointment)]


def test_a_removed_document_leaves_neither_content_nor_original_nor_table(
    table, database, archive, tmp_path
):
    table.do("retirer 1")
    table.keep()
    table.client.get(f"{table.address}/5.jpg")
    [document] = rows(database, Document)
    assert archive.remove(document.id, "unreadable", "user:1")
    assert stored(tmp_path) == []
    assert rows(database, DocumentOriginal) == []
    assert rows(database, Arrangement) == []
    for folder in ("preview", "pages"):
        left = [p for p in (tmp_path / "documents" / folder).rglob("*") if p.is_file()]
        assert left == []
    assert table.client.get(table.address).status_code == 404
    assert table.press("gauche 2").status_code == 404


def test_arranging_goes_on_after_the_call_and_showing_does_not(
    table, database, appointment
):
    bring_to(database, appointment, S.DONE)
    table.do("retirer 1")
    page = table.do("", "/2/montrer")
    assert "la borne n'écoute plus" in page
    page = table.do("", "/2/refaire", preset="a4")
    assert "la borne n'écoute plus" in page
    assert tops(table.keep()) == ["green", "blue"]


def test_a_picture_of_each_page_shows_how_it_lies(table):
    table.do("droite 1")
    small = table.client.get(f"{table.address}/1.jpg")
    with Image.open(io.BytesIO(small.data)) as picture:
        assert picture.width > picture.height
        assert nearest(picture.getpixel((picture.width - 20, 20))) == "red"
        assert nearest(picture.getpixel((20, 20))) == "white"
    table.do("cadre", "/1/recadrer", haut="0", gauche="50", droite="0", bas="0")
    small = table.client.get(f"{table.address}/1.jpg")
    with Image.open(io.BytesIO(small.data)) as picture:
        assert nearest(picture.getpixel((20, 20))) == "red"
    large = table.client.get(f"{table.address}/1-entiere.jpg")
    with Image.open(io.BytesIO(large.data)) as picture:
        assert picture.width > 1500
    assert table.client.get(f"{table.address}/99.jpg").status_code == 404

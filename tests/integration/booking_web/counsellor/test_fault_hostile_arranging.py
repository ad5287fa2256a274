# SPDX-License-Identifier: AGPL-3.0-or-later
"""Orders for a table that no page offers: refused, and the document stays as it was."""

import pytest
from sqlalchemy import select

from booking_web.tables.arrangements import Arrangement
from booking_web.tables.documents import Document
from stage.kiosk_ground import (
    add_document,
    in_call,
)
from tests.factories.scan_table import Table
from tests.factories.scanned_pages import scan_of_colours

MSA = "conseiller@msa.example"


@pytest.fixture
def table(visitor, archive, database):
    appointment = in_call(database)
    add_document(archive, appointment, scan_of_colours("red", "green"))
    assert visitor.sign_in(MSA).status_code == 302
    return Table(visitor.client, appointment, 1)


def revision_of(database) -> int:
    with database.read() as session:
        return session.scalar(select(Arrangement.revision)) or 0


@pytest.mark.parametrize(
    ("at", "values"),
    [
        ("", {"geste": "droite -1"}),
        ("", {"geste": "droite 1.5"}),
        ("", {"geste": "droite 99999999999999999999"}),
        ("", {"geste": "exploser 1"}),
        ("", {"geste": ""}),
        ("", {"geste": "droite 1", "revision": "-1"}),
        ("", {"geste": "droite 1", "revision": "x"}),
        ("", {"geste": "droite 1", "revision": "9" * 400}),
        ("/joindre", {"document": "all"}),
        ("/1/refaire", {"preset": "everything"}),
        ("/nommer", {"nature": "passport of somebody", "titre": "x"}),
    ],
)
def test_what_no_page_offers_is_not_understood(table, database, at, values):
    assert table.press("", at, **values).status_code == 422
    assert revision_of(database) == 0


@pytest.mark.parametrize("key", [0, 3, 10_000])
def test_a_page_that_is_not_there_is_told(table, database, key):
    assert "n'est plus là" in table.do(f"droite {key}")
    assert "n'est plus là" in table.do("", f"/{key}/recadrer", haut="10")
    assert table.client.get(f"{table.address}/{key}").status_code == 404
    assert table.client.get(f"{table.address}/{key}.jpg").status_code == 404
    assert revision_of(database) == 0


@pytest.mark.parametrize(
    "sides",
    [
        {"haut": "-5"},
        {"haut": "60", "bas": "60"},
        {"gauche": "100"},
        {"droite": "nan"},
        {"droite": "1e999"},
        {"bas": "beaucoup"},
    ],
)
def test_a_crop_that_leaves_nothing_is_told_on_the_page_itself(table, database, sides):
    answer = table.press("cadre", "/1/recadrer", **sides)
    assert answer.location == f"{table.address}/1"
    assert (
        "Ce cadre ne laisse rien de la page" in table.client.get(answer.location).text
    )
    assert revision_of(database) == 0


def test_of_ten_thousand_entries_one_counts_and_late_ones_none(table, database):
    turns = (("geste", f"droite {n}") for n in range(1, 10_000))
    many = [*table.values.items(), *turns]
    for _ in range(2):
        assert table.client.post(table.address, data=dict_of(many)).status_code == 303
    assert table.look().count("tournée à droite") == 1
    assert revision_of(database) == 1


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def test_words_that_no_letter_draws_are_taken_out_of_a_mark(table):
    page = table.do(
        "ecrire", "/copie", mention="copie\x00 pour\u202e <b>moi</b> " + "x" * 500
    )
    assert "« copie pour <b>moi</b> xxxx" in page
    assert len(page.partition("« copie")[2].partition(" »")[0]) < 90
    assert table.keep()[:5] == b"%PDF-"


def test_a_document_that_is_removed_while_it_is_looked_at_is_told(
    table, archive, database
):
    table.do("retirer 1")
    with database.read() as session:
        document = session.scalars(select(Document)).one()
    archive.remove(document.id, "unreadable", "user:1")
    for at in ("", "/garder", "/origine", "/nommer", "/1/recadrer"):
        assert table.press("droite 2", at).status_code == 404
    with database.read() as session:
        assert session.scalars(select(Arrangement)).all() == []

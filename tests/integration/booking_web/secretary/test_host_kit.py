# SPDX-License-Identifier: AGPL-3.0-or-later
"""The poster and the leaflet of a relay: what the site knows, on one sheet."""

from datetime import date

import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select, update

from booking_web.tables.hours import Opening, RelayRules
from provisioning.database.models import Counter, Organisation, Relay
from stage.keyboard_desk import publish_hours


@pytest.fixture
def furnished(database) -> None:
    """Give the relay a telephone, one organisation hours, and let another not receive it."""
    publish_hours(database, "msa")
    with database.write() as session:
        session.execute(
            update(Relay)
            .where(Relay.slug == "wassigny")
            .values(room="Bureau 2", telephone="+33199000101")
        )
        ids = dict(session.execute(select(Organisation.slug, Organisation.id)).all())
        relay = session.scalars(select(Relay.id).where(Relay.slug == "wassigny")).one()
        session.add(
            RelayRules(
                organisation_id=ids["mission-locale-thierache"],
                relay_id=relay,
                is_served=False,
            )
        )
        counter = session.scalars(
            select(Counter.id).where(Counter.organisation_id == ids["msa"])
        ).first()
        session.add(
            Opening(
                counter_id=counter,
                first_day=date(2020, 1, 1),
                weekdays=32,
                every_weeks=2,
                opens_minute=9 * 60,
                closes_minute=12 * 60,
            )
        )


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join("\n".join(pages).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("kind", "width", "sides"), [("affiche", 595, 1), ("depliant", 420, 2)]
)
def test_it_says_where_who_when_and_how_on_its_paper(
    desk, furnished, tmp_path, kind, width, sides
) -> None:
    answer = desk.client.get(f"/bureau/affiches/{kind}.pdf?relais=wassigny")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    file = tmp_path / f"{kind}.pdf"
    file.write_bytes(answer.data)
    with pikepdf.open(file) as pdf:
        assert len(pdf.pages) == sides
        assert abs(float(pdf.pages[0].mediabox[2]) - width) < 1
        # It can be read aloud.
        assert pdf.Root.MarkInfo.Marked
    told = text_of(answer.data)
    for words in (
        "Relais de Wassigny",
        "Bureau 2",
        "01 99 00 01 01",
        "1. Venez au relais",
        "4. Vous repartez",
        "Du lundi au vendredi : 9 h – 17 h",
        "D'autres jours aussi : demandez.",
        "Heures : demandez à l'accueil.",
    ):
        assert words in told, words
    assert "Mission locale" not in told


def test_both_are_offered_for_ones_own_relay_alone(desk) -> None:
    page = desk.client.get("/bureau/affiches").text
    assert "/bureau/affiches/affiche.pdf?relais=wassigny" in page
    assert "guise" not in page
    for address in ("affiche.pdf?relais=guise", "autre.pdf"):
        assert desk.client.get(f"/bureau/affiches/{address}").status_code == 404

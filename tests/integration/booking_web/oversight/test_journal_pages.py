# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officer asks who did what with whose file, and hands a paper to the resident."""

import html
import re
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from sqlalchemy import event, select

from booking_web.domain.journal.chaining import Chain
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.register import create_resident
from booking_web.shell.services import EXTENSION
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from provisioning.database.models import User
from stage.appointments import put_appointment
from tests.integration.booking_web.conftest import Desk

OFFICER = "rgpd@guichet.example"
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Told:
    """A resident of Wassigny whose file two offices opened, and another of Guise."""

    def __init__(self, session) -> None:
        self.resident = create_resident(session, 1, "Mme Zoé Lefèvre", 1, NOW).id
        number = put_appointment(session, "kiosk-wassigny", "msa", starts_at=NOW + DAY)
        mine = session.get_one(Appointment, number)
        mine.resident_id, mine.resident_name = self.resident, "Mme Zoé Lefèvre"
        other = session.get_one(
            Appointment,
            put_appointment(session, "kiosk-guise", "msa", starts_at=NOW + 2 * DAY),
        )
        self.actors = {
            role: f"user:{number}" for role, number in accounts(session).items()
        }
        for act, role, detail, at in (
            (Act.CONSOLE_OPENED, "counsellor", "", NOW - 5 * DAY),
            (Act.VIEWED, "counsellor", "document 1", NOW - 5 * DAY),
            (Act.VIEWED, "counsellor", "document 2", NOW - 5 * DAY),
            (Act.SLIP_MADE, "secretary", "", NOW - 2 * DAY),
        ):
            tell(session, act, mine, actor=self.actors[role], at=at, detail=detail)
        tell(
            session, Act.CONSOLE_OPENED, other, actor=self.actors["counsellor"], at=NOW
        )
        write_down(
            session, Act.LISTED, actor=self.actors["secretary"], at=NOW, detail="day"
        )


def accounts(session) -> dict[str, int]:
    """Give the number of an account of each role, of Wassigny or of the MSA."""
    emails = {
        "secretary": "mairie@wassigny.example",
        "counsellor": "conseiller@msa.example",
    }
    return {
        role: session.scalars(select(User.id).where(User.email == email)).one()
        for role, email in emails.items()
    }


@pytest.fixture
def told(app) -> Told:
    with app.extensions[EXTENSION].database.write() as session:
        return Told(session)


@pytest.fixture
def officer(visitor: Desk) -> Desk:
    visitor.sign_in(OFFICER)
    return visitor


def lines_of(officer: Desk, **asked: object) -> list[list[str]]:
    """Give the rows of the page, each as its cells are read."""
    answer = officer.client.get("/journal", query_string=asked)
    assert answer.status_code == 200
    found = []
    for row in re.findall(r"<tr.*?</tr>", answer.text, re.DOTALL)[1:]:
        shown = re.sub(r'<span class="column-name".*?</span>', "", row)
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", shown, re.DOTALL)
        words = (re.sub(r"<[^>]*>", " ", html.unescape(cell)) for cell in cells)
        found.append([" ".join(each.split()) for each in words])
    return found


def acts(lines: list[list[str]]) -> list[str]:
    return [line[2] for line in lines]


def test_the_officer_finds_who_did_what_with_whose_file(officer, told) -> None:
    mine = lines_of(officer, usager=told.resident)
    assert acts(mine) == [
        "Fiche du rendez-vous imprimée",
        "Consultation",
        "Consultation",
        "Dossier du rendez-vous ouvert",
        "Usager inscrit",
    ]
    assert {line[4] for line in mine} == {"Mme Zoé Lefèvre"}
    when, who, what, detail, _, appointment, place, _ = mine[1]
    assert (what, detail) == ("Consultation", "document 2")
    assert when == "19 nov. 2026 12 h 00"
    assert who and who != told.actors["counsellor"]
    assert appointment.startswith("nº ") and "Relais de Wassigny" in place
    # That it was looked for is a line, of this resident too.
    assert acts(lines_of(officer, usager=told.resident))[0] == (
        "Recherche dans le journal"
    )


def test_each_field_narrows_the_search(officer, told) -> None:
    counsellor = told.actors["counsellor"].removeprefix("user:")
    assert len(lines_of(officer, personne=counsellor)) == 4
    assert acts(lines_of(officer, acte="imprime")) == ["Fiche du rendez-vous imprimée"]
    assert {line[6] for line in lines_of(officer, relais=2, acte="vu")} <= {
        "Mutualité sociale agricole (MSA), Relais de Guise"
    }
    days = lines_of(officer, du="2026-11-22", au="2026-11-22")
    assert acts(days) == ["Fiche du rendez-vous imprimée"]
    page = officer.client.get("/journal?du=2031-01-01&au=2031-01-02").text
    assert "Aucune ligne ne correspond." in page
    for wrong in ("usager=9999999", "acte=rien", "du=hier", "avant=x", "relais=-1"):
        assert officer.client.get(f"/journal?{wrong}").status_code == 404


def test_pages_follow_each_other_and_cost_the_same(officer, told, app) -> None:
    database = app.extensions[EXTENSION].database
    statements: list[str] = []

    def asked(**values: object) -> int:
        statements.clear()
        lines_of(officer, **values)
        return len(statements)

    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: statements.append(statement),
    )
    few = asked()
    with database.write() as session:
        for number in range(120):
            detail = f"document {number}"
            actor = told.actors["counsellor" if number % 2 else "secretary"]
            write_down(session, Act.VIEWED, actor=actor, at=NOW, detail=detail)
    assert asked() <= few + 2
    first = officer.client.get("/journal").text
    [older] = re.findall(r'href="(/journal\?avant=\d+)"', first)
    second = officer.client.get(older).text
    assert "document 119" in first and "document 119" not in second
    assert "document 69" in second and "Les plus récentes" in second


def test_the_lines_are_taken_to_a_spreadsheet(officer, told, database) -> None:
    answer = officer.client.get(
        "/journal/journal.csv", query_string={"acte": "imprime"}
    )
    assert answer.mimetype == "text/csv"
    titles, line, *rest = answer.data.decode("utf-8-sig").splitlines()
    assert titles.startswith("Date et heure;Qui;Quoi;") and rest == []
    assert "Mme Zoé Lefèvre" in line
    with database.read() as session:
        query = select(JournalEntry).where(JournalEntry.act == Act.JOURNAL_EXPORTED)
        [entry] = session.scalars(query)
    assert (entry.detail, entry.origin) == ("acte imprime", "127.0.0.1")


def test_a_resident_is_found_by_name_and_handed_a_paper_without_names(
    officer, told, database, app
) -> None:
    token = re.search(
        r'name="csrf_token" value="([^"]+)"',
        officer.client.get("/journal/usagers").text,
    )
    assert token is not None
    found = officer.client.post(
        "/journal/usagers", data={"cherche": "lefev", "csrf_token": token[1]}
    ).text
    address = f"/journal/usagers/{told.resident}/qui-a-vu.pdf"
    assert address in found and "Zoé Lefèvre" in found
    Chain(app.extensions[EXTENSION].database, lambda: NOW).catch_up()
    answer = officer.client.get(address)
    assert answer.mimetype == "application/pdf"
    words = " ".join(words_of(answer.data).split())
    for expected in (
        "Pour Mme Zoé Lefèvre. Relais : Relais de Wassigny.",
        "Un conseiller, Mutualité sociale agricole (MSA)",
        "Consultation (2 fois ce jour-là)",
        "Secrétariat de mairie, Relais de Wassigny",
        "Fiche du rendez-vous imprimée",
        "Votre nom a aussi pu être lu dans une liste",
        "CNIL",
    ):
        assert expected in words
    with database.read() as session:
        for name in names_of_staff(session):
            assert name not in words
        query = select(JournalEntry).where(JournalEntry.act == Act.FILE_ACCOUNTED_FOR)
        [entry] = session.scalars(query)
    assert entry.resident_id == told.resident


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(page.get_textpage().get_text_bounded() for page in document)


def names_of_staff(session) -> list[str]:
    return list(session.scalars(select(User.name)))

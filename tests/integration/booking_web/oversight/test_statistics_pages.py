# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statistics as each role reads them: on the page, in a spreadsheet, on the council's sheet."""

import io
import re
import subprocess

import pikepdf
import pytest
from sqlalchemy import select

from booking_web.tables.administration import DirectoryAct
from booking_web.tables.statistics import AppointmentFigures, Result, TravelDistance
from provisioning.database.models import Organisation, Relay
from tests.factories.counted import MONDAY, MSA, fill_two_weeks, number_of
from tests.integration.booking_web.conftest import SECRETARY, Desk

ADMINISTRATOR = "admin@guichet.example"
NEIGHBOUR = "mairie@guise.example"
MANAGER = "responsable@msa.example"
SUPERVISOR = "supervision@guichet.example"
PAGE = "/statistiques"
DAYS = "du=2025-10-20&au=2025-11-02"
SHEET, COUNCIL = f"{PAGE}/tableau.csv?{DAYS}", f"{PAGE}/conseil.pdf?{DAYS}"


@pytest.fixture
def person(app, ground):
    """Give a function that signs somebody in."""

    def sign_in(email: str):
        someone = Desk(app.test_client(), ground.passwords)
        assert someone.sign_in(email).status_code == 302
        return someone.client

    return sign_in


@pytest.fixture
def filled(database):
    return fill_two_weeks(database)


def lines_of(sheet: bytes) -> dict[str, list[str]]:
    """Read a spreadsheet: its lines by their first cell."""
    text = sheet.decode("utf-8-sig")
    cells = [line.split(";") for line in text.splitlines()]
    return {line[0]: line[1:] for line in cells}


def words_of(pdf: bytes) -> str:
    run = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return re.sub(r"\s+", " ", run.stdout.decode())


def test_before_anything_is_counted_the_page_says_when_it_will_be(person) -> None:
    page = person(SECRETARY).get(PAGE).text
    assert "Aucun chiffre pour cette période" in page
    assert "chaque nuit" in page
    assert "Tableur (CSV)" not in page


def test_a_secretary_has_every_number_of_her_relay_in_a_spreadsheet(
    person, filled
) -> None:
    answer = person(SECRETARY).get(SHEET)
    assert answer.data.startswith(b"\xef\xbb\xbfSemaine;Pris;")
    assert b"\r\n" in answer.data
    lines = lines_of(answer.data)
    titles = lines["Semaine"]
    week = dict(zip(titles, lines["du 20 oct. 2025 au 26 oct. 2025"], strict=True))
    assert week == {
        "Pris": "9",
        "Honorés": "3",
        "Absents": "0",
        "Absents après l'appel": "1",
        "Sans réponse": "1",
        "Borne injoignable": "1",
        "Appel coupé": "1",
        "Annulés": "1",
        "Non clos": "1",
        "Attente médiane (secondes)": "100",
        "Attente, 95 sur 100 (secondes)": "150",
        "Entretien médian (secondes)": "1200",
        "Entretien, 95 sur 100 (secondes)": "1800",
        "Décroché en 60 s (%)": "60,0",
        "Pages imprimées": "12",
        "Pages numérisées": "6",
        "Jugé utile (%)": "50,0",
        "Démarche réglée": "1",
        "Trajets évités": "2",
        "Kilomètres évités": "80,0",
        "Heures de route évitées": "1,6",
        "kg de CO2 évités": "17,4",
    }
    # A week in which nothing happened has its line, and no kilometres are made up.
    empty = dict(zip(titles, lines["du 27 oct. 2025 au 2 nov. 2025"], strict=True))
    assert (empty["Pris"], empty["Kilomètres évités"]) == ("0", "")
    assert lines["Ensemble"] == lines["du 20 oct. 2025 au 26 oct. 2025"]


def test_each_reads_the_figures_of_whom_they_work_for(person, filled) -> None:
    guise = person(NEIGHBOUR)
    assert lines_of(guise.get(SHEET).data)["Ensemble"][:3] == ["1", "0", "1"]
    assert guise.get(f"{PAGE}?{DAYS}&relais=wassigny").status_code == 404
    manager = person(MANAGER)
    lines = lines_of(manager.get(f"{SHEET}&par=relais").data)
    assert lines["Relais de Wassigny"][0] == "8"
    assert lines["Relais de Guise"][0] == "1"
    address = f"{PAGE}?{DAYS}&organisme=sous-prefecture-vervins"
    assert manager.get(address).status_code == 404
    by_organisation = manager.get(f"{SHEET}&par=organisme").data
    assert list(lines_of(by_organisation)) == [
        "Organisme",
        "Mutualité sociale agricole (MSA)",
        "Ensemble",
    ]


def test_who_sees_no_names_is_told_no_small_number(person, filled) -> None:
    for email in (SUPERVISOR, ADMINISTRATOR):
        client = person(email)
        lines = lines_of(client.get(f"{SHEET}&par=relais").data)
        assert lines["Relais de Guise"][0] == "moins de 5"
        # A relay where nothing happened is told in the same words.
        assert lines["Relais de Marly-Gomont"] == lines["Relais de Guise"]
        assert lines["Relais de Wassigny"][0] in ("5", "10")
        assert lines["Relais de Wassigny"][1] == "moins de 5"
        # Of few honoured ones neither times nor pages nor kilometres.
        assert lines["Ensemble"][9:] == [
            *["", "", "", "", ""],
            *["moins de 5", "moins de 5", "", "moins de 5", "moins de 5"],
            *["", "", ""],
        ]
        page = client.get(f"{PAGE}?{DAYS}").text
        assert "Pour que personne ne soit reconnu" in page


def test_the_same_question_is_answered_alike_on_every_page(person, filled) -> None:
    client = person(SUPERVISOR)
    by_relay = lines_of(client.get(f"{SHEET}&par=relais").data)
    narrowed = lines_of(client.get(f"{SHEET}&relais=wassigny").data)
    assert by_relay["Relais de Wassigny"] == narrowed["Ensemble"]


def test_what_was_deleted_keeps_its_figures_without_a_name(
    person, database, filled
) -> None:
    with database.write() as session:
        session.add(
            AppointmentFigures(
                appointment_id=987654,
                day=MONDAY,
                week=MONDAY,
                relay_id=number_of(session, Relay, "wassigny"),
                organisation_id=98765,
                result=Result.HONOURED,
            )
        )
    lines = lines_of(person(SECRETARY).get(f"{SHEET}&par=organisme").data)
    assert lines["(organisme supprimé)"][:2] == ["1", "1"]
    assert lines["Ensemble"][0] == "10"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("du=2025-10-20&au=", "Écrivez les deux dates"),
        ("du=hier&au=2025-10-20", "Écrivez les deux dates"),
        ("du=2025-10-21&au=2025-10-20", "La première date est après la dernière."),
        ("du=2024-10-20&au=2025-10-31", "Choisissez un an au plus."),
        ("du=1024-10-20&au=1024-10-31", "Ces dates ne sont pas possibles."),
    ],
)
def test_days_that_are_no_stretch_are_refused_in_words(person, days, words) -> None:
    client = person(SECRETARY)
    answer = client.get(f"{PAGE}?{days}")
    assert (answer.status_code, words in answer.text) == (422, True)
    for address in ("tableau.csv", "conseil.pdf"):
        assert client.get(f"{PAGE}/{address}?{days}").status_code == 422


def test_the_councils_sheet_is_one_page_in_plain_words(person, filled) -> None:
    answer = person(SECRETARY).get(COUNCIL)
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        [page] = pdf.pages
        assert [round(float(each)) for each in page.mediabox] == [0, 0, 595, 842]
        assert pdf.Root.Lang == "fr"
    words = words_of(answer.data)
    for part in (
        "Relais de Wassigny",
        "du 20 oct. 2025 au 2 nov. 2025",
        "3 rendez-vous honorés",
        "80 kilomètres évités",
        "17 kg de CO2 évités",
        "Pris : 9. Honorés : 3. Annulés : 1.",
        "Mutualité sociale agricole (MSA) 2 sur 8",
        "218 g par kilomètre",
    ):
        assert part in words
    masked = words_of(person(SUPERVISOR).get(f"{COUNCIL}&relais=guise").data)
    assert "moins de 5 rendez-vous honorés" in masked
    assert "Kilomètres, heures et CO2 ne sont pas comptés" in masked
    # What is not known is not told of by a dash in the middle of a sentence.
    nothing = "du=2024-01-01&au=2024-01-07"
    empty = words_of(person(SECRETARY).get(f"{PAGE}/conseil.pdf?{nothing}").data)
    assert "Pris : 0." in empty and "Pages imprimées : 0" in empty
    for sentence in ("La moitié des usagers", "Un conseiller a", "Jugé utile"):
        assert sentence in words and sentence not in empty


def test_the_administrator_says_how_far_it_is_and_who_said_so_is_kept(
    person, database, ground
) -> None:
    client = person(ADMINISTRATOR)
    address = "/administration/relais/guise/distances"
    with database.read() as session:
        guise = number_of(session, Relay, "guise")
        msa = number_of(session, Organisation, MSA)
    form = _form(client, address)
    wrong = client.post(address, data=form | {f"km-{msa}": "loin"})
    assert wrong.status_code == 422
    assert 'value="loin"' in wrong.text
    assert client.post(address, data=form | {f"km-{msa}": " 27 "}).status_code == 303
    # A second click does it once.
    assert client.post(address, data=form | {f"km-{msa}": "28"}).status_code == 303
    with database.read() as session:
        [kept] = session.scalars(select(TravelDistance))
        acts = session.scalars(select(DirectoryAct.act)).all()
    assert (kept.relay_id, kept.organisation_id, kept.kilometres) == (guise, msa, 27)
    assert acts == ["distances_changed"]
    relay = client.get("/administration/relais/guise").text
    assert "1 distance est renseignée" in relay
    assert "distances changées" in relay
    form = _form(client, address)
    client.post(address, data=form | {f"km-{msa}": ""})
    with database.read() as session:
        assert session.scalars(select(TravelDistance)).all() == []


def _form(client, address: str) -> dict[str, str]:
    page = client.get(address).text
    return dict(
        re.findall(
            r'type="hidden" name="(csrf_token|submission)" value="([^"]+)"', page
        )
    )
